import { YamlSyntaxError } from './problem.ts';

export const CODE = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  nextLine: 0x85,
  lineSeparator: 0x2028,
  paragraphSeparator: 0x2029,
} as const;

/** A place that the cursor has been at. Columns and indexes count characters, not UTF-16 units, and from 0. */
export interface Mark {
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** Moves over a text character by character, and knows line and column. Behind the end every character code is 0. */
export class Cursor {
  readonly text: string;
  /** Where the text ends. */
  readonly end: number;
  offset: number;
  index = 0;
  line = 0;
  column = 0;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.offset = start;
    this.end = end;
  }

  /** The UTF-16 unit so many units ahead. */
  code(ahead = 0): number {
    const at = this.offset + ahead;
    return at < this.end ? this.text.charCodeAt(at) : 0;
  }

  /** The same as a string of one unit; empty behind the end. */
  char(ahead = 0): string {
    const at = this.offset + ahead;
    return at < this.end ? (this.text[at] ?? '') : '';
  }

  get mark(): Mark {
    const { offset, index, line, column } = this;
    return { offset, index, line, column };
  }

  /** Moves over characters of one line. */
  skip(count = 1): void {
    for (let left = count; left > 0; left--) {
      const code = this.code();
      this.offset += code >= 0xd800 && code <= 0xdbff ? 2 : 1;
    }
    this.index += count;
    this.column += count;
  }

  /** Moves over a line break, if there is one. Gives what it is worth: a line feed, or the separator itself. */
  readBreak(): string {
    const code = this.code();
    if (!isBreak(code)) return '';
    const isPair = code === CODE.carriageReturn && this.code(1) === CODE.lineFeed;
    this.offset += isPair ? 2 : 1;
    this.index += isPair ? 2 : 1;
    this.line++;
    this.column = 0;
    return code === CODE.lineSeparator || code === CODE.paragraphSeparator ? String.fromCharCode(code) : '\n';
  }

  /** Moves over spaces, tabs and a comment up to the end of the line. */
  skipBlanksAndComment(): void {
    while (isBlank(this.code())) this.skip();
    if (this.char() === '#') while (!isBreakOrEnd(this.code())) this.skip();
  }

  /** Whether `---` or `...` stands here, at the start of a line. */
  atDocumentMarker(): boolean {
    if (this.column !== 0) return false;
    const first = this.char();
    return (
      (first === '-' || first === '.') && this.char(1) === first && this.char(2) === first && isBlankOrEnd(this.code(3))
    );
  }

  /** @throws YamlSyntaxError always */
  fail(message: string, at: { readonly offset: number } = this, hint?: string): never {
    throw new YamlSyntaxError(message, at.offset, hint);
  }
}

/** YAML 1.1 breaks lines at U+0085, U+2028 and U+2029 too. */
export function isBreak(code: number): boolean {
  return (
    code === CODE.lineFeed ||
    code === CODE.carriageReturn ||
    code === CODE.nextLine ||
    code === CODE.lineSeparator ||
    code === CODE.paragraphSeparator
  );
}

export const isBlank = (code: number): boolean => code === CODE.space || code === CODE.tab;
export const isBreakOrEnd = (code: number): boolean => code === 0 || isBreak(code);
export const isBlankOrEnd = (code: number): boolean => isBlank(code) || isBreakOrEnd(code);
/** What names of anchors and tags are made of. */
export const isWord = (char: string): boolean => /^[-\w]$/.test(char);
