/**
 * Texts in the blob of a frame: source, code and maps, and bytes between them. What has no character beyond U+00FF takes
 * a byte for each; anything else is UTF-16, which keeps half characters as they are.
 */
export type Part = readonly [bytes: number, encoding: 'latin1' | 'utf16le' | 'bytes'];

/** Puts texts and bytes behind each other, in a buffer of their own: one out of Node's pool would keep more memory alive. */
export function packParts(values: readonly (string | Buffer)[]): { parts: Part[]; blob: Buffer } {
  const parts = values.map(partOf);
  const blob = Buffer.allocUnsafeSlow(parts.reduce((sum, [bytes]) => sum + bytes, 0));
  let offset = 0;
  for (const [i, value] of values.entries()) {
    const [bytes, encoding] = parts[i] as Part;
    if (typeof value === 'string') blob.write(value, offset, encoding as BufferEncoding);
    else value.copy(blob, offset);
    offset += bytes;
  }
  return { parts, blob };
}

function partOf(value: string | Buffer): Part {
  if (typeof value !== 'string') return [value.length, 'bytes'];
  return isLatin1(value) ? [value.length, 'latin1'] : [2 * value.length, 'utf16le'];
}

const BEYOND_LATIN1 = /[^\0-\xff]/;
const isLatin1 = (text: string): boolean => !BEYOND_LATIN1.test(text);

/** Takes them apart again; bytes are views. @throws RangeError if the blob is shorter than its parts */
export function unpackParts(parts: readonly Part[], blob: Buffer): (string | Buffer)[] {
  let offset = 0;
  const values = parts.map(([bytes, encoding]) => {
    const chunk = blob.subarray(offset, offset + bytes);
    if (chunk.length !== bytes) throw new RangeError('a blob is shorter than what it should hold');
    offset += bytes;
    return encoding === 'bytes' ? chunk : chunk.toString(encoding);
  });
  return values;
}

const ENCODINGS: ReadonlySet<unknown> = new Set(['latin1', 'utf16le', 'bytes']);

export const isPart = (value: unknown): value is Part =>
  Array.isArray(value) &&
  value.length === 2 &&
  Number.isSafeInteger(value[0]) &&
  (value[0] as number) >= 0 &&
  ENCODINGS.has(value[1]);
