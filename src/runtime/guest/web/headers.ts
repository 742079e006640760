import { byteString, isHeaderValue, isToken, normalizedValue } from './byte-string.ts';
import { asArray, asInterface, bare, primordials, requireArguments } from './kit.ts';
import { isIterableBy, pairIterator } from './pair-iterator.ts';

const { TypeError: SafeTypeError, apply, getOwnPropertyDescriptor, iterator, ownKeys } = primordials;

export type Pair = readonly [name: string, value: string];

/** The headers in the order in which they were added, with the names as they were given. */
export let headerPairs: (headers: Headers) => readonly Pair[];
/** Makes headers of pairs that need no check. */
export let headersOf: (pairs: readonly Pair[], isImmutable: boolean) => Headers;
export let isHeaders: (value: unknown) => value is Headers;
let pairsIn: (headers: object) => readonly string[];

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

export class Headers {
  #list: Entry[] = [];
  #isImmutable = false;
  /** Names and values by turns, sorted and combined; made when it is first asked for. */
  #sorted: string[] | undefined;

  static {
    headerPairs = (headers) => headers.#list.map(({ name, value }): Pair => [name, value]);
    headersOf = (pairs, isImmutable) => {
      const headers = new Headers();
      headers.#list = pairs.map(([name, value]) => ({ key: name.toLowerCase(), name, value }));
      headers.#isImmutable = isImmutable;
      return headers;
    };
    pairsIn = (headers) => (headers as Headers).#pairs();
    isHeaders = (value): value is Headers => typeof value === 'object' && value !== null && #list in value;
  }

  constructor(init: unknown = undefined) {
    if (init === undefined) return;
    if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
      throw new SafeTypeError('Headers: the argument is neither a record nor a sequence of pairs');
    }
    for (const [name, value] of pairsOf(init)) this.#append(name, value);
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.append');
    this.#append(byteString(name, 'Headers.append'), byteString(value, 'Headers.append'));
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = keyOf(byteString(name, 'Headers.delete'));
    this.#requireMutable();
    this.#list = this.#list.filter((entry) => entry.key !== key);
    this.#sorted = undefined;
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'Headers.get');
    const key = keyOf(byteString(name, 'Headers.get'));
    const values = this.#list.filter((entry) => entry.key === key).map(({ value }) => value);
    return values.length === 0 ? null : values.join(', ');
  }

  getSetCookie(): string[] {
    return asArray(this.#list.filter(({ key }) => key === 'set-cookie').map(({ value }) => value));
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'Headers.has');
    const key = keyOf(byteString(name, 'Headers.has'));
    return this.#list.some((entry) => entry.key === key);
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.set');
    const given = byteString(name, 'Headers.set');
    const text = normalizedValue(byteString(value, 'Headers.set'));
    const key = keyOf(given);
    requireValue(text);
    this.#requireMutable();
    const at = this.#list.findIndex((entry) => entry.key === key);
    const entry = { key, name: given, value: text };
    if (at < 0) this.#list.push(entry);
    else this.#list = this.#list.filter((each, i) => each.key !== key || i === at).with(at, entry);
    this.#sorted = undefined;
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'Headers.forEach');
    if (typeof callback !== 'function') throw new SafeTypeError('Headers.forEach: the callback is not a function');
    for (let i = 0; i < this.#pairs().length; i += 2) {
      const pairs = this.#pairs();
      apply(callback as () => void, thisArgument, [pairs[i + 1], pairs[i], this]);
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

  #append(name: string, value: string): void {
    const text = normalizedValue(value);
    const key = keyOf(name);
    requireValue(text);
    this.#requireMutable();
    this.#list.push({ key, name, value: text });
    this.#sorted = undefined;
  }

  #requireMutable(): void {
    if (this.#isImmutable) throw new SafeTypeError('the headers are immutable');
  }

  /** As the standard's "sort and combine": each cookie is an entry of its own. */
  #pairs(): readonly string[] {
    if (this.#sorted !== undefined) return this.#sorted;
    const values = new Map<string, string[]>();
    for (const { key, value } of this.#list) {
      const known = values.get(key);
      if (known === undefined) values.set(key, [value]);
      else known.push(value);
    }
    const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#sorted = sorted.flatMap(([key, all]) =>
      key === 'set-cookie' ? all.flatMap((value) => [key, value]) : [key, all.join(', ')],
    );
    return this.#sorted;
  }
}

const iterate = pairIterator('Headers', (headers) => pairsIn(headers));
asInterface(Headers, 'Headers', (headers) => pairsIn(headers));
isIterableBy(Headers, 'entries');

function keyOf(name: string): string {
  if (!isToken(name)) throw new SafeTypeError(`Headers: '${name.slice(0, 100)}' is not the name of a header`);
  return name.toLowerCase();
}

function requireValue(value: string): void {
  if (!isHeaderValue(value)) throw new SafeTypeError('Headers: a value holds a line break or a zero byte');
}

/** WebIDL's HeadersInit: a sequence of pairs, or a record. */
function pairsOf(init: object): Pair[] {
  const method = (init as never)[iterator] as unknown;
  const pairs: Pair[] = [];
  if (method !== undefined && method !== null) {
    if (typeof method !== 'function') throw new SafeTypeError('Headers: the argument is not iterable');
    for (const pair of init as Iterable<unknown>) {
      if ((typeof pair !== 'object' && typeof pair !== 'function') || pair === null) throw notAPair();
      const parts: string[] = bare([]);
      for (const part of pair as Iterable<unknown>) parts[parts.length] = byteString(part, 'Headers');
      if (parts.length !== 2) throw notAPair();
      pairs.push([parts[0] as string, parts[1] as string]);
    }
    return pairs;
  }
  for (const name of ownKeys(init)) {
    if (getOwnPropertyDescriptor(init, name)?.enumerable !== true) continue;
    if (typeof name === 'symbol') throw new SafeTypeError('Headers: a symbol is not the name of a header');
    pairs.push([byteString(name, 'Headers'), byteString((init as Record<string, unknown>)[name], 'Headers')]);
  }
  return pairs;
}

const notAPair = (): Error => new SafeTypeError('Headers: each pair must be an iterable [name, value] tuple');
