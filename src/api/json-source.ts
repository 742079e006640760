import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './set-own.ts';
import type { SourceNode } from './source-map.ts';
import { MAX_DEPTH } from './yaml/compose.ts';
import { YamlProblem } from './yaml/problem.ts';
import type { Findings, SourcedValue } from './yaml/to-json.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\r\n]*/y;
const WORDS = { true: true, false: false, null: null } as const;

/** A place in the text that is no JSON. */
export class JsonSyntaxError extends YamlProblem {
  override readonly isSyntax = true;
}

/**
 * Reads one JSON value, as `JSON.parse` does, and remembers where each part of it is.
 *
 * @param start where the value begins, or the spaces before it
 * @returns the value and where it ends
 * @throws JsonSyntaxError where this is no JSON
 * @throws YamlProblem where it is, and cannot be kept: too deep, or half a character
 */
export function readJson(text: string, start: number, findings: Findings): SourcedValue & { readonly end: number } {
  const reader = new JsonReader(text, start, findings);
  const value = reader.value(0);
  return { ...value, end: reader.offset };
}

/** Where the spaces of JSON that begin here end. */
export function skipSpace(text: string, start: number): number {
  SPACE.lastIndex = start;
  SPACE.test(text);
  return SPACE.lastIndex;
}

class JsonReader {
  readonly #text: string;
  readonly #findings: Findings;
  offset: number;

  constructor(text: string, start: number, findings: Findings) {
    this.#text = text;
    this.offset = start;
    this.#findings = findings;
  }

  value(depth: number, keyOffset?: number): SourcedValue {
    this.offset = skipSpace(this.#text, this.offset);
    const { offset } = this;
    if (depth > MAX_DEPTH) throw new YamlProblem(`is nested more than ${MAX_DEPTH} levels deep`, offset);
    const at = keyOffset === undefined ? { offset } : { offset, keyOffset };
    const char = this.#text[offset];
    if (char === '{') return this.#object(depth, at);
    if (char === '[') return this.#list(depth, at);
    if (char === '"') return { value: this.#string(), source: at };
    for (const [word, value] of Object.entries(WORDS)) {
      if (this.#text.startsWith(word, offset)) {
        this.offset += word.length;
        return { value, source: at };
      }
    }
    return { value: this.#number(), source: at };
  }

  #object(depth: number, at: SourceNode): SourcedValue {
    const value: JsonObject = {};
    const children = new Map<string, SourceNode>();
    this.offset++;
    for (let isFirst = true; !this.#takeIf('}'); isFirst = false) {
      if (!isFirst) this.#take(',');
      const keyOffset = skipSpace(this.#text, this.offset);
      this.offset = keyOffset;
      const key = this.#string();
      this.#take(':');
      const member = this.value(depth + 1, keyOffset);
      if (children.has(key)) {
        const message = `the key ${JSON.stringify(key)} is there twice`;
        this.#findings.problem(message, keyOffset, 'leave one of them out');
      }
      setOwn(value, key, member.value);
      children.set(key, member.source);
    }
    return { value, source: { ...at, children } };
  }

  #list(depth: number, at: SourceNode): SourcedValue {
    const value: JsonValue[] = [];
    const children = new Map<number, SourceNode>();
    this.offset++;
    for (let isFirst = true; !this.#takeIf(']'); isFirst = false) {
      if (!isFirst) this.#take(',');
      const item = this.value(depth + 1);
      children.set(value.length, item.source);
      value.push(item.value);
    }
    return { value, source: { ...at, children } };
  }

  #string(): string {
    const start = this.offset;
    const end = this.#stringEnd();
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      throw new JsonSyntaxError('the string holds a control character, or an escape that JSON does not know', start);
    }
    this.offset = end;
    if (!value.isWellFormed()) {
      const message = 'a \\u escape is half of a character';
      this.#findings.problem(message, start, 'write the character itself');
    }
    return value;
  }

  #stringEnd(): number {
    const text = this.#text;
    if (text[this.offset] !== '"') throw new JsonSyntaxError('a string is missing here', this.offset);
    for (let at = this.offset + 1; at < text.length; at++) {
      const char = text[at];
      if (char === '\\') at++;
      else if (char === '"') return at + 1;
    }
    throw new JsonSyntaxError('the string is not closed', this.offset);
  }

  #number(): number {
    const { offset } = this;
    NUMBER.lastIndex = offset;
    const [text] = NUMBER.exec(this.#text) ?? [];
    if (text === undefined) throw new JsonSyntaxError('a value is missing here', offset);
    this.offset += text.length;
    const value = Number(text);
    if (!Number.isFinite(value)) {
      this.#findings.problem('the number is too large', offset, 'write it in quotes');
    } else if (/^-?\d+$/.test(text) && BigInt(value) !== BigInt(text)) this.#findings.inexact(offset);
    return value === 0 ? 0 : value;
  }

  #takeIf(char: string): boolean {
    this.offset = skipSpace(this.#text, this.offset);
    if (this.#text[this.offset] !== char) return false;
    this.offset++;
    return true;
  }

  #take(char: string): void {
    if (!this.#takeIf(char)) throw new JsonSyntaxError(`a '${char}' is missing here`, this.offset);
  }
}
