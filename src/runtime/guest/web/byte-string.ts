import { primordials } from './kit.ts';

const { TypeError: SafeTypeError } = primordials;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BYTES = /^[\0-\xff]*$/;
const AROUND = /^[\t\n\r ]+|[\t\n\r ]+$/g;
const NO_VALUE = /[\0\r\n]/;
const REASON = /^[\t \x21-\x7e\x80-\xff]*$/;

/** WebIDL's ByteString: one byte a character. */
export function byteString(value: unknown, what: string): string {
  const text = `${value as string}`;
  if (!BYTES.test(text)) throw new SafeTypeError(`${what}: a character is greater than 255`);
  return text;
}

export const isToken = (text: string): boolean => TOKEN.test(text);

/** Whether a status text is one that HTTP allows. */
export const isReason = (text: string): boolean => REASON.test(text);

/** A header's value without the whitespace around it. */
export const normalizedValue = (value: string): string => value.replace(AROUND, '');

export const isHeaderValue = (value: string): boolean => !NO_VALUE.test(value);
