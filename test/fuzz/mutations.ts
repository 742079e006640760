import fc from 'fast-check';
import { copyJson } from '../../src/api/copy-json.ts';
import type { JsonValue } from '../../src/api/json.ts';

/** UTF-16 units, or bytes, of an input at most. */
const MAX_LENGTH = 64 << 10;

/** One change of a text. Places are parts of its length, so that it fits a text of any length. */
interface Edit {
  readonly kind: 'delete' | 'repeat' | 'insert' | 'replace' | 'move' | 'cut';
  readonly at: number;
  readonly length: number;
  readonly to: number;
  readonly times: number;
  readonly token: string;
}

const place = fc.double({ min: 0, max: 1, noNaN: true });

const edit = (tokens: readonly string[]): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.constantFrom('delete', 'repeat', 'insert', 'insert', 'replace', 'move', 'cut'),
    at: place,
    length: fc.oneof({ weight: 4, arbitrary: fc.nat(16) }, fc.nat(400)),
    to: place,
    times: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constantFrom(100, 5000)),
    token: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...tokens) }, fc.string({ unit: 'binary', maxLength: 6 })),
  });

function apply(text: string, { kind, at, length, to, times, token }: Edit): string {
  const start = Math.floor(at * text.length);
  const end = Math.min(text.length, start + length);
  const target = Math.floor(to * text.length);
  const piece = text.slice(start, end);
  switch (kind) {
    case 'delete':
      return text.slice(0, start) + text.slice(end);
    case 'repeat':
      return text.slice(0, start) + piece.repeat(times) + text.slice(end);
    case 'insert':
      return text.slice(0, start) + token.repeat(times) + text.slice(start);
    case 'replace':
      return text.slice(0, start) + token + text.slice(end);
    case 'move':
      return text.slice(0, target) + piece + text.slice(target);
    case 'cut':
      return start > text.length / 2 ? text.slice(0, start) : text;
  }
}

/**
 * Texts that are one of the given, changed a few times.
 * @param tokens what means something in their language
 */
export const mutated = (texts: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.array(edit(tokens), { maxLength: 8 }))
    .map(([text, edits]) => edits.reduce((changed, next) => apply(changed, next).slice(0, MAX_LENGTH), text));

/** JSON that means something to somebody, and JSON that means nothing. */
export const JSON_TOKENS = [
  ...'{}[],:"\\0-.e\n',
  '[',
  '{"a":',
  'null',
  'true',
  '-0',
  '1e400',
  '9007199254740993',
  '1.5',
  '""',
  '"__proto__":',
  '"constructor":',
  '"toString":',
  '"length":',
  '"\\ud800"',
  '"\\u0000"',
  '\ud800',
  '\ufeff',
  '\u2028',
] as const;

/** A value that is mostly of another type than it should be. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, '', '0', '__proto__', [], {}, [[]], '\ud800', '\0'),
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(50, 101, 2000).map((levels) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown),
  fc.constantFrom(1000, 70_000).map((length) => 'x'.repeat(length)),
);

/** An object in which some members are changed for odd ones, at any depth, or left out. */
export const spoiled = (object: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(fc.nat(), odd, fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce<unknown>((value, change) => spoil(value, ...change), object));

function spoil(value: unknown, which: number, instead: unknown, isLeftOut: boolean): unknown {
  const copy = copyJson(value as JsonValue) as unknown;
  const places = placesOf(copy);
  const found = places[which % (places.length + 1)];
  if (found === undefined) return which % 7 === 0 ? instead : copy;
  if (isLeftOut) delete found.parent[found.key];
  else found.parent[found.key] = instead;
  return copy;
}

function placesOf(root: unknown): { parent: Record<string, unknown>; key: string }[] {
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined && places.length < 200; node = pending.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const key of Object.keys(node).slice(0, 50)) {
      places.push({ parent: node as Record<string, unknown>, key });
      pending.push((node as Record<string, unknown>)[key]);
    }
  }
  return places;
}
