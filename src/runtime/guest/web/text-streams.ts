import { bytesOf } from './bytes-of.ts';
import { TextDecoder } from './encoding.ts';
import { asInterface, sliceOf } from './kit.ts';
import { type ReadableStream, TransformStream, type WritableStream } from './streams.ts';
import { encodeUtf8 } from './utf8.ts';

/** Encodes texts as they are written; a surrogate pair may be cut in two. */
export class TextEncoderStream {
  readonly #transform: TransformStream;

  constructor() {
    let pending = '';
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        const text = `${pending}${chunk as string}`;
        const last = text.charCodeAt(text.length - 1);
        const isCut = last >= 0xd800 && last <= 0xdbff;
        pending = isCut ? sliceOf(text, text.length - 1) : '';
        const whole = isCut ? sliceOf(text, 0, text.length - 1) : text;
        if (whole !== '') controller.enqueue(encodeUtf8(whole.toWellFormed()));
      },
      flush(controller) {
        if (pending !== '') controller.enqueue(encodeUtf8('\ufffd'));
      },
    });
  }

  get encoding(): string {
    void this.#transform;
    return 'utf-8';
  }

  get readable(): ReadableStream {
    return this.#transform.readable;
  }

  get writable(): WritableStream {
    return this.#transform.writable;
  }
}

/** Decodes bytes as they are written. */
export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: TransformStream;

  constructor(label: unknown = undefined, options: unknown = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        const text = decoder.decode(bytesOf(chunk), { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }

  get readable(): ReadableStream {
    return this.#transform.readable;
  }

  get writable(): WritableStream {
    return this.#transform.writable;
  }
}

asInterface(TextEncoderStream, 'TextEncoderStream');
asInterface(TextDecoderStream, 'TextDecoderStream');
