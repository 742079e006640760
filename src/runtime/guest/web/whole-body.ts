/** Bodies that are there whole, as text or as bytes: each is made of the other when something asks for it. */
import { port, sliceOf } from './kit.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface WholeBody {
  /** Nothing may change them. */
  bytes(): Bytes;
  /** What the bytes say in UTF-8, without a byte order mark. */
  text(): string;
  /** The text that the bytes are made of. */
  readonly source: string | undefined;
}

export const wholeBytes = (bytes: Bytes): WholeBody =>
  ({ __proto__: null, bytes: () => bytes, text: () => decodeUtf8(bytes), source: undefined }) as WholeBody;

/** @param source without lone surrogates */
export function wholeText(source: string): WholeBody {
  let made: Bytes | undefined;
  const bytes = (): Bytes => {
    made ??= encodeUtf8(source);
    return made;
  };
  const text = (): string => (source[0] === MARK ? sliceOf(source, 1) : source);
  return { __proto__: null, bytes, text, source } as WholeBody;
}

const MARK = '\ufeff';

/**
 * The body of the request that a web handler is to answer. The sandbox process has it.
 * @param isKept whether the module stays evaluated: the next request has another body, but the script may still have this one
 */
export function wholeOfRequest(isKept: boolean): WholeBody {
  if (isKept) return wholeBytes(port('request-bytes'));
  let made: Bytes | undefined;
  const bytes = (): Bytes => {
    made ??= port('request-bytes');
    return made;
  };
  return { __proto__: null, bytes, text: () => port('request-text'), source: undefined } as WholeBody;
}
