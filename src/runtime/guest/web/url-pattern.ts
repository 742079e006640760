import { asArray, asInterface, bare, port, primordials, usv } from './kit.ts';

const { parse, stringify, TypeError: SafeTypeError } = primordials;

const PARTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;
type Part = (typeof PARTS)[number];
type Parts = Readonly<Record<Part, string>> & { readonly hasRegExpGroups: boolean };
type Input = string | Record<string, string>;

interface Match {
  readonly input: string;
  readonly groups: Record<string, string | null | undefined>;
}

export class URLPattern {
  readonly #pattern: object;
  readonly #parts: Parts;

  constructor(input: unknown = {}, baseOrOptions: unknown = undefined, options: unknown = undefined) {
    const isOptions = (typeof baseOrOptions === 'object' && baseOrOptions !== null) || baseOrOptions === undefined;
    const base = isOptions ? undefined : usv(baseOrOptions);
    const { ignoreCase } = ((isOptions ? baseOrOptions : options) ?? {}) as { ignoreCase?: unknown };
    const init = inputFrom(input);
    if (base !== undefined && typeof init !== 'string')
      throw new SafeTypeError('URLPattern: a base URL goes with a string');
    this.#pattern = { init, base, ignoreCase: !!ignoreCase };
    const answer = ask({ op: 'read', pattern: this.#pattern });
    if (answer === undefined) throw new SafeTypeError('URLPattern: the pattern is not right');
    this.#parts = answer as Parts;
  }

  test(input: unknown = {}, base: unknown = undefined): boolean {
    return this.#match('test', input, base) === true;
  }

  exec(input: unknown = {}, base: unknown = undefined): object | null {
    const result = this.#match('exec', input, base) as Record<string, Match> | null | undefined;
    if (result === null || result === undefined) return null;
    for (const part of PARTS) {
      const { groups } = result[part] as Match;
      for (const name of Object.keys(groups)) if (groups[name] === null) groups[name] = undefined;
    }
    const inputs = asArray(bare(base === undefined ? [inputFrom(input)] : [inputFrom(input), usv(base)]));
    return { ...result, inputs };
  }

  #match(op: 'test' | 'exec', input: unknown, base: unknown): unknown {
    const given = inputFrom(input);
    if (base !== undefined && typeof given !== 'string')
      throw new SafeTypeError('URLPattern: a base URL goes with a string');
    return ask({ op, pattern: this.#pattern, input: given, base: base === undefined ? undefined : usv(base) });
  }

  get protocol(): string {
    return this.#parts.protocol;
  }

  get username(): string {
    return this.#parts.username;
  }

  get password(): string {
    return this.#parts.password;
  }

  get hostname(): string {
    return this.#parts.hostname;
  }

  get port(): string {
    return this.#parts.port;
  }

  get pathname(): string {
    return this.#parts.pathname;
  }

  get search(): string {
    return this.#parts.search;
  }

  get hash(): string {
    return this.#parts.hash;
  }

  get hasRegExpGroups(): boolean {
    return this.#parts.hasRegExpGroups;
  }
}

asInterface(URLPattern, 'URLPattern');

function ask(request: object): unknown {
  const answer = port('platform', 'url-pattern', stringify(request)) as string | undefined;
  return answer === undefined ? undefined : parse(answer);
}

/** WebIDL's URLPatternInput: a string, or a dictionary of parts. */
function inputFrom(input: unknown): Input {
  if ((typeof input !== 'object' && typeof input !== 'function') || input === null) return usv(input);
  const parts: Record<string, string> = {};
  for (const name of [...PARTS, 'baseURL']) {
    const value = (input as Record<string, unknown>)[name];
    if (value !== undefined) parts[name] = usv(value);
  }
  return parts;
}
