/** A node with its fields by name. */
export interface AnyNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

export const isFunction = (node: AnyNode): boolean =>
  /^(Function|ArrowFunction|ObjectMethod|Class(Private)?Method)/.test(node.type);

/** What is evaluated when something is called or made, and not where it stands: but for its computed key. */
const isLater = (node: AnyNode): boolean =>
  isFunction(node) || /^(Class(Private|Accessor)?Property|StaticBlock)$/.test(node.type);

/** Where a statement ends, but for its semicolon. */
export function endOf({ end }: AnyNode, source: string): number {
  const last = (end as number) - 1;
  return source[last] === ';' ? last : last + 1;
}

/** Where a visited node stands. */
export interface Position {
  readonly parent: AnyNode | undefined;
  /** Inside a function, its parameters included, or inside a field or static block of a class; computed keys of methods and fields are outside. */
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
    const here: Position = { parent: node, inFunction: position.inFunction };
    const inside: Position = isLater(node) ? { parent: node, inFunction: true } : here;
    for (const field in node) {
      if (NOT_CHILDREN.has(field)) continue;
      const value = node[field];
      const where = field === 'key' ? here : inside;
      if (Array.isArray(value)) for (const child of value) push(stack, child, where);
      else push(stack, value, where);
    }
  }
}

function push(stack: [AnyNode, Position][], child: unknown, inside: Position): void {
  if (typeof child === 'object' && child !== null && typeof (child as AnyNode).type === 'string') {
    stack.push([child as AnyNode, inside]);
  }
}
