/** The body of a request or response, and the methods that both have for it: the Fetch standard's Body. */
import type { Blob } from './blob.ts';
import { bytesOf } from './bytes-of.ts';
import type { FormData } from './form-data.ts';
import type { HeaderList } from './header-list.ts';
import { isBuffer } from './is-buffer.ts';
import { bare, primordials, usv } from './kit.ts';
import { known } from './known.ts';
import { queries } from './later.ts';
import { type ByteReader, type ByteSource, type ByteStream, streams } from './lazy-streams.ts';
import type { URLSearchParams } from './url-search-params.ts';
import { copied, cut, decodeUtf8, joined } from './utf8.ts';
import { type WholeBody, wholeBytes, wholeText } from './whole-body.ts';

const { TypeError: SafeTypeError, isView, parse } = primordials;

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
      return new Body(this.whole, this.#source);
    }
    const reader = streams().byteReader(this.#stream);
    (this.#stream as unknown as { _disturbed: boolean })._disturbed = true;
    const source = bare({ pull: () => reader.read(), cancel: (reason: unknown) => reader.cancel(reason) });
    return new Body(undefined, source);
  }

  clone(): Body {
    this.#requireUsable();
    if (this.#stream === undefined && this.whole !== undefined) return new Body(this.whole);
    // Few bodies are cloned whose chunks are no bytes.
    const cloned = (chunk: unknown): unknown => (require('./structured-clone.ts') as Cloning).clone(chunk, []).value;
    const [ours, theirs] = streams().branches(this.stream, cloned);
    this.#stream = ours;
    return new Body(undefined, undefined, theirs);
  }

  /** All bytes; nothing may change them. */
  async read(): Promise<Bytes> {
    this.#requireUsable();
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
  async readText(): Promise<string> {
    if (this.#stream !== undefined || this.whole === undefined) return decodeUtf8(await this.read());
    this.#requireUsable();
    this.#isUsed = true;
    return this.whole.text();
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
    return this.#source ?? sourceOf((this.whole as WholeBody).bytes());
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
  if (typeof init === 'string') return textBody(usv(init));
  if (known.isReadableStream(init)) {
    const { isDisturbed, isLocked } = streams();
    const stream = init as ByteStream;
    if (isDisturbed(stream) || isLocked(stream))
      throw new SafeTypeError('the stream has been read already, or is locked');
    return { body: new Body(undefined, undefined, stream), type: undefined };
  }
  if (known.isBlob(init)) {
    const { bytes, type } = forms().blobParts(init as Blob);
    return { body: new Body(wholeBytes(bytes)), type };
  }
  if (isView(init) || isBuffer(init))
    return { body: new Body(wholeBytes(bytesOf(init as ArrayBuffer) as Bytes)), type: undefined };
  if (known.isFormData(init)) {
    const { bytes, type } = forms().formParts(init as FormData);
    return { body: new Body(wholeBytes(bytes)), type };
  }
  if (known.isURLSearchParams(init)) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return { body: new Body(wholeText(queries().queryOf(init as URLSearchParams))), type };
  }
  return textBody(usv(init));
}

const textBody = (text: string): { body: Body; type: string } => ({
  body: new Body(wholeText(text)),
  type: 'text/plain;charset=UTF-8',
});

// The methods of requests and responses that read their bodies, if they have one: the Fetch standard's Body.

/** Nothing may change them. */
export const bytesIn = async (body: Body | null): Promise<Bytes> => (body === null ? new Uint8Array(0) : body.read());

export const copyOf = async (body: Body | null): Promise<Bytes> => copied(await bytesIn(body));

export const textIn = async (body: Body | null): Promise<string> => (body === null ? '' : body.readText());

export const valueIn = async (body: Body | null): Promise<unknown> => parse(await textIn(body));

export const blobIn = async (body: Body | null, headers: HeaderList): Promise<Blob> =>
  forms().typedBlob(await bytesIn(body), headers.get('content-type'));

export async function formIn(body: Body | null, headers: HeaderList): Promise<FormData> {
  const contentType = headers.get('content-type');
  return forms().formOfBytes(await bytesIn(body), contentType);
}
