import { type FieldError, type FieldPath, fieldError } from './field-path.ts';
import { type LineMap, locate, nodeAt, type Position, pathTo, type SourceNode } from './source-map.ts';

/** An error in a manifest and its position. */
export interface ManifestProblem extends Position {
  readonly file: string;
  /** Index of the document in the file, from 1. */
  readonly document: number;
  /** The field, for example `spec.limits.timeout`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  /** A suggested correction. */
  readonly hint?: string;
}

/** The position of an object in its file. */
export class Origin {
  readonly file: string;
  readonly document: number;
  readonly #node: SourceNode;
  readonly #lines: LineMap;
  readonly #prefix: FieldPath;

  constructor(file: string, document: number, node: SourceNode, lines: LineMap, prefix: FieldPath = []) {
    this.file = file;
    this.document = document;
    this.#node = node;
    this.#lines = lines;
    this.#prefix = prefix;
  }

  /** Position of a field, or of its nearest existing ancestor. */
  position(path: FieldPath = []): Position {
    return this.#lines.position(locate(this.#node, path));
  }

  /**
   * Maps a position in a script of this manifest to the file.
   *
   * @param path field that contains the script, for example `['spec', 'source']`
   * @returns undefined unless the script is a literal block (`|`)
   */
  scriptPosition(path: FieldPath, line: number, column: number): Position | undefined {
    const offset = nodeAt(this.#node, path)?.lineOffsets?.[line - 1];
    return offset === undefined ? undefined : this.#lines.position(offset + column - 1);
  }

  /** The origin of an item of this List. */
  item(index: number): Origin {
    const path = ['items', index];
    const node = nodeAt(this.#node, path) ?? this.#node;
    return new Origin(this.file, this.document, node, this.#lines, [...this.#prefix, ...path]);
  }

  /** A problem of the value that is written at an offset of the file. */
  problemAt(offset: number, { message, hint }: { message: string; hint: string }): ManifestProblem {
    const parts = pathTo(this.#node, offset) ?? [];
    const { path } = fieldError([...this.#prefix, ...parts], '');
    const { file, document } = this;
    return { file, document, path, ...this.#lines.position(offset), message, hint };
  }

  /** Converts an error of the object to a problem of the file. */
  problem(error: FieldError): ManifestProblem {
    const { path } = fieldError([...this.#prefix, ...error.parts], '');
    const { message } = error;
    const written = error.quoteSource === true ? nodeAt(this.#node, error.parts)?.text : undefined;
    const hint = written === undefined ? error.hint : `write it in quotes: "${written}"`;
    const { file, document } = this;
    return { file, document, path, ...this.position(error.parts), message, ...(hint === undefined ? {} : { hint }) };
  }
}
