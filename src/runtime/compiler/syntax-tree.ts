/** A node with its fields by name: instrumentation changes nodes in place. */
export interface AnyNode {
  type: string;
  [field: string]: unknown;
}

export const isFunction = (node: AnyNode): boolean =>
  /^(Function|ArrowFunction|ObjectMethod|Class(Private)?Method)/.test(node.type);

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

const node = (fields: object): AnyNode => fields as AnyNode;

/** Nodes that instrumentation adds. They have no place of their own unless one is given. */
export const make = {
  identifier: (name: string, loc?: unknown): AnyNode => node({ type: 'Identifier', name, ...(loc ? { loc } : {}) }),
  string: (value: string): AnyNode => node({ type: 'StringLiteral', value }),
  call: (callee: AnyNode, args: readonly unknown[], loc?: unknown): AnyNode =>
    node({ type: 'CallExpression', callee, arguments: args, ...(loc ? { loc } : {}) }),
  assign: (left: unknown, right: unknown, loc?: unknown): AnyNode =>
    node({ type: 'AssignmentExpression', operator: '=', left, right, ...(loc ? { loc } : {}) }),
  statement: (expression: unknown, loc?: unknown): AnyNode =>
    node({ type: 'ExpressionStatement', expression, ...(loc ? { loc } : {}) }),
  block: (body: unknown[]): AnyNode => node({ type: 'BlockStatement', body, directives: [] }),
  declare: (kind: 'var' | 'let', names: readonly string[]): AnyNode =>
    node({
      type: 'VariableDeclaration',
      kind,
      declarations: names.map((name) => ({ type: 'VariableDeclarator', id: make.identifier(name), init: null })),
    }),
  undefined: (): AnyNode =>
    node({ type: 'UnaryExpression', operator: 'void', prefix: true, argument: { type: 'NumericLiteral', value: 0 } }),
  returns: (argument: AnyNode): AnyNode => node({ type: 'ReturnStatement', argument }),
  asyncArrow: (body: AnyNode): AnyNode =>
    node({ type: 'ArrowFunctionExpression', params: [], body, async: true, expression: false }),
};
