import { encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';
import { FilePlaces } from '../compiler/positions.ts';
import type { FileMaps } from '../compiler/program.ts';

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

/**
 * The code of a file with what debuggers read at its end (ECMA-426): the file's URL, and a source map where V8 gets other code than the author
 * has written. No line and no column of the code changes.
 */
export function debuggerText({ name, code, maps, source, urlOf }: DebuggedFile): string {
  const place = `${code}\n//# sourceURL=${urlOf(name)}`;
  const [outermost = maps.inline] = maps.compiled;
  if (outermost === undefined) return place;
  const places = new FilePlaces(maps);
  const sources = [name];
  const mappings = decodedMappings(new TraceMap(outermost)).map((segments, line) =>
    segments.map(([column]): SourceMapSegment => {
      const found = places.find({ line: line + 1, column: column + 1 });
      if (found === undefined) return [column];
      const { file = name } = found;
      if (!sources.includes(file)) sources.push(file);
      return [column, sources.indexOf(file), found.line - 1, (found.column ?? 1) - 1];
    }),
  );
  const map = {
    version: 3,
    sources: sources.map(urlOf),
    // What a bundle is made of is read from its URL.
    sourcesContent: sources.map((file) => (file === name ? source : null)),
    names: [],
    mappings: encode(mappings),
  };
  const json = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${place}\n//# sourceMappingURL=data:application/json;base64,${json}`;
}
