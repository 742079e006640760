/** URLPattern outside the isolate: Node's own. */

/** Patterns of one run that are kept ready. */
const MAX_KEPT = 64;
const PARTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;

type Input = string | Readonly<Record<string, string>>;

interface Pattern {
  readonly hasRegExpGroups: boolean;
  test(input: Input, base?: string): boolean;
  exec(
    input: Input,
    base?: string,
  ): Record<string, { input: string; groups: Record<string, string | undefined> }> | null;
}

/** What the guest asks: to read a pattern, or to match one. */
interface Request {
  readonly op: 'read' | 'test' | 'exec';
  readonly pattern: { readonly init: Input; readonly base?: string; readonly ignoreCase: boolean };
  readonly input?: Input;
  readonly base?: string;
}

export class UrlPatterns {
  readonly #kept = new Map<string, Pattern>();

  /** @returns JSON text; undefined where the pattern, or what is matched, is not right */
  answer(json: string): string | undefined {
    const { op, pattern, input = {}, base } = JSON.parse(json) as Request;
    try {
      const made = this.#pattern(pattern);
      if (op === 'read') {
        const parts = PARTS.map((part) => [part, (made as unknown as Record<string, string>)[part]]);
        return JSON.stringify({ ...Object.fromEntries(parts), hasRegExpGroups: made.hasRegExpGroups });
      }
      if (op === 'test') return JSON.stringify(made.test(...inputOf(input, base)));
      const result = made.exec(...inputOf(input, base));
      // JSON has no undefined: a group that took no part is null.
      return JSON.stringify(result, (_, value: unknown) => (value === undefined ? null : value));
    } catch {
      return undefined;
    }
  }

  #pattern(request: Request['pattern']): Pattern {
    const key = JSON.stringify(request);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const { init, base, ignoreCase } = request;
    const options = { ignoreCase };
    const Class = (globalThis as unknown as { URLPattern: new (...args: unknown[]) => Pattern }).URLPattern;
    const made = base === undefined ? new Class(init, options) : new Class(init, base, options);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }
}

const inputOf = (input: Input, base: string | undefined): [Input, string?] =>
  base === undefined ? [input] : [input, base];
