import type { AnyNode, Node } from 'acorn';

export const isFunction = (node: Node): boolean => /Function/.test(node.type);

/** Where a visited node stands. */
export interface Place {
  readonly parent: AnyNode | undefined;
  /** Inside a function, its parameters included. */
  readonly inFunction: boolean;
}

/**
 * Visits every node but identifiers and literals, a parent before its children, without recursion: the depth of a hostile source is its author's
 * choice. False skips the inside.
 */
export function walk(root: Node, visit: (node: AnyNode, place: Place) => boolean): void {
  const stack: [Node, Place][] = [[root, { parent: undefined, inFunction: false }]];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [node, place] = entry;
    if (!visit(node as AnyNode, place)) continue;
    const inside: Place = { parent: node as AnyNode, inFunction: place.inFunction || isFunction(node) };
    for (const key in node) {
      const value = (node as unknown as Record<string, unknown>)[key];
      if (typeof value !== 'object' || value === null) continue;
      if (!Array.isArray(value)) push(stack, value, inside);
      else for (const child of value) push(stack, child, inside);
    }
  }
}

function push(stack: [Node, Place][], child: { type?: unknown } | null, place: Place): void {
  if (typeof child?.type === 'string' && child.type !== 'Identifier' && child.type !== 'Literal') {
    stack.push([child as Node, place]);
  }
}
