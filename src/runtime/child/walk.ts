import type { AnyNode, Node } from 'acorn';

export const isFunction = (node: Node): boolean => /Function/.test(node.type);

/** Where a visited node stands. */
export interface Place {
  readonly parent: AnyNode | undefined;
  /** Inside a function, its parameters included. */
  readonly inFunction: boolean;
}

/**
 * Visits every node, a parent before its children, without recursion: the depth of a hostile source is its author's
 * choice. False skips the inside.
 */
export function walk(root: Node, visit: (node: AnyNode, place: Place) => boolean): void {
  const stack: [Node, Place][] = [[root, { parent: undefined, inFunction: false }]];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [node, place] = entry;
    if (!visit(node as AnyNode, place)) continue;
    const inside: Place = { parent: node as AnyNode, inFunction: place.inFunction || isFunction(node) };
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') stack.push([child as Node, inside]);
      }
    }
  }
}
