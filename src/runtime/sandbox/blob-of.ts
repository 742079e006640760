/**
 * What goes beside a message: bytes of the isolate, or a text of it as UTF-8; undefined for any other value. A text of more than `maxBytes`
 * units is too long whatever it says, and is cut.
 */
export function blobOf(value: unknown, maxBytes: number): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return typeof value === 'string' ? Buffer.from(value.slice(0, maxBytes + 1)) : undefined;
}
