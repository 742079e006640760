import { encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { FilePlaces } from '../compiler/positions.ts';
import type { FileMaps } from '../compiler/program.ts';
import { type Place, sourceLines } from '../compiler/source-error.ts';

/** A compiled file, and where its author has it. */
export interface DebuggedFile {
  readonly name: string;
  readonly code: string;
  readonly maps: FileMaps;
  /** As its author wrote it. */
  readonly source: string;
  /** URL of a file of the author's. */
  urlOf(name: string): string;
}

/** What a debugger can stop at begins with a word or a sign. */
const TOKEN = /[\w$]+|[^\s\w$]/g;

/**
 * The code of a file with what debuggers read at its end (ECMA-426): the file's URL, and a source map where V8 gets other code than the author
 * has written. No line and no column of the code changes.
 */
export function debuggerText(file: DebuggedFile): string {
  const { name, code, maps, urlOf } = file;
  const place = `${code}\n//# sourceURL=${urlOf(name)}`;
  if (maps.compiled.length === 0 && maps.inline === undefined) return place;
  const json = Buffer.from(JSON.stringify(sourceMap(file))).toString('base64');
  return `${place}\n//# sourceMappingURL=data:application/json;base64,${json}`;
}

function sourceMap({ name, code, maps, source, urlOf }: DebuggedFile): object {
  const places = new FilePlaces(maps);
  const authors = sourceLines(source);
  const isAuthors = (token: string, { file = name, line, column = 1 }: Place): boolean =>
    file !== name || authors[line - 1]?.startsWith(token, column - 1) === true;
  /** What instrumentation puts in has the place of the code next to it. */
  const sources = [name];
  const mappings = sourceLines(code).map((text, line) => {
    const segments: SourceMapSegment[] = [];
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      const found = places.find({ line: line + 1, column: index + 1 });
      if (found === undefined || (places.isInstrumented && !isAuthors(token, found))) continue;
      const { file = name } = found;
      if (!sources.includes(file)) sources.push(file);
      segments.push([index, sources.indexOf(file), found.line - 1, (found.column ?? 1) - 1]);
    }
    return segments;
  });
  return {
    version: 3,
    sources: sources.map(urlOf),
    // What a bundle is made of is read from its URL.
    sourcesContent: sources.map((file) => (file === name ? source : null)),
    names: [],
    mappings: encode(mappings),
  };
}
