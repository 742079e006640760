import { posix } from 'node:path';
import { safeName } from '../wire/file-name.ts';

/** A source without the source map at its end. */
export interface WithoutMap {
  readonly code: string;
  /** Source map as JSON: version, sources and mappings; undefined if the source has none that can be read. */
  readonly map: string | undefined;
}

const LINE = '\n//# sourceMappingURL=';
const DATA = /^data:application\/json(?:;charset=[\w-]+)?(;base64)?,(\S+)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Where a bundler has put a file: `webpack:///./src/a.ts`. */
const SCHEME = /^[a-z][a-z0-9+.-]+:\/*/i;

/**
 * Takes the source map from the last line of a source, a `data:` URL as bundlers write it (ECMA-426). What is no map stays
 * a comment. The names of the author's files are resolved from the name of the file, and made fit for a stack.
 */
export function takeInlineMap(source: string, fileName: string): WithoutMap {
  const without: WithoutMap = { code: source, map: undefined };
  const end = source.trimEnd();
  const at = end.lastIndexOf('\n');
  if (!end.startsWith(LINE, at)) return without;
  const [, base64, data = ''] = DATA.exec(end.slice(at + LINE.length)) ?? [];
  if (data === '' || (base64 !== undefined && !BASE64.test(data))) return without;
  try {
    const text = base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString();
    const map = checked(JSON.parse(text), posix.dirname(fileName));
    return map === undefined ? without : { code: source.slice(0, at + 1), map };
  } catch {
    return without;
  }
}

function checked(json: unknown, folder: string): string | undefined {
  const { version, sources, sourceRoot, mappings } = json as Record<string, unknown>;
  if (version !== 3 || !Array.isArray(sources) || typeof mappings !== 'string') return undefined;
  const root = typeof sourceRoot === 'string' && sourceRoot !== '' ? `${sourceRoot}/` : '';
  const names = sources.map((each) => (typeof each === 'string' ? authorsName(`${root}${each}`, folder) : ''));
  return JSON.stringify({ version, sources: names, names: [], mappings });
}

function authorsName(source: string, folder: string): string {
  const path = source.replace(SCHEME, '');
  return safeName(path.startsWith('/') ? posix.normalize(path) : posix.join(folder, path));
}
