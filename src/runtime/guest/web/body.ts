/** The body of a request or response, and the methods that both have for it: the Fetch standard's Body. */
import type { Blob } from './blob.ts';
import type { FormData } from './form-data.ts';
import type { HeaderList } from './header-list.ts';
import { bare, primordials } from './kit.ts';
import { type ByteReader, type ByteSource, type ByteStream, streams } from './lazy-streams.ts';
import { copied, cut, decodeUtf8, joined } from './utf8.ts';
import { type WholeBody, wholeText } from './whole-body.ts';

const { TypeError: SafeTypeError } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;
type Cloning = typeof import('./structured-clone.ts');
type Forms = typeof import('./form-body.ts');

/** Bytes of a body that its stream gives at once. */
const CHUNK_BYTES = 64 << 10;

/** A body: one that is there whole, what its bytes come from, or a stream. Its stream is made when something asks for it. */
export class Body {
  /** Undefined: it is not there whole. */
  readonly whole: WholeBody | undefined;
  readonly #source: ByteSource | undefined;
  #stream: ByteStream | undefined;
  #isUsed = false;

  constructor(whole: WholeBody | undefined, source?: ByteSource, stream?: ByteStream) {
    this.whole = whole;
    this.#source = source;
    this.#stream = stream;
  }

  get stream(): ByteStream {
    if (this.#stream === undefined) {
      const { byteReader, byteStream } = streams();
      this.#stream = byteStream(this.#isUsed ? NOTHING : bytesSource(this.whole, this.#source));
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
    requireUsable(this);
    if (this.#stream === undefined) {
      this.#isUsed = true;
      return new Body(this.whole, this.#source);
    }
    const reader = streams().byteReader(this.#stream);
    (this.#stream as unknown as { _disturbed: boolean })._disturbed = true;
    const source = bare({ pull: () => reader.read(), cancel: (reason: unknown) => reader.cancel(reason) });
    return new Body(undefined, source);
  }

  clone(): Body {
    requireUsable(this);
    if (this.#stream === undefined && this.whole !== undefined) return new Body(this.whole);
    // Few bodies are cloned whose chunks are no bytes.
    const cloned = (chunk: unknown): unknown => (require('./structured-clone.ts') as Cloning).clone(chunk, []).value;
    const [ours, theirs] = streams().branches(this.stream, cloned);
    this.#stream = ours;
    return new Body(undefined, undefined, theirs);
  }

  /** All bytes; nothing may change them. */
  async read(): Promise<Bytes> {
    requireUsable(this);
    if (this.#stream !== undefined) return streams().readAll(this.#stream);
    this.#isUsed = true;
    if (this.whole !== undefined) return this.whole.bytes();
    const parts: Bytes[] = [];
    for (;;) {
      const bytes = await (this.#source as ByteSource).pull();
      if (bytes === undefined) return joined(parts);
      parts[parts.length] = bytes;
    }
  }

  /** All bytes as UTF-8, without a byte order mark. */
  readText(): string | Promise<string> {
    if (this.#stream !== undefined || this.whole === undefined) return textOf(this);
    requireUsable(this);
    this.#isUsed = true;
    return this.whole.text();
  }

  /** Reads a body that nothing else has, piece by piece. */
  reader(): ByteReader {
    if (this.#stream !== undefined) return streams().byteReader(this.#stream);
    this.#isUsed = true;
    const source = bytesSource(this.whole, this.#source);
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
}

const textOf = async (body: Body): Promise<string> => decodeUtf8(await body.read());

/** What the bytes of a body that is no stream come from. */
const bytesSource = (whole: WholeBody | undefined, source: ByteSource | undefined): ByteSource =>
  source ?? sourceOf((whole as WholeBody).bytes());

function requireUsable(body: Body): void {
  if (body.isUnusable) throw new SafeTypeError('the body has been read already, or is being read');
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

/** Few bodies are read as forms or blobs. */
const forms = (): Forms => require('./form-body.ts') as Forms;

/** A body, and the type that goes with it. */
export interface TypedBody {
  readonly body: Body;
  readonly type: string | undefined;
}

/** @param text without lone surrogates */
export const textBody = (text: string): TypedBody => ({
  body: new Body(wholeText(text)),
  type: 'text/plain;charset=UTF-8',
});

// The methods of requests and responses that read their bodies, if they have one: the Fetch standard's Body.

/** Nothing may change them. */
export const bytesIn = async (body: Body | null): Promise<Bytes> => (body === null ? new Uint8Array(0) : body.read());

export const copyOf = async (body: Body | null): Promise<Bytes> => copied(await bytesIn(body));

export const textIn = (body: Body | null): string | Promise<string> => (body === null ? '' : body.readText());

export const blobIn = async (body: Body | null, headers: HeaderList): Promise<Blob> =>
  forms().typedBlob(await bytesIn(body), headers.get('content-type'));

export async function formIn(body: Body | null, headers: HeaderList): Promise<FormData> {
  const contentType = headers.get('content-type');
  return forms().formOfBytes(await bytesIn(body), contentType);
}
