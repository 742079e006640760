import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Two folders up from this file, and from the bundle that it is in. */
const DIRECTORY = fileURLToPath(new URL('../../dist/dashboard', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of the page. */
export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** The files of the page, by the path of their URLs: read once, so that no path of a request reaches the file system. */
export function readStaticFiles(): ReadonlyMap<string, StaticFile> {
  const files = readdirSync(DIRECTORY).map((name): [string, StaticFile] => {
    const bytes = readFileSync(join(DIRECTORY, name));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return [name === 'index.html' ? '/' : `/${name}`, { type, bytes, etag }];
  });
  return new Map(files);
}
