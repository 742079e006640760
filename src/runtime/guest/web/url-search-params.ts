import { asArray, asInterface, bare, port, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import { isIterableBy, pairIterator } from './pair-iterator.ts';

const {
  TypeError: SafeTypeError,
  apply,
  getOwnPropertyDescriptor,
  iterator,
  ownKeys,
  parse,
  sort,
  stringify,
} = primordials;
const { textSlice } = primordials;

/** Names and values by turns. */
type Pairs = string[];

/** The parameters of a URL, which hears of each change. */
export let paramsOf: (query: string, onChange: (query: string) => void) => URLSearchParams;
/** Gives the parameters of a URL another query. */
export let replaceQuery: (params: URLSearchParams, query: string) => void;

let pairsOf: (params: URLSearchParams) => Pairs;

/** The query of parameters, whatever a script has made of their `toString`. */
export const queryOf = (params: URLSearchParams): string =>
  port('platform', 'query-text', stringify(pairsOf(params))) as string;

export class URLSearchParams {
  #pairs: Pairs = bare([]);
  #onChange: ((query: string) => void) | undefined;

  static {
    paramsOf = (query, onChange) => {
      const params = new URLSearchParams(query);
      params.#onChange = onChange;
      return params;
    };
    replaceQuery = (params, query) => {
      params.#pairs = pairsOfText(query);
    };
    pairsOf = (params) => params.#pairs;
    known.isURLSearchParams = (value) => typeof value === 'object' && value !== null && #pairs in value;
  }

  constructor(init: unknown = '') {
    if ((typeof init === 'object' && init !== null) || typeof init === 'function') this.#pairs = pairsOfObject(init);
    else this.#pairs = pairsOfText(usv(init));
  }

  get size(): number {
    return this.#pairs.length / 2;
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'append');
    add(this.#pairs, usv(name), usv(value));
    this.#changed();
  }

  delete(name: unknown, value: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'delete');
    const key = usv(name);
    const only = value === undefined ? undefined : usv(value);
    this.#pairs = filtered(this.#pairs, (k, v) => k !== key || (only !== undefined && v !== only));
    this.#changed();
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'get');
    const key = usv(name);
    for (let i = 0; i < this.#pairs.length; i += 2) if (this.#pairs[i] === key) return this.#pairs[i + 1] as string;
    return null;
  }

  getAll(name: unknown): string[] {
    requireArguments(arguments.length, 1, 'getAll');
    const key = usv(name);
    const values: string[] = bare([]);
    for (let i = 0; i < this.#pairs.length; i += 2) {
      if (this.#pairs[i] === key) values[values.length] = this.#pairs[i + 1] as string;
    }
    return asArray(values);
  }

  has(name: unknown, value: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'has');
    const key = usv(name);
    const only = value === undefined ? undefined : usv(value);
    for (let i = 0; i < this.#pairs.length; i += 2) {
      if (this.#pairs[i] === key && (only === undefined || this.#pairs[i + 1] === only)) return true;
    }
    return false;
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'set');
    const key = usv(name);
    const text = usv(value);
    let isSet = false;
    const kept: Pairs = bare([]);
    for (let i = 0; i < this.#pairs.length; i += 2) {
      if (this.#pairs[i] !== key) add(kept, this.#pairs[i] as string, this.#pairs[i + 1] as string);
      else if (!isSet) {
        add(kept, key, text);
        isSet = true;
      }
    }
    if (!isSet) add(kept, key, text);
    this.#pairs = kept;
    this.#changed();
  }

  sort(): void {
    const list: [string, string][] = bare([]);
    for (let i = 0; i < this.#pairs.length; i += 2) {
      list[list.length] = bare([this.#pairs[i] as string, this.#pairs[i + 1] as string]);
    }
    apply(sort as (...args: never[]) => unknown, list, [byName]);
    const sorted: Pairs = bare([]);
    for (let i = 0; i < list.length; i++) add(sorted, list[i]?.[0] as string, list[i]?.[1] as string);
    this.#pairs = sorted;
    this.#changed();
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'forEach');
    if (typeof callback !== 'function') throw new SafeTypeError('forEach: the callback is not a function');
    for (let i = 0; i < this.#pairs.length; i += 2) {
      apply(callback as () => void, thisArgument, [this.#pairs[i + 1], this.#pairs[i], this]);
    }
  }

  entries(): IterableIterator<unknown> {
    return iterate(this, 'entry');
  }

  keys(): IterableIterator<unknown> {
    return iterate(this, 'key');
  }

  values(): IterableIterator<unknown> {
    return iterate(this, 'value');
  }

  toString(): string {
    return queryOf(this);
  }

  #changed(): void {
    this.#onChange?.(this.#pairs.length === 0 ? '' : this.toString());
  }
}

const iterate = pairIterator('URLSearchParams', (params) => pairsOf(params as URLSearchParams));
asInterface(URLSearchParams, 'URLSearchParams', (params) => pairsOf(params as URLSearchParams));
isIterableBy(URLSearchParams, 'entries');

const byName = (a: readonly string[], b: readonly string[]): number =>
  (a[0] as string) < (b[0] as string) ? -1 : a[0] === b[0] ? 0 : 1;

function add(pairs: Pairs, name: string, value: string): void {
  pairs[pairs.length] = name;
  pairs[pairs.length] = value;
}

function filtered(pairs: Pairs, keeps: (name: string, value: string) => boolean): Pairs {
  const kept: Pairs = bare([]);
  for (let i = 0; i < pairs.length; i += 2) {
    if (keeps(pairs[i] as string, pairs[i + 1] as string)) add(kept, pairs[i] as string, pairs[i + 1] as string);
  }
  return kept;
}

function pairsOfText(text: string): Pairs {
  const query = text[0] === '?' ? (apply(textSlice, text, [1]) as string) : text;
  // Of what follows a question mark, Node takes another away.
  return query === '' ? bare([]) : bare(parse(port('platform', 'query-pairs', `?${query}`) as string) as Pairs);
}

function pairsOfObject(init: object): Pairs {
  const pairs: Pairs = bare([]);
  const method = (init as never)[iterator] as unknown;
  if (method !== undefined && method !== null) {
    if (typeof method !== 'function') throw new SafeTypeError('URLSearchParams: the value is not iterable');
    for (const pair of init as Iterable<unknown>) {
      if ((typeof pair !== 'object' && typeof pair !== 'function') || pair === null) throw notAPair();
      const parts: string[] = bare([]);
      for (const part of pair as Iterable<unknown>) parts[parts.length] = usv(part);
      if (parts.length !== 2) throw notAPair();
      add(pairs, parts[0] as string, parts[1] as string);
    }
    return pairs;
  }
  const names = ownKeys(init);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (getOwnPropertyDescriptor(init, name)?.enumerable !== true) continue;
    const key = usv(name);
    const value = usv((init as Record<string, unknown>)[name]);
    let at = 0;
    while (at < pairs.length && pairs[at] !== key) at += 2;
    if (at < pairs.length) pairs[at + 1] = value;
    else add(pairs, key, value);
  }
  return pairs;
}

const notAPair = (): Error => new SafeTypeError('URLSearchParams: each pair must be an iterable [name, value] tuple');
