import {
  behindByteOrderMark,
  type DocumentRange,
  goesOnAsYaml,
  mayBeJson,
  splitYaml,
  yamlStart,
} from './document-stream.ts';
import { JsonSyntaxError, readJson, skipSpace } from './json-source.ts';
import { LineMap, type Position } from './source-map.ts';
import { compose } from './yaml/compose.ts';
import { YamlProblem, YamlSyntaxError } from './yaml/problem.ts';
import { type Findings, type SourcedValue, toJson } from './yaml/to-json.ts';

/** A document of a file. */
export interface SourceDocument extends SourcedValue {
  /** Which document of its file it is, from 1; empty ones count. */
  readonly document: number;
  /** Where whole numbers are that have more digits than a JavaScript number keeps: offsets. */
  readonly inexact: readonly number[];
}

/** A document that cannot be read. */
export interface SourceProblem extends Position {
  readonly document: number;
  readonly message: string;
  readonly hint?: string;
}

/** What a file holds. */
export interface SourceFile {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly SourceProblem[];
  readonly lines: LineMap;
}

/** What is told of one document that reads: keys that are there twice, numbers with too many digits. */
const MAX_FINDINGS = 50;

/** Characters that YAML takes nowhere, comments included. */
const CONTROL = /[^\t\n\r\x20-\x7e\x85\xa0-\ufffd]/;

/**
 * Reads YAML or JSON as kubectl does: JSON objects one after another where the text begins with a brace and is that, else
 * documents of YAML behind `---`. Documents without a value are left out. Every document that cannot be read is a problem; the
 * others are there.
 */
export function readSource(text: string): SourceFile {
  return new SourceReader(text).read();
}

/**
 * Reads the one value of a file that is named as JSON: there what is no JSON is a mistake, and not YAML that means something
 * else, such as a comment in front of it that would make a string of it.
 */
export function readJsonSource(text: string): SourceFile {
  return new SourceReader(text).readJson();
}

class SourceReader {
  readonly #text: string;
  /** Where the text ends that was given. */
  readonly #end: number;
  readonly #lines: LineMap;
  readonly #documents: SourceDocument[] = [];
  readonly #problems: SourceProblem[] = [];
  /** The number of the document that is being read. */
  #document = 0;

  constructor(text: string) {
    this.#end = text.length;
    // kubectl reads line by line, and ends each with a line feed: a block at the end of a file has one too.
    this.#text = text.endsWith('\n') ? text : `${text}\n`;
    this.#lines = new LineMap(this.#text);
  }

  read(): SourceFile {
    const start = behindByteOrderMark(this.#text, 0);
    if (mayBeJson(this.#text, start)) this.#readJson(start);
    else this.#readYaml(start);
    return this.#file();
  }

  readJson(): SourceFile {
    this.#document = 1;
    const start = behindByteOrderMark(this.#text, 0);
    const { findings, flush } = this.#findings();
    try {
      if (skipSpace(this.#text, start) === this.#text.length) return this.#file();
      const { end, value, source } = readJson(this.#text, start, findings);
      const behind = skipSpace(this.#text, end);
      if (behind < this.#text.length) throw new JsonSyntaxError('there is text behind the value', behind);
      flush({ value, source });
    } catch (error) {
      if (!(error instanceof YamlProblem)) throw error;
      const { message, offset, isSyntax } = error;
      if (isSyntax) this.#report(new YamlProblem(message, offset, 'a file of YAML ends in .yaml'), 'JSON');
      else this.#report(error);
    }
    return this.#file();
  }

  #file(): SourceFile {
    return { documents: this.#documents, problems: this.#problems, lines: this.#lines };
  }

  #readJson(start: number): void {
    let offset = start;
    for (let count = 0; skipSpace(this.#text, offset) < this.#text.length; count++) {
      const { findings, flush } = this.#findings();
      try {
        const { end, value, source } = readJson(this.#text, offset, findings);
        this.#document++;
        flush({ value, source });
        offset = end;
      } catch (error) {
        if (!(error instanceof YamlProblem)) throw error;
        // After one object a stream may still go on as YAML; after two it is JSON.
        const isOver = count > 1 || !goesOnAsYaml(this.#text, offset, this.#end);
        if (!(error instanceof JsonSyntaxError) || isOver) {
          this.#document++;
          this.#report(error, error.isSyntax ? 'JSON' : undefined);
        } else this.#readYaml(yamlStart(this.#text, offset), error);
        return;
      }
    }
  }

  /** @param jsonError why the text from here is no JSON, where it was tried */
  #readYaml(start: number, jsonError?: JsonSyntaxError): void {
    const { documents, badSeparators } = splitYaml(this.#text, start);
    const bad = [...badSeparators];
    const reportBadBefore = (offset: number) => {
      for (let next = bad[0]; next !== undefined && next.offset < offset; next = bad[0]) {
        bad.shift();
        const hint = "begin the document on the line behind '---'";
        this.#report(new YamlProblem('only a comment may stand behind --- on its line', next.offset, hint));
      }
    };
    for (const [index, range] of documents.entries()) {
      this.#document++;
      reportBadBefore(range.start);
      this.#readYamlDocument(range, index === 0 ? jsonError : undefined);
    }
    reportBadBefore(Number.POSITIVE_INFINITY);
  }

  #readYamlDocument({ start, end }: DocumentRange, jsonError: JsonSyntaxError | undefined): void {
    const { findings, flush } = this.#findings();
    try {
      const control = this.#text.slice(start, end).match(CONTROL);
      if (control?.index !== undefined) {
        const hint = 'leave it out, or write it as an escape in double quotes';
        throw new YamlSyntaxError('a control character cannot stand in YAML', start + control.index, hint);
      }
      const root = compose(this.#text, behindByteOrderMark(this.#text, start), end);
      if (root !== undefined) flush(toJson(root, findings));
    } catch (error) {
      if (!(error instanceof YamlProblem)) throw error;
      if (!error.isSyntax) {
        this.#report(error);
        return;
      }
      // It is neither; a quote behind the brace says which of them it is meant to be.
      const isJson = jsonError !== undefined && /^\s*\{\s*"/.test(this.#text.slice(start, end));
      this.#report(isJson ? jsonError : error, isJson ? 'JSON' : 'YAML');
    }
  }

  /** Collects what is found in a document, and keeps the document. */
  #findings(): { findings: Findings; flush: (document: SourcedValue) => void } {
    const problems: Parameters<Findings['problem']>[] = [];
    const inexact: number[] = [];
    // What an alias brings is read again each time, and told once.
    const told = new Set<number>();
    const isNew = (offset: number) => told.size < MAX_FINDINGS && told.size !== told.add(offset).size;
    const findings = {
      problem: (...problem: Parameters<Findings['problem']>) => {
        if (isNew(problem[1])) problems.push(problem);
      },
      inexact: (offset: number) => {
        if (isNew(offset)) inexact.push(offset);
      },
    };
    const flush = ({ value, source }: SourcedValue) => {
      for (const problem of problems) this.#report(new YamlProblem(...problem));
      this.#documents.push({ document: this.#document, value, source, inexact });
    };
    return { findings, flush };
  }

  #report({ message, offset, hint }: YamlProblem, format?: 'JSON' | 'YAML'): void {
    this.#problems.push({
      // A separator may be wrong before any document begins.
      document: Math.max(1, this.#document),
      ...this.#lines.position(offset),
      message: format === undefined ? message : `does not read as ${format}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
