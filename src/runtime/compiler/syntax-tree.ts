/** A node with its fields by name. */
export interface AnyNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

export const isFunction = (node: AnyNode): boolean =>
  /^(Function|ArrowFunction|ObjectMethod|Class(Private)?Method)/.test(node.type);

/** Where a statement ends, but for its semicolon. */
export function endOf({ end }: AnyNode, source: string): number {
  const last = (end as number) - 1;
  return source[last] === ';' ? last : last + 1;
}

/** Where a visited node stands. */
export interface Position {
  readonly parent: AnyNode | undefined;
  /** Inside a function, its parameters included, or inside a field or static block of a class. */
  readonly inFunction: boolean;
}

const NOT_CHILDREN = new Set([
  'loc',
  'extra',
  'leadingComments',
  'trailingComments',
  'innerComments',
  'errors',
  'tokens',
]);

/**
 * Visits every node, a parent before its children, without recursion: how deep a hostile source nests is its author's
 * choice. A visitor that returns false skips what is inside.
 */
export function walk(root: object, visit: (node: AnyNode, position: Position) => boolean | undefined): void {
  const stack: [AnyNode, Position][] = [[root as AnyNode, { parent: undefined, inFunction: false }]];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [node, position] = entry;
    if (visit(node, position) === false) continue;
    const inFunction = position.inFunction || isFunction(node) || node.type === 'ClassBody';
    const inside: Position = { parent: node, inFunction };
    for (const key in node) {
      if (NOT_CHILDREN.has(key)) continue;
      const value = node[key];
      if (Array.isArray(value)) for (const child of value) push(stack, child, inside);
      else push(stack, value, inside);
    }
  }
}

function push(stack: [AnyNode, Position][], child: unknown, inside: Position): void {
  if (typeof child === 'object' && child !== null && typeof (child as AnyNode).type === 'string') {
    stack.push([child as AnyNode, inside]);
  }
}
