/** The body of a request or response, and the methods that both have for it: the Fetch standard's Body. */
import type { Blob } from './blob.ts';
import { bytesOf } from './encoding.ts';
import type { FormData } from './form-data.ts';
import { isBuffer } from './is-buffer.ts';
import { bare, defineMethods, primordials, usv } from './kit.ts';
import { known } from './known.ts';
import { type ByteReader, type ByteSource, type ByteStream, streams } from './lazy-streams.ts';
import { URLSearchParams } from './url-search-params.ts';
import { copied, cut, decodeUtf8, encodeUtf8, joined } from './utf8.ts';

const { TypeError: SafeTypeError, isView, parse } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;
type Cloning = typeof import('./structured-clone.ts');
type Forms = typeof import('./form-body.ts');

/** Bytes of a body that its stream gives at once. */
const CHUNK_BYTES = 64 << 10;

/** A body: bytes that are there, what they come from, or a stream. Its stream is made when something asks for it. */
export class Body {
  /** The bytes, while nothing has asked for the stream of them. Nothing may change them. */
  readonly bytes: Bytes | undefined;
  readonly #source: ByteSource | undefined;
  #stream: ByteStream | undefined;
  #isUsed = false;

  constructor(from: Bytes | ByteStream | ByteSource) {
    if (isView(from)) this.bytes = from as Bytes;
    else if (known.isReadableStream(from)) this.#stream = from as ByteStream;
    else this.#source = from as ByteSource;
  }

  get stream(): ByteStream {
    if (this.#stream === undefined) {
      const { byteReader, byteStream } = streams();
      this.#stream = byteStream(this.#isUsed ? NOTHING : this.#bytesSource());
      if (this.#isUsed) {
        byteReader(this.#stream);
        (this.#stream as unknown as { _disturbed: boolean })._disturbed = true;
      }
    }
    return this.#stream;
  }

  get isUsed(): boolean {
    return this.#stream === undefined ? this.#isUsed : streams().isDisturbed(this.#stream);
  }

  /** Whether it can't be read any more, or is being read. */
  get isUnusable(): boolean {
    return this.isUsed || (this.#stream !== undefined && streams().isLocked(this.#stream));
  }

  /** Takes the body away from what has it: a body of its own, while this one is used. */
  take(): Body {
    this.#requireUsable();
    if (this.#stream === undefined) {
      this.#isUsed = true;
      return new Body((this.bytes ?? this.#source) as Bytes | ByteSource);
    }
    const reader = streams().byteReader(this.#stream);
    (this.#stream as unknown as { _disturbed: boolean })._disturbed = true;
    return new Body(bare({ pull: () => reader.read(), cancel: (reason: unknown) => reader.cancel(reason) }));
  }

  clone(): Body {
    this.#requireUsable();
    if (this.#stream === undefined && this.bytes !== undefined) return new Body(this.bytes);
    // Few bodies are cloned whose chunks are no bytes.
    const cloned = (chunk: unknown): unknown => (require('./structured-clone.ts') as Cloning).clone(chunk, []).value;
    const [ours, theirs] = streams().branches(this.stream, cloned);
    this.#stream = ours;
    return new Body(theirs);
  }

  /** All bytes; nothing may change them. */
  async read(): Promise<Bytes> {
    this.#requireUsable();
    if (this.#stream !== undefined) return streams().readAll(this.#stream);
    this.#isUsed = true;
    if (this.bytes !== undefined) return this.bytes;
    const parts: Bytes[] = [];
    for (;;) {
      const bytes = await (this.#source as ByteSource).pull();
      if (bytes === undefined) return joined(parts);
      parts[parts.length] = bytes;
    }
  }

  /** Reads a body that nothing else has, piece by piece. */
  reader(): ByteReader {
    if (this.#stream !== undefined) return streams().byteReader(this.#stream);
    this.#isUsed = true;
    const source = this.#bytesSource();
    return bare({
      read: async () => source.pull(),
      cancel: async (reason: unknown) => void (await source.cancel?.(reason)),
    });
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.#stream !== undefined) return streams().cancelStream(this.#stream, reason);
    if (this.#isUsed) return;
    this.#isUsed = true;
    await this.#source?.cancel?.(reason);
  }

  #bytesSource(): ByteSource {
    return this.#source ?? sourceOf(this.bytes as Bytes);
  }

  #requireUsable(): void {
    if (this.isUnusable) throw new SafeTypeError('the body has been read already, or is being read');
  }
}

const NOTHING: ByteSource = bare({ pull: () => undefined });

function sourceOf(bytes: Bytes): ByteSource {
  let at = 0;
  return bare({
    pull() {
      if (at >= bytes.length) return undefined;
      const chunk = copied(cut(bytes, at, at + CHUNK_BYTES));
      at += chunk.length;
      return chunk;
    },
  });
}

/** Few bodies are forms or blobs. */
const forms = (): Forms => require('./form-body.ts') as Forms;

/** What a constructor was given as a body, and the type that goes with it. */
export function extractBody(init: unknown): { body: Body; type: string | undefined } {
  if (known.isReadableStream(init)) {
    const { isDisturbed, isLocked } = streams();
    const stream = init as ByteStream;
    if (isDisturbed(stream) || isLocked(stream))
      throw new SafeTypeError('the stream has been read already, or is locked');
    return { body: new Body(init as ByteStream), type: undefined };
  }
  if (known.isBlob(init)) {
    const { bytes, type } = forms().blobParts(init as Blob);
    return { body: new Body(bytes), type };
  }
  if (isView(init) || isBuffer(init)) return { body: new Body(bytesOf(init as ArrayBuffer) as Bytes), type: undefined };
  if (known.isFormData(init)) {
    const { bytes, type } = forms().formParts(init as FormData);
    return { body: new Body(bytes), type };
  }
  if (init instanceof URLSearchParams) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return { body: new Body(encodeUtf8(URLSearchParams.prototype.toString.call(init))), type };
  }
  return { body: new Body(encodeUtf8(usv(init))), type: 'text/plain;charset=UTF-8' };
}

/** What an object with a body is made of. */
export interface Bodied {
  readonly body: Body | null;
  /** The value of its Content-Type header. */
  readonly contentType: string | null;
}

/** Gives an interface the members of Body. @param bodied throws where the object is none of the interface */
export function mixBody(Interface: { readonly prototype: object }, bodied: (value: object) => Bodied): void {
  const read = async (value: object): Promise<Bytes> => {
    const { body } = bodied(value);
    return body === null ? new Uint8Array(0) : body.read();
  };
  defineMethods(Interface.prototype, {
    get body(): ByteStream | null {
      return bodied(this).body?.stream ?? null;
    },
    get bodyUsed(): boolean {
      return bodied(this).body?.isUsed ?? false;
    },
    async arrayBuffer(): Promise<ArrayBuffer> {
      return copied(await read(this)).buffer;
    },
    async blob(): Promise<unknown> {
      return forms().typedBlob(await read(this), bodied(this).contentType);
    },
    async bytes(): Promise<Bytes> {
      return copied(await read(this));
    },
    async formData(): Promise<unknown> {
      const { contentType } = bodied(this);
      return forms().formOfBytes(await read(this), contentType);
    },
    async json(): Promise<unknown> {
      return parse(decodeUtf8(await read(this)));
    },
    async text(): Promise<string> {
      return decodeUtf8(await read(this));
    },
  });
}
