import { primordials } from './kit.ts';

const { TypeError: SafeTypeError, Uint8Array: SafeUint8Array, apply, bufferByteLength, isView } = primordials;
const { typedBuffer, typedByteLength, typedByteOffset, typedName, typedSet } = primordials;
const { viewBuffer, viewByteLength, viewByteOffset } = primordials;

/** Name of a typed array's class; undefined of any other value. */
export const typeName = (value: unknown): unknown => apply(typedName, value, []);

/** A copy of the bytes of a buffer or of a view of one. */
export function bytesOf(value: unknown): Uint8Array {
  const view = viewOf(value);
  const copy = new SafeUint8Array(apply(typedByteLength as () => number, view, []));
  apply(typedSet as never, copy, [view] as never);
  return copy;
}

/** The bytes of a buffer or of a view of one, themselves. */
function viewOf(value: unknown): Uint8Array {
  if (!isView(value)) {
    try {
      return new SafeUint8Array(value as ArrayBuffer, 0, apply(bufferByteLength as () => number, value, []));
    } catch {
      throw new SafeTypeError('the value is neither an ArrayBuffer nor a view of one');
    }
  }
  const isTyped = typeName(value) !== undefined;
  const buffer = apply((isTyped ? typedBuffer : viewBuffer) as () => ArrayBuffer, value, []);
  const offset = apply((isTyped ? typedByteOffset : viewByteOffset) as () => number, value, []);
  const length = apply((isTyped ? typedByteLength : viewByteLength) as () => number, value, []);
  return new SafeUint8Array(buffer, offset, length);
}
