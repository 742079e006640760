import type { FieldPath } from './field-path.ts';

/** A position in a text: line and column from 1, columns in UTF-16 units, as in editors and V8. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Converts offsets of a text to lines and columns. LF, CRLF and CR end a line. */
export class LineMap {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(match.index + match[0].length);
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/** Offsets of a value and its parts in a text. */
export interface SourceNode {
  readonly offset: number;
  /** Offset of the member's key, for a member of an object. */
  readonly keyOffset?: number;
  readonly children?: ReadonlyMap<string | number, SourceNode>;
  /** How a scalar that is no string is written, such as `1.10` or `yes`. */
  readonly text?: string;
  /** For a literal block scalar (`|`): offsets at which its lines begin, after the indentation. */
  readonly lineOffsets?: readonly number[];
}

/** The offset at which a path is reported: the key of its last existing part, or the start of the root. */
export function locate(root: SourceNode, path: FieldPath): number {
  let node = root;
  for (const part of path) {
    const child = node.children?.get(part);
    if (child === undefined) break;
    node = child;
  }
  return node === root ? node.offset : (node.keyOffset ?? node.offset);
}

/** The node at a path, if all of it exists. */
export function nodeAt(root: SourceNode, path: FieldPath): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const part of path) node = node?.children?.get(part);
  return node;
}

/** The path of the value that begins at an offset; undefined where none does. */
export function pathTo(root: SourceNode, offset: number): FieldPath | undefined {
  if (root.offset === offset && root.children === undefined) return [];
  for (const [part, child] of root.children ?? []) {
    const rest = pathTo(child, offset);
    if (rest !== undefined) return [part, ...rest];
  }
  return undefined;
}
