import { CODE, Cursor, isBlankOrEnd, isBreak, type Mark } from './cursor.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanPlain, scanQuoted } from './scan-flow-scalar.ts';
import { scanAnchor, scanTag } from './scan-properties.ts';
import type { Indicator, Token } from './token.ts';

/** A key without `?` stands on one line, and its `:` within so many characters. */
const MAX_SIMPLE_KEY = 1024;

const FLOW_INDICATORS: Readonly<Record<string, Indicator>> = {
  '[': 'flow-sequence-start',
  '{': 'flow-mapping-start',
  ']': 'flow-sequence-end',
  '}': 'flow-mapping-end',
};

/** A token that turns out to be a key once a `:` follows it. */
interface SimpleKey {
  /** Number of the token, counted from the first of the text. */
  readonly token: number;
  readonly mark: Mark;
  /** Nothing but a key can stand here: at the column of a block mapping. */
  readonly required: boolean;
}

/**
 * Cuts YAML into tokens in the way of libyaml, which kubectl reads with (go-yaml 2 is made from it): indentation becomes
 * tokens, and a key is one only once its `:` is found. The structure is that of libyaml's scanner.c, so that what is
 * taken and what is refused is the same.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  /** Tokens that have been taken. */
  #taken = 0;
  #ended = false;
  /** Columns of the block collections around, the innermost last; -1 at the top. */
  readonly #indents: number[] = [-1];
  /** A simple key that may still become one, for each level of flow collections. */
  readonly #simpleKeys: (SimpleKey | undefined)[] = [undefined];
  /** The level of each of them, by the number of its token. */
  readonly #levels = new Map<number, number>();
  #simpleKeyAllowed = true;

  constructor(text: string, start: number, end: number) {
    this.#cursor = new Cursor(text, start, end);
  }

  /** The next token, which stays. @throws YamlProblem where none can begin */
  peek(): Token {
    // While the first one may become a key, a token may still be put before it.
    while (!this.#ended && (this.#tokens.length === 0 || this.#mayBecomeKey(this.#taken))) this.#fetch();
    return this.#tokens[0] as Token;
  }

  /** The next token, which is gone then. */
  take(): Token {
    const token = this.peek();
    this.#tokens.shift();
    this.#taken++;
    return token;
  }

  get #indent(): number {
    return this.#indents.at(-1) ?? -1;
  }

  get #inFlow(): boolean {
    return this.#simpleKeys.length > 1;
  }

  #mayBecomeKey(token: number): boolean {
    const level = this.#levels.get(token);
    return level !== undefined && this.#liveKey(level) !== undefined;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unroll(cursor.column);
    const start = cursor.mark;
    const char = cursor.char();
    if (cursor.code() === 0) this.#fetchEnd(start);
    else if (cursor.column === 0 && char === '%') {
      cursor.fail('lines that begin with % are not read', start, 'leave it out');
    } else if (cursor.atDocumentMarker()) this.#fetchDocumentMarker(start, char);
    else if (Object.hasOwn(FLOW_INDICATORS, char)) this.#fetchFlowIndicator(start, char);
    else if (char === ',') this.#fetchIndicator('flow-entry', start, true);
    else if (char === '-' && isBlankOrEnd(cursor.code(1))) this.#fetchBlockEntry(start);
    else if (char === '?' && (this.#inFlow || isBlankOrEnd(cursor.code(1)))) this.#fetchKey(start);
    else if (char === ':' && (this.#inFlow || isBlankOrEnd(cursor.code(1)))) this.#fetchValue(start);
    else if ('*&!'.includes(char)) this.#fetchProperty(char);
    else if ((char === '|' || char === '>') && !this.#inFlow) this.#fetchBlockScalar();
    else if (char === "'" || char === '"') {
      this.#saveSimpleKey();
      this.#simpleKeyAllowed = false;
      this.#tokens.push(scanQuoted(cursor));
    } else if (this.#beginsPlain(char)) this.#fetchPlain();
    else {
      const hint = char === '\t' ? 'indent with spaces' : 'write it in quotes';
      cursor.fail(`${char === '\t' ? 'a tab' : `the character ${char}`} cannot stand here`, start, hint);
    }
  }

  /** Moves over blanks, comments and line breaks. Tabs count as blanks where no key can begin. */
  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      const tabs = this.#inFlow || !this.#simpleKeyAllowed;
      while (cursor.code() === CODE.space || (tabs && cursor.code() === CODE.tab)) cursor.skip();
      if (cursor.char() === '#') cursor.skipBlanksAndComment();
      if (!isBreak(cursor.code())) return;
      cursor.readBreak();
      if (!this.#inFlow) this.#simpleKeyAllowed = true;
    }
  }

  #beginsPlain(char: string): boolean {
    const next = this.#cursor.code(1);
    if (char === '-') return next !== CODE.space && next !== CODE.tab;
    if (char === '?' || char === ':') return !this.#inFlow && !isBlankOrEnd(next);
    return !isBlankOrEnd(this.#cursor.code()) && !',[]{}#&*!|>\'"%@`'.includes(char);
  }

  #fetchEnd(start: Mark): void {
    this.#unroll(-1);
    this.#dropSimpleKey();
    this.#tokens.push({ type: 'stream-end', start });
    this.#ended = true;
  }

  #fetchDocumentMarker(start: Mark, char: string): void {
    this.#unroll(-1);
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#cursor.skip(3);
    this.#tokens.push({ type: char === '-' ? 'document-start' : 'document-end', start });
  }

  #fetchFlowIndicator(start: Mark, char: string): void {
    const opens = char === '[' || char === '{';
    if (opens) {
      this.#saveSimpleKey();
      this.#simpleKeys.push(undefined);
    } else {
      this.#dropSimpleKey();
      if (this.#inFlow) this.#simpleKeys.pop();
    }
    this.#simpleKeyAllowed = opens;
    this.#cursor.skip();
    this.#tokens.push({ type: FLOW_INDICATORS[char] as Indicator, start });
  }

  #fetchIndicator(type: Indicator, start: Mark, keyMayFollow: boolean): void {
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = keyMayFollow;
    this.#cursor.skip();
    this.#tokens.push({ type, start });
  }

  #fetchBlockEntry(start: Mark): void {
    if (!this.#inFlow) {
      if (!this.#simpleKeyAllowed) this.#cursor.fail('an entry of a list begins on a line of its own', start);
      this.#roll('block-sequence-start', start);
    }
    this.#fetchIndicator('block-entry', start, true);
  }

  #fetchKey(start: Mark): void {
    if (!this.#inFlow) {
      if (!this.#simpleKeyAllowed) this.#cursor.fail('a key begins on a line of its own', start);
      this.#roll('block-mapping-start', start);
    }
    this.#fetchIndicator('key', start, !this.#inFlow);
  }

  #fetchValue(start: Mark): void {
    const level = this.#simpleKeys.length - 1;
    const key = this.#liveKey(level);
    if (key === undefined) {
      if (!this.#inFlow) {
        if (!this.#simpleKeyAllowed) {
          this.#cursor.fail("a ': ' cannot stand here", start, "write text that holds ': ' in quotes");
        }
        this.#roll('block-mapping-start', start);
      }
      this.#simpleKeyAllowed = !this.#inFlow;
    } else {
      this.#tokens.splice(key.token - this.#taken, 0, { type: 'key', start: key.mark });
      this.#roll('block-mapping-start', key.mark, key.token);
      this.#forget(level);
      this.#simpleKeyAllowed = false;
    }
    this.#cursor.skip();
    this.#tokens.push({ type: 'value', start });
  }

  #fetchProperty(char: string): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const cursor = this.#cursor;
    this.#tokens.push(char === '!' ? scanTag(cursor) : scanAnchor(cursor, char === '&' ? 'anchor' : 'alias'));
  }

  #fetchBlockScalar(): void {
    this.#dropSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#tokens.push(scanBlockScalar(this.#cursor, this.#indent));
  }

  #fetchPlain(): void {
    this.#saveSimpleKey();
    const { token, endsOnNewLine } = scanPlain(this.#cursor, this.#indent, this.#inFlow);
    this.#simpleKeyAllowed = endsOnNewLine;
    this.#tokens.push(token);
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    this.#dropSimpleKey();
    const { mark } = this.#cursor;
    const required = !this.#inFlow && this.#indent === mark.column;
    const token = this.#taken + this.#tokens.length;
    const level = this.#simpleKeys.length - 1;
    this.#simpleKeys[level] = { token, mark, required };
    this.#levels.set(token, level);
  }

  /** What might have been a key is none. */
  #dropSimpleKey(): void {
    const level = this.#simpleKeys.length - 1;
    const key = this.#simpleKeys[level];
    if (key?.required === true) this.#failMissingColon(key);
    this.#forget(level);
  }

  #forget(level: number): void {
    const key = this.#simpleKeys[level];
    if (key !== undefined) this.#levels.delete(key.token);
    this.#simpleKeys[level] = undefined;
  }

  /** The key of a level, unless the cursor has come too far from it. */
  #liveKey(level: number): SimpleKey | undefined {
    const key = this.#simpleKeys[level];
    const { line, index } = this.#cursor;
    if (key === undefined || (key.mark.line === line && key.mark.index + MAX_SIMPLE_KEY >= index)) return key;
    if (key.required) this.#failMissingColon(key);
    this.#forget(level);
    return undefined;
  }

  #failMissingColon({ mark }: SimpleKey): never {
    return this.#cursor.fail("a key without ': ' behind it", mark, "write 'key: value', or indent a text that goes on");
  }

  /** Opens a block collection where this column is further in than that around it. */
  #roll(type: Indicator, start: Mark, beforeToken = this.#taken + this.#tokens.length): void {
    if (this.#inFlow || this.#indent >= start.column) return;
    this.#indents.push(start.column);
    this.#tokens.splice(beforeToken - this.#taken, 0, { type, start });
  }

  /** Closes the block collections that are further in than this column. */
  #unroll(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#indents.pop();
      this.#tokens.push({ type: 'block-end', start: this.#cursor.mark });
    }
  }
}
