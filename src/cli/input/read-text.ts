import { readRegularFile, tooLong } from '../../api/regular-file.ts';
import { UsageError } from '../../api/usage-error.ts';

/** Maximum size of a file: a hundred times the largest object of an API server. */
export const MAX_FILE_BYTES = 8 * 2 ** 20;

/**
 * Reads a regular file, or standard input for `-`.
 *
 * @throws UsageError if it cannot be read, exceeds `MAX_FILE_BYTES` or is not text
 */
export async function readText(path: string): Promise<string> {
  const bytes = path === '-' ? await readStdin() : await readRegularFile(path, MAX_FILE_BYTES);
  try {
    // A BOM is kept: positions count it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path}: is not UTF-8`, 'save it as UTF-8');
  }
}

let isStdinRead = false;

async function readStdin(): Promise<Buffer> {
  if (isStdinRead)
    throw new UsageError('standard input is named twice, and can be read once', 'name a file for one of them');
  isStdinRead = true;
  if (process.stdin.isTTY) process.stderr.write('copepod: reading manifests from the terminal; Ctrl-D ends them\n');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_FILE_BYTES) throw tooLong('stdin', MAX_FILE_BYTES);
  }
  return Buffer.concat(chunks);
}
