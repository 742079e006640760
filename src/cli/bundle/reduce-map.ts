import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

/**
 * Leaves out what a source map says of the columns of packages: of each line of theirs its first place stays. Places in
 * other files stay as they are, to the column. Pure.
 *
 * @param json a source map (ECMA-426)
 * @returns a source map with the same sources
 */
export function reduceMap(json: string): string {
  const { sources, mappings } = JSON.parse(json) as { sources: string[]; mappings: string };
  const isPackage = sources.map((source) => /(^|\/)node_modules\//.test(source));
  const reduced = decode(mappings).map((segments) => {
    let line = '';
    return segments.filter((segment: SourceMapSegment) => {
      const [, source, originalLine] = segment;
      const before = line;
      line = `${source}:${originalLine}`;
      return source === undefined || isPackage[source] !== true || line !== before;
    });
  });
  return JSON.stringify({ version: 3, sources, names: [], mappings: encode(reduced) });
}
