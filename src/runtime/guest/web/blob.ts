import { bytesOf } from './bytes-of.ts';
import { isBuffer } from './is-buffer.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import { type ByteStream, streams } from './lazy-streams.ts';
import { copied, cut, decodeUtf8, encodeUtf8, joined } from './utf8.ts';

const { TypeError: SafeTypeError, apply, isView, iterator, now, trunc } = primordials;

/** Bytes of a blob that its stream gives at once. */
const CHUNK_BYTES = 64 << 10;
const NO_TYPE = /[^\x20-\x7e]/;

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes of a blob themselves: nobody may change them. */
export let bytesOfBlob: (blob: Blob) => Bytes;
export let isBlob: (value: unknown) => value is Blob;
export let isFile: (value: unknown) => value is File;
export let blobOf: (bytes: Bytes, type: string) => Blob;

export class Blob {
  #bytes: Bytes;
  #type: string;

  static {
    bytesOfBlob = (blob) => blob.#bytes;
    isBlob = (value): value is Blob => typeof value === 'object' && value !== null && #bytes in value;
    blobOf = (bytes, type) => {
      const blob = new Blob();
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
  }

  constructor(parts: unknown = undefined, options: unknown = undefined) {
    const list = parts === undefined ? [] : sequence(parts);
    const { endings = 'transparent', type = '' } = dictionary(options, 'Blob');
    const ending = `${endings as string}`;
    if (ending !== 'transparent' && ending !== 'native') {
      throw new SafeTypeError(`Blob: '${ending}' is not a value of EndingType`);
    }
    this.#type = normalizedType(`${type as string}`);
    this.#bytes = joined(list.map((part) => bytesOfPart(part, ending === 'native')));
  }

  get size(): number {
    return this.#bytes.length;
  }

  get type(): string {
    return this.#type;
  }

  slice(start: unknown = 0, end: unknown = this.#bytes.length, type: unknown = ''): Blob {
    const size = this.#bytes.length;
    const from = within(clamped(start), size);
    const to = within(end === undefined ? size : clamped(end), size);
    return blobOf(cut(this.#bytes, from, Math.max(from, to)), normalizedType(`${type as string}`));
  }

  stream(): ByteStream {
    const bytes = this.#bytes;
    let at = 0;
    return streams().byteStream({
      pull() {
        if (at >= bytes.length) return undefined;
        const chunk = copied(cut(bytes, at, at + CHUNK_BYTES));
        at += chunk.length;
        return chunk;
      },
    });
  }

  async text(): Promise<string> {
    return decodeUtf8(this.#bytes);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return copied(this.#bytes).buffer;
  }

  async bytes(): Promise<Bytes> {
    return copied(this.#bytes);
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  static {
    isFile = (value): value is File => typeof value === 'object' && value !== null && #name in value;
  }

  constructor(parts: unknown, name: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 2, 'File');
    if (parts === undefined) throw new SafeTypeError('File: the parts are not iterable');
    const { lastModified } = dictionary(options, 'File');
    super(parts, options);
    this.#name = usv(name);
    this.#lastModified = lastModified === undefined ? now() : integer(lastModified);
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    void this.#name;
    return '';
  }
}

asInterface(Blob, 'Blob');
asInterface(File, 'File');
known.isBlob = isBlob;

/** Names a blob, as the same bytes. */
export function fileOf(blob: Blob, name: string, lastModified?: number): File {
  return new File([blob], name, { type: blob.type, ...(lastModified === undefined ? {} : { lastModified }) });
}

/** WebIDL's sequence of blob parts: each is a text, or something with bytes, as soon as it is read. */
function sequence(value: unknown): (string | object)[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) throw notIterable();
  const method = (value as never)[iterator] as unknown;
  if (typeof method !== 'function') throw notIterable();
  const parts: (string | object)[] = [];
  const once = { [iterator]: () => apply(method as () => Iterator<unknown>, value, []) };
  for (const part of once as unknown as Iterable<unknown>) parts[parts.length] = hasBytes(part) ? part : usv(part);
  return parts;
}

const hasBytes = (part: unknown): part is object => isBlob(part) || isView(part) || isBuffer(part);

const notIterable = (): Error => new SafeTypeError('Blob: the parts are not iterable');

function bytesOfPart(part: string | object, isNative: boolean): Uint8Array {
  if (typeof part === 'string') return encodeUtf8(isNative ? part.replace(/\r\n?|\n/g, '\n') : part);
  return isBlob(part) ? bytesOfBlob(part) : bytesOf(part);
}

const normalizedType = (type: string): string => (NO_TYPE.test(type) ? '' : type.toLowerCase());

const integer = (value: unknown): number => {
  const number = trunc(+(value as number));
  return Number.isFinite(number) ? number + 0 : 0;
};

/** WebIDL's [Clamp] long long: the nearest whole number, of two the even one. */
function clamped(value: unknown): number {
  const number = +(value as number);
  if (Number.isNaN(number)) return 0;
  const rounded = number % 1 === 0.5 || number % 1 === -0.5 ? 2 * Math.round(number / 2) : Math.round(number);
  return Math.min(Math.max(rounded, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

const within = (index: number, size: number): number => (index < 0 ? Math.max(0, size + index) : Math.min(index, size));
