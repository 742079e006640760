import { copyJson } from '../../api/copy-json.ts';
import type { JsonValue } from '../../api/json.ts';
import { MIN_SECRET_LENGTH, secretForms } from './secret-forms.ts';

/** Stands for a secret value. It is shorter than any value that is redacted, so that no text gets longer. */
const REDACTED = '*'.repeat(MIN_SECRET_LENGTH - 1);
/** Texts of a script are cut from this length on: the end of one may be the beginning of a value. UTF-16 units. */
const MAY_BE_CUT = 4096;
/** From this length on the beginning of a value is taken for one that goes on in the next line. */
const MIN_BEGINNING = MIN_SECRET_LENGTH;

/** From a character to another, which it does not contain. */
export type Range = readonly [start: number, end: number];

/** Finds secret values in what scripts say, in the forms of `secretForms`, and replaces them. */
export class Redactor {
  static readonly NONE = new Redactor([]);
  readonly #values: ReadonlySet<string>;
  readonly #forms: readonly string[];

  constructor(values: readonly string[]) {
    const forms = new Set(values.flatMap(secretForms));
    this.#forms = [...forms];
    this.#values = forms;
  }

  /** Whether there is nothing to redact: all texts are returned as they are. */
  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  /** A text without the values. */
  text(text: string): string {
    if (this.isEmpty) return text;
    const found = this.find(text);
    const ranges = text.length < MAY_BE_CUT ? found : merged([...found, ...this.#cutOff(text)]);
    return replaced(text, 0, ranges);
  }

  /** A JSON value with all strings, names of members and numbers redacted. */
  json(value: JsonValue): JsonValue {
    if (this.isEmpty) return value;
    return copyJson(
      value,
      (text) => this.text(text),
      undefined,
      (number) => (this.#values.has(String(number)) ? REDACTED : number),
    );
  }

  /** Where the values are, in order, without overlaps. */
  find(text: string): readonly Range[] {
    const ranges: Range[] = [];
    for (const form of this.#forms) {
      for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
        ranges.push([at, at + form.length]);
      }
    }
    return merged(ranges);
  }

  /** Where a value begins that may go on behind the end of the text; undefined if none does. */
  beginningAt(text: string): number | undefined {
    let first: number | undefined;
    for (const form of this.#forms) {
      const beginning = form.slice(0, MIN_BEGINNING);
      let at = text.indexOf(beginning, Math.max(0, text.length - form.length + 1));
      while (at !== -1 && !form.startsWith(text.slice(at))) at = text.indexOf(beginning, at + 1);
      if (at !== -1 && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  #cutOff(text: string): readonly Range[] {
    const at = this.beginningAt(text);
    return at === undefined ? [] : [[at, text.length]];
  }
}

/**
 * A part of a longer text, with what is in ranges of the longer text replaced.
 * @param start where the part begins in the longer text
 */
export function replaced(part: string, start: number, ranges: readonly Range[]): string {
  let out = '';
  let at = 0;
  for (const [from, to] of ranges) {
    const [first, last] = [Math.max(at, from - start), Math.min(part.length, to - start)];
    if (first >= last) continue;
    out += part.slice(at, first) + REDACTED;
    at = last;
  }
  return at === 0 ? part : out + part.slice(at);
}

/** Ranges in order, those that overlap as one. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  if (ranges.length < 2) return ranges;
  const out: [number, number][] = [];
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = out.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}
