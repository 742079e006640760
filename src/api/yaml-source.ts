import { type Document, parseAllDocuments } from 'yaml';
import { LineMap, type Position } from './source-map.ts';
import { type SourcedValue, YamlProblem, yamlToJson } from './yaml-value.ts';

/** The most text that is read of one file: a hundred times the largest object an API server takes is no manifest. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** A document of a file. */
export interface SourceDocument extends SourcedValue {
  /** Which document of its file it is, from 1; empty ones count. */
  readonly document: number;
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

/**
 * Reads YAML or JSON as kubectl does: documents behind `---`, or JSON objects one after another. Documents that are
 * empty are left out. Every document that cannot be read is a problem; the others are there.
 */
export function readSource(text: string): SourceFile {
  const lines = new LineMap(text);
  const documents: SourceDocument[] = [];
  const problems: SourceProblem[] = [];
  let document = 0;

  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    const message = `has more than ${MAX_FILE_BYTES / 2 ** 20} MiB`;
    return { documents, problems: [{ document: 1, line: 1, column: 1, message, hint: 'split it' }], lines };
  }
  for (const part of jsonStream(text) ?? [{ text: text.replace(/^\uFEFF/, ' '), base: 0 }]) {
    for (const parsed of parse(part.text)) {
      document++;
      const report = (problem: YamlProblem) => {
        const { message, hint } = problem;
        problems.push({
          document,
          ...lines.position(problem.offset),
          message,
          ...(hint === undefined ? {} : { hint }),
        });
      };
      try {
        throwSyntaxError(parsed, part.base);
        const { value, source } = yamlToJson(parsed, part.text, part.base, report);
        if (value !== null) documents.push({ document, value, source });
      } catch (error) {
        if (!(error instanceof YamlProblem)) throw error;
        report(error);
      }
    }
  }
  return { documents, problems, lines };
}

function parse(text: string): readonly Document[] {
  const parsed = parseAllDocuments(text, {
    // Strings alone: what they mean is for yaml-scalars.ts to say, and keys that are there twice for yaml-value.ts.
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return parsed as unknown as readonly Document[];
}

/** The first error of a document: the others mostly follow from it. */
function throwSyntaxError(doc: Document, base: number): void {
  const [error] = doc.errors;
  if (error === undefined) return;
  const deep = error.message.includes('call stack');
  const message = deep ? 'is nested too deep' : (error.message.split('\n')[0] ?? '').replace(/\.$/, '');
  const tabs = error.code === 'TAB_AS_INDENT' ? 'indent with spaces' : undefined;
  throw new YamlProblem(`does not read as YAML: ${message}`, base + error.pos[0], tabs);
}

/** JSON objects one after another, which are no YAML; undefined where the text is not that. */
function jsonStream(text: string): { text: string; base: number }[] | undefined {
  if (!/^\uFEFF?\s*\{/.test(text)) return undefined;
  const parts: { text: string; base: number }[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') {
      if (depth++ === 0) start = at;
    } else if (char === '}' && --depth === 0) parts.push({ text: text.slice(start, at + 1), base: start });
  }
  return parts.length > 1 && depth === 0 && parts.every((part) => isJson(part.text)) ? parts : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
