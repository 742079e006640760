import { generatedPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { takeInlineMap } from '../../runtime/compiler/inline-map.ts';
import type { AuthorPlace } from './author-places.ts';

/**
 * Finds the place that a bundle has for one of its author's.
 *
 * @param name of the bundle, from which its source map names the author's files
 * @returns line and column of the bundle, from 1; undefined if it is not made of that file
 */
export function bundledPlace(
  bundle: string,
  name: string,
  { file, line, column }: AuthorPlace,
): { readonly line: number; readonly column: number } | undefined {
  const { map: json } = takeInlineMap(bundle, name);
  if (json === undefined) return undefined;
  const map = new TraceMap(json);
  if (!map.resolvedSources.includes(file)) return undefined;
  const found = generatedPositionFor(map, { source: file, line, column: column - 1 });
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 };
}
