import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { Place } from './source-error.ts';

/** Source maps of one file as JSON, the last transformation first. */
export type MapChain = readonly string[];

/**
 * Finds the author's place for a place in compiled code.
 * @returns undefined for code that compilation added
 */
export function originalPlace(maps: readonly TraceMap[], place: Place): Place | undefined {
  let current = place;
  for (const map of maps) {
    const { line, column } = originalPositionFor(map, { line: current.line, column: current.column - 1 });
    if (line === null || column === null) return undefined;
    current = { line, column: column + 1 };
  }
  return current;
}

export const traceMaps = (maps: MapChain): TraceMap[] => maps.map((json) => new TraceMap(json));
