import { bytesOf, typeName } from './bytes-of.ts';
import { asInterface, dictionary, port, primordials, usv } from './kit.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError, Uint8Array: SafeUint8Array } = primordials;
const { apply, bufferTransfer, typedBuffer, typedByteLength, typedSet } = primordials;

export class TextEncoder {
  get encoding(): string {
    return 'utf-8';
  }

  encode(input: unknown = ''): Uint8Array {
    const bytes = port('platform', 'encode', usv(input)) as Uint8Array | undefined;
    if (bytes === undefined) throw tooLong('encode');
    return bytes;
  }

  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    const text = usv(source);
    if (typeName(destination) !== 'Uint8Array')
      throw new SafeTypeError('encodeInto: the destination is not a Uint8Array');
    const room = apply(typedByteLength as () => number, destination, []);
    const answer = port('platform', 'encode-into', text, room) as { read: number; bytes: Uint8Array } | undefined;
    if (answer === undefined) throw tooLong('encodeInto');
    const written = apply(typedByteLength as () => number, answer.bytes, []);
    // A destination whose buffer is gone has no room, and takes not even nothing.
    if (written > 0) apply(typedSet as never, destination, [answer.bytes] as never);
    return { read: answer.read, written };
  }
}

let decoders = 0;

export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #id = 0;

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    const text = `${label as string}`;
    const { fatal, ignoreBOM } = dictionary(options, 'TextDecoder');
    const encoding = port('platform', 'encoding', text) as string | undefined;
    if (encoding === undefined) throw new SafeRangeError(`TextDecoder: the encoding '${text}' is not supported`);
    this.#encoding = encoding;
    this.#fatal = !!fatal;
    this.#ignoreBOM = !!ignoreBOM;
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input: unknown = undefined, options: unknown = undefined): string {
    const { stream } = dictionary(options, 'decode');
    const bytes = input === undefined ? new SafeUint8Array(0) : bytesOf(input);
    let settings = `${this.#encoding},${this.#fatal ? 1 : 0},${this.#ignoreBOM ? 1 : 0}`;
    let text: unknown;
    if (this.#id === 0 && !stream) text = port('platform', 'decode', settings, bytes);
    else {
      if (this.#id === 0) this.#id = ++decoders;
      settings += `,${this.#id},${stream ? 1 : 0}`;
      text = port('platform', 'decode-part', settings, bytes);
      if (!stream) this.#id = 0;
    }
    apply(bufferTransfer as never, apply(typedBuffer as () => ArrayBuffer, bytes, []), [0] as never);
    if (text === null) throw new SafeRangeError('decode: too many decoders are in the middle of a text');
    if (text === undefined) {
      throw this.#fatal
        ? new SafeTypeError(`The encoded data was not valid for encoding ${this.#encoding}`)
        : tooLong('decode');
    }
    return text as string;
  }
}

asInterface(TextEncoder, 'TextEncoder');
asInterface(TextDecoder, 'TextDecoder');

const tooLong = (what: string): Error => new SafeRangeError(`${what}: more than 16777216 characters or bytes at once`);
