import { primordials } from './kit.ts';

const { apply, bufferByteLength } = primordials;

export function isBuffer(value: unknown): value is ArrayBuffer {
  try {
    apply(bufferByteLength, value, []);
    return true;
  } catch {
    return false;
  }
}
