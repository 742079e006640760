import { decodedMappings, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { lowerBound } from '../lower-bound.ts';
import { isPosition } from '../wire/from-sandbox.ts';
import type { FileMaps } from './program.ts';
import type { Run, RunMap } from './rewriting.ts';
import type { Place } from './source-error.ts';

type FindPlace = (place: Place) => Place | undefined;

/** Finds the author's places for places in a compiled file. */
export class FilePlaces {
  /** Compilation has put code of its own into the source. */
  readonly isInstrumented: boolean;
  readonly #compiled: readonly FindPlace[];
  readonly #inline: TraceMap | undefined;

  constructor({ compiled, inline }: FileMaps) {
    const maps = compiled.map((json) => JSON.parse(json) as Partial<RunMap>);
    this.isInstrumented = maps[0]?.runs !== undefined;
    this.#compiled = maps.map(finder);
    this.#inline = inline === undefined ? undefined : new TraceMap(inline);
  }

  /** Whether a file is among those that this one is made of. */
  hasSource(file: string): boolean {
    return this.#inline?.resolvedSources.includes(file) ?? false;
  }

  /**
   * @returns the place, with its file if that is another; undefined for code that compilation added. Code that the
   *   author's bundler added is at its place in the bundle.
   */
  find(place: Place): Place | undefined {
    let current = place;
    for (const find of this.#compiled) {
      const found = find(current);
      if (found === undefined) return undefined;
      current = found;
    }
    return this.#inline === undefined ? current : (inlinePlace(this.#inline, current) ?? current);
  }
}

function finder(map: Partial<RunMap>): FindPlace {
  if (map.runs !== undefined) return (place) => placeInRuns(map.runs as readonly Run[], place);
  const trace = new TraceMap(map as never);
  return (place) => originalPosition(trace, place);
}

/** What was put in is where it was put. */
function placeInRuns(runs: readonly Run[], { line, column }: Place): Place | undefined {
  const next = lowerBound(runs.length, (i) => {
    const [runLine, runColumn] = runs[i] as Run;
    return runLine < line || (runLine === line && runColumn <= column);
  });
  const run = runs[next - 1];
  if (run === undefined) return undefined;
  const [runLine, runColumn, fromLine, fromColumn, isNew] = run;
  if (isNew === 1) return { line: fromLine, column: fromColumn };
  if (line > runLine) return { line: fromLine + line - runLine, column };
  return { line: fromLine, column: fromColumn + column - runColumn };
}

function originalPosition(map: TraceMap, { line, column }: Place): Place | undefined {
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.line !== null) return { line: found.line, column: found.column + 1 };
  // A parenthesis that a line begins with is in no map: it stands as far before the first thing that is.
  const first = decodedMappings(map)[line - 1]?.[0];
  if (first === undefined || first.length === 1 || first[0] < column) return undefined;
  return { line: first[2] + 1, column: Math.max(1, first[3] + column - first[0]) };
}

/** A map that an author has brought may say anything. */
function inlinePlace(map: TraceMap, place: Place): Place | undefined {
  const { source, line, column } = originalPositionFor(map, { line: place.line, column: place.column - 1 });
  if (typeof source !== 'string' || source === '' || !isPosition(line)) return undefined;
  const found = { file: source, line, column: (column as number) + 1 };
  return isPosition(found.column) ? found : undefined;
}
