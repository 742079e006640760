/** The Fetch standard's list of headers, which requests and responses have. Its object is made when a script asks for it (headers.ts). */
import { byteString, isHeaderValue, isToken, normalizedValue } from './byte-string.ts';
import { bare, primordials } from './kit.ts';

const { TypeError: SafeTypeError, getOwnPropertyDescriptor, iterator, ownKeys, parse } = primordials;

export type Pair = readonly [name: string, value: string];

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

export class HeaderList {
  /** Pairs that need no check, or JSON of them, until something asks for one of them. */
  #pairs: readonly Pair[] | string | undefined;
  #made: Entry[] | undefined;
  readonly #isImmutable: boolean;
  /** Names and values by turns, sorted and combined; made when it is first asked for. */
  #sorted: string[] | undefined;

  /** @param pairs that need no check, or JSON of them */
  constructor(pairs: readonly Pair[] | string | undefined, isImmutable = false) {
    this.#pairs = pairs;
    this.#isImmutable = isImmutable;
  }

  /** The headers in the order in which they were added, with the names as they were given. */
  get pairs(): readonly Pair[] {
    return this.#given ?? (this.#made ?? []).map(({ name, value }): Pair => [name, value]);
  }

  append(name: string, value: string): void {
    const text = normalizedValue(value);
    const key = keyOf(name);
    requireValue(text);
    this.#requireMutable();
    const entries = this.#entries;
    entries.push({ key, name, value: text });
    this.#become(entries);
  }

  /** Adds a header of the platform's own, unless there is one of that name. */
  complete(name: string, value: string): void {
    if (this.#pairs === undefined && this.#made === undefined) this.#pairs = [[name, value]];
    else if (!this.has(name)) this.append(name, value);
  }

  delete(name: string): void {
    const key = keyOf(name);
    this.#requireMutable();
    this.#become(this.#entries.filter((entry) => entry.key !== key));
  }

  get(name: string): string | null {
    const key = keyOf(name);
    const values = this.#entries.filter((entry) => entry.key === key).map(({ value }) => value);
    return values.length === 0 ? null : values.join(', ');
  }

  get cookies(): string[] {
    return this.#entries.filter(({ key }) => key === 'set-cookie').map(({ value }) => value);
  }

  has(name: string): boolean {
    const key = keyOf(name);
    return this.#entries.some((entry) => entry.key === key);
  }

  set(name: string, value: string): void {
    const text = normalizedValue(value);
    const key = keyOf(name);
    requireValue(text);
    this.#requireMutable();
    const entries = this.#entries;
    const at = entries.findIndex((entry) => entry.key === key);
    const entry = { key, name, value: text };
    if (at < 0) entries.push(entry);
    this.#become(at < 0 ? entries : entries.filter((each, i) => each.key !== key || i === at).with(at, entry));
  }

  /** As the standard's "sort and combine": each cookie is an entry of its own. */
  get sorted(): readonly string[] {
    if (this.#sorted !== undefined) return this.#sorted;
    const values = new Map<string, string[]>();
    for (const { key, value } of this.#entries) {
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

  get #given(): readonly Pair[] | undefined {
    if (typeof this.#pairs === 'string') this.#pairs = parse(this.#pairs) as Pair[];
    return this.#pairs;
  }

  get #entries(): Entry[] {
    this.#made ??= (this.#given ?? []).map(([name, value]) => ({ key: name.toLowerCase(), name, value }));
    return this.#made;
  }

  #requireMutable(): void {
    if (this.#isImmutable) throw new SafeTypeError('the headers are immutable');
  }

  #become(entries: Entry[]): void {
    this.#pairs = undefined;
    this.#made = entries;
    this.#sorted = undefined;
  }
}

function keyOf(name: string): string {
  if (!isToken(name)) throw new SafeTypeError(`Headers: '${name.slice(0, 100)}' is not the name of a header`);
  return name.toLowerCase();
}

function requireValue(value: string): void {
  if (!isHeaderValue(value)) throw new SafeTypeError('Headers: a value holds a line break or a zero byte');
}

/** The list that a script gives: a sequence of pairs, or a record. @throws TypeError for any other value */
export function headerListOf(init: unknown): HeaderList {
  const list = new HeaderList(undefined);
  if (init === undefined) return list;
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
    throw new SafeTypeError('Headers: the argument is neither a record nor a sequence of pairs');
  }
  for (const [name, value] of pairsOf(init)) list.append(name, value);
  return list;
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
