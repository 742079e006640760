/**
 * Gives the memory of bytes back at once: left to garbage collection, it would count as the script's for too long. Any other value
 * is ignored. Bytes may be detached already: those of an answer, where the script had no stack left to take them.
 */
export function freeBytes(value: unknown): void {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return;
  if (!value.buffer.detached) value.buffer.transfer(0);
}
