import type { FieldPath } from './field-path.ts';

/** A place in a text: both from 1, the column in UTF-16 units, as editors and V8 count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds lines and columns of a text's offsets. LF, CRLF and CR end a line. */
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

/** Where a value and its parts are in a text, by offset. */
export interface SourceNode {
  readonly offset: number;
  /** Where the member's key is, for a member of an object. */
  readonly keyOffset?: number;
  readonly children?: ReadonlyMap<string | number, SourceNode>;
  /** For a literal block scalar (`|`): where its first line is, after the indentation, and how wide that is. */
  readonly block?: { readonly offset: number; readonly indent: number };
}

/** The offset to report a path at: the key of the last part of it that is there, or the start of the whole. */
export function locate(root: SourceNode, path: FieldPath): number {
  let node = root;
  for (const part of path) {
    const child = node.children?.get(part);
    if (child === undefined) break;
    node = child;
  }
  return node === root ? node.offset : (node.keyOffset ?? node.offset);
}

/** The node of a path, where all of it is there. */
export function nodeAt(root: SourceNode, path: FieldPath): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const part of path) node = node?.children?.get(part);
  return node;
}
