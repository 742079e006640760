import { port, primordials, sliceOf } from './kit.ts';

const { Uint8Array: SafeUint8Array, apply, textCharCodeAt, typedByteLength, typedSet, typedSubarray } = primordials;

/** What the sandbox process converts at once, in characters or bytes. */
const PART = 8 << 20;
let decodings = 0;

/** The bytes of a text of any length. @param text without lone surrogates */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  if (text.length <= PART) return port('platform', 'encode', text) as Uint8Array<ArrayBuffer>;
  const parts: Uint8Array[] = [];
  for (let from = 0; from < text.length; ) {
    let to = from + PART;
    if (isHighSurrogate(apply(textCharCodeAt, text, [to - 1]) as number)) to--;
    parts[parts.length] = port('platform', 'encode', sliceOf(text, from, to)) as Uint8Array;
    from = to;
  }
  return joined(parts);
}

/**
 * The text of bytes of any length. Bytes that are no UTF-8 give U+FFFD.
 * @param keepsMark whether a byte order mark at the start is part of the text
 */
export function decodeUtf8(bytes: Uint8Array, keepsMark = false): string {
  const length = apply(typedByteLength as () => number, bytes, []);
  const settings = `utf-8,0,${keepsMark ? 1 : 0}`;
  if (length <= PART) return port('platform', 'decode', settings, cut(bytes, 0, length)) as string;
  const decoder = `${settings},whole${++decodings}`;
  let text = '';
  for (let from = 0; from < length; from += PART) {
    const isLast = from + PART >= length;
    text += port('platform', 'decode-part', `${decoder},${isLast ? 0 : 1}`, cut(bytes, from, from + PART)) as string;
  }
  return text;
}

/** One array of bytes out of several. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += apply(typedByteLength as () => number, parts[i], []);
  const bytes = new SafeUint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    apply(typedSet as never, bytes, [parts[i], at] as never);
    at += apply(typedByteLength as () => number, parts[i], []);
  }
  return bytes;
}

/** Without copying. */
export const cut = (bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> =>
  apply(typedSubarray as never, bytes, [from, to] as never);

export function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined([bytes]);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
