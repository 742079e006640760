import { type FieldError, type FieldPath, fieldError } from './field-path.ts';
import { type LineMap, locate, nodeAt, type Position, type SourceNode } from './source-map.ts';

/** What is wrong with a manifest, and where. */
export interface ManifestProblem extends Position {
  readonly file: string;
  /** Which document of the file, from 1. */
  readonly document: number;
  /** The field, such as `spec.limits.timeout`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

/** The place of an object in its file. */
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

  /** Where a field is, or the nearest one around it that is there. */
  position(path: FieldPath = []): Position {
    return this.#lines.position(locate(this.#node, path));
  }

  /**
   * Where a place in a script of this manifest is in the file.
   *
   * @param path field that holds the script, such as `['spec', 'source']`
   * @returns undefined where the script is not written line by line (a `|` block)
   */
  scriptPosition(path: FieldPath, line: number, column: number): Position | undefined {
    const block = nodeAt(this.#node, path)?.block;
    if (block === undefined) return undefined;
    return { line: this.#lines.position(block.offset).line + line - 1, column: column + block.indent };
  }

  /** The origin of an item of this List. */
  item(index: number): Origin {
    const path = ['items', index];
    const node = nodeAt(this.#node, path) ?? this.#node;
    return new Origin(this.file, this.document, node, this.#lines, [...this.#prefix, ...path]);
  }

  /** An error of the object as a problem of the file. */
  problem(error: FieldError): ManifestProblem {
    const { path } = fieldError([...this.#prefix, ...error.parts], '');
    const { message, hint } = error;
    const { file, document } = this;
    return { file, document, path, ...this.position(error.parts), message, ...(hint === undefined ? {} : { hint }) };
  }
}
