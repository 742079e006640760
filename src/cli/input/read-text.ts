import { readFile } from 'node:fs/promises';
import { UsageError, unreadable } from '../../api/usage-error.ts';

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws UsageError where it cannot be read or is no text
 */
export async function readText(path: string): Promise<string> {
  const bytes = path === '-' ? await readStdin() : await readBytes(path);
  try {
    // A BOM stays: it is part of what positions count.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path}: is not UTF-8`, 'save it as UTF-8');
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readStdin(): Promise<Buffer> {
  if (process.stdin.isTTY) process.stderr.write('copepod: reading manifests from the terminal; Ctrl-D ends them\n');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
