import { byteString } from './byte-string.ts';
import { type HeaderList, headerListOf } from './header-list.ts';
import { asArray, asInterface, primordials, requireArguments } from './kit.ts';
import { known } from './known.ts';
import { isIterableBy, pairIterator } from './pair-iterator.ts';

const { TypeError: SafeTypeError, apply } = primordials;

/** The headers of a request or response, which has the same list. */
export let headersOf: (list: HeaderList) => Headers;
/** The list of headers. */
export let listOf: (headers: Headers) => HeaderList;

export class Headers {
  #list: HeaderList;

  static {
    headersOf = (list) => {
      const headers = new Headers();
      headers.#list = list;
      return headers;
    };
    listOf = (headers) => headers.#list;
    known.isHeaders = (value) => typeof value === 'object' && value !== null && #list in value;
  }

  constructor(init: unknown = undefined) {
    this.#list = headerListOf(init);
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.append');
    this.#list.append(byteString(name, 'Headers.append'), byteString(value, 'Headers.append'));
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'Headers.delete');
    this.#list.delete(byteString(name, 'Headers.delete'));
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'Headers.get');
    return this.#list.get(byteString(name, 'Headers.get'));
  }

  getSetCookie(): string[] {
    return asArray(this.#list.cookies);
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'Headers.has');
    return this.#list.has(byteString(name, 'Headers.has'));
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.set');
    this.#list.set(byteString(name, 'Headers.set'), byteString(value, 'Headers.set'));
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'Headers.forEach');
    if (typeof callback !== 'function') throw new SafeTypeError('Headers.forEach: the callback is not a function');
    for (let i = 0; i < this.#list.sorted.length; i += 2) {
      const { sorted } = this.#list;
      apply(callback as () => void, thisArgument, [sorted[i + 1], sorted[i], this]);
    }
  }

  keys(): IterableIterator<unknown> {
    return iterate(this, 'key');
  }

  values(): IterableIterator<unknown> {
    return iterate(this, 'value');
  }

  entries(): IterableIterator<unknown> {
    return iterate(this, 'entry');
  }
}

const sortedOf = (headers: object): readonly string[] => listOf(headers as Headers).sorted;
const iterate = pairIterator('Headers', sortedOf);
asInterface(Headers, 'Headers', sortedOf);
isIterableBy(Headers, 'entries');
