/** The body of a request or response, and the methods that both have for it: the Fetch standard's Body. */
import { MIMEType } from 'whatwg-mimetype';
import { blobOf, bytesOfBlob, isBlob, isBuffer } from './blob.ts';
import { bytesOf } from './encoding.ts';
import { formEntries, formOf, isFormData } from './form-data.ts';
import { bare, defineMethods, port, primordials, usv } from './kit.ts';
import { isReadableStream } from './known-streams.ts';
import { type ByteReader, type ByteSource, type ByteStream, streams } from './lazy-streams.ts';
import { decodeMultipart, encodeMultipart } from './multipart.ts';
import { URLSearchParams } from './url-search-params.ts';
import { copied, cut, decodeUtf8, encodeUtf8, joined } from './utf8.ts';

const { TypeError: SafeTypeError, isView, parse } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;
type Cloning = typeof import('./structured-clone.ts');

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
    else if (isReadableStream(from)) this.#stream = from as ByteStream;
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

/** What a constructor was given as a body, and the type that goes with it. */
export function extractBody(init: unknown): { body: Body; type: string | undefined } {
  if (isReadableStream(init)) {
    const { isDisturbed, isLocked } = streams();
    const stream = init as ByteStream;
    if (isDisturbed(stream) || isLocked(stream))
      throw new SafeTypeError('the stream has been read already, or is locked');
    return { body: new Body(init as ByteStream), type: undefined };
  }
  if (isBlob(init)) return { body: new Body(bytesOfBlob(init)), type: init.type === '' ? undefined : init.type };
  if (isView(init) || isBuffer(init)) return { body: new Body(bytesOf(init) as Bytes), type: undefined };
  if (isFormData(init)) {
    const boundary = `----formdata-copepod-${(port('platform', 'uuid', '') as string).replaceAll('-', '')}`;
    const body = new Body(encodeMultipart(formEntries(init), boundary));
    return { body, type: `multipart/form-data; boundary=${boundary}` };
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
      return blobOf(await read(this), mimeType(bodied(this).contentType)?.toString() ?? '');
    },
    async bytes(): Promise<Bytes> {
      return copied(await read(this));
    },
    async formData(): Promise<unknown> {
      const type = mimeType(bodied(this).contentType);
      const bytes = await read(this);
      if (type?.essence === 'application/x-www-form-urlencoded') {
        // A question mark at the start is taken away: one of the body's own stays.
        const pairs = new URLSearchParams(`?${decodeUtf8(bytes, true)}`) as unknown as Iterable<[string, string]>;
        return formOf([...pairs]);
      }
      const boundary = type?.parameters.get('boundary');
      if (type?.essence === 'multipart/form-data' && boundary !== undefined) {
        return formOf(decodeMultipart(bytes, boundary));
      }
      throw new SafeTypeError('formData: the body is of a type that is no form');
    },
    async json(): Promise<unknown> {
      return parse(decodeUtf8(await read(this)));
    },
    async text(): Promise<string> {
      return decodeUtf8(await read(this));
    },
  });
}

/** The last of several types that can be parsed, with the charset of those before it: the Fetch standard's "extract a MIME type". */
function mimeType(value: string | null): MIMEType | undefined {
  if (value === null) return undefined;
  let last: MIMEType | undefined;
  let charset: string | undefined;
  for (const text of splitTypes(value)) {
    const type = MIMEType.parse(text);
    if (type === null || type.essence === '*/*') continue;
    if (type.essence !== last?.essence) charset = type.parameters.get('charset');
    else if (!type.parameters.has('charset') && charset !== undefined) type.parameters.set('charset', charset);
    last = type;
  }
  return last;
}

/** At commas that stand outside quotes. */
const splitTypes = (value: string): readonly string[] => value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
