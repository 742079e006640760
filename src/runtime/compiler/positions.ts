import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { isPosition } from '../wire/from-sandbox.ts';
import type { FileMaps } from './program.ts';
import type { Place } from './source-error.ts';

/** Finds the author's places for places in a compiled file. */
export class FilePlaces {
  readonly #compiled: readonly TraceMap[];
  readonly #inline: TraceMap | undefined;

  constructor({ compiled, inline }: FileMaps) {
    this.#compiled = compiled.map((json) => new TraceMap(json));
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
    for (const map of this.#compiled) {
      const { line, column } = originalPositionFor(map, { line: current.line, column: current.column - 1 });
      if (line === null || column === null) return undefined;
      current = { line, column: column + 1 };
    }
    return this.#inline === undefined ? current : (inlinePlace(this.#inline, current) ?? current);
  }
}

/** A map that an author has brought may say anything. */
function inlinePlace(map: TraceMap, place: Place): Place | undefined {
  const { source, line, column } = originalPositionFor(map, { line: place.line, column: place.column - 1 });
  if (typeof source !== 'string' || source === '' || !isPosition(line)) return undefined;
  const found = { file: source, line, column: (column as number) + 1 };
  return isPosition(found.column) ? found : undefined;
}
