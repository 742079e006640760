import { SourceMap } from 'node:module';

/** A place in a file of the author's; line and column from 1. */
export interface AuthorPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Finds the places of a bundle in the files that it was made from. */
export class AuthorPlaces {
  readonly #map: SourceMap;

  /** @param json a source map (ECMA-426) */
  constructor(json: string) {
    this.#map = new SourceMap(JSON.parse(json));
  }

  /** @param line and @param column of the bundle, from 1 */
  find(line: number, column: number): AuthorPlace | undefined {
    const entry = this.#map.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry) || entry.originalSource === undefined) return undefined;
    const { originalSource: file, originalLine, originalColumn } = entry;
    return { file, line: originalLine + 1, column: originalColumn + 1 };
  }
}
