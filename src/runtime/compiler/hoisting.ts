import { type AnyNode, isFunction, make, walk } from './syntax-tree.ts';

/** What a script declares for all of its realm, taken out of statements that go into a function. */
export interface Hoisted {
  /** Names of the script's `var` declarations and functions. */
  readonly names: readonly string[];
  /** Assignments of the functions, which come before all else. */
  readonly functions: AnyNode[];
  /** The other statements, each `var` in them an assignment. */
  readonly statements: AnyNode[];
}

/**
 * Makes the top-level `var` declarations and functions of a script assignments, so that they can be declared outside of
 * the function which its statements become: there they are properties of the global object, as those of any script.
 */
export function hoist(body: readonly AnyNode[]): Hoisted {
  const names = new Set<string>();
  const functions: AnyNode[] = [];
  const statements: AnyNode[] = [];
  for (const statement of body) {
    if (statement.type === 'FunctionDeclaration') {
      const { id } = statement as unknown as { id: AnyNode };
      names.add(id.name as string);
      // Without a name of its own it has the one it is assigned to, and sees the variable and no constant of that name.
      const value = { ...statement, type: 'FunctionExpression', id: null };
      functions.push(declaration(make.assign(make.identifier(id.name as string), value), statement.loc));
    } else {
      statements.push(withoutVar(statement, names));
    }
  }
  return { names: [...names], functions, statements };
}

/** Names that a script declares for all of its realm: the global object has them, or hides its own behind them. */
export function globalNames(program: AnyNode): Set<string> {
  const names = new Set<string>();
  walk(program, (node, { parent, inFunction }) => {
    if (inFunction) return false;
    const isTop = parent === program;
    if (node.type === 'VariableDeclaration' && (isTop || node.kind === 'var')) {
      for (const { id } of node.declarations as AnyNode[]) addNames(id as AnyNode, names);
    } else if (isTop && /^(Function|Class)Declaration$/.test(node.type)) {
      addNames(node.id as AnyNode, names);
    }
    return true;
  });
  return names;
}

/** Where a script declares, as its own, a property of the global object that no script can replace. */
export function takenName(program: AnyNode): AnyNode | undefined {
  for (const node of program.body as AnyNode[]) {
    const found = declared(node).find(({ name }) => FIXED.has(name as string));
    if (found !== undefined) return found;
  }
  return undefined;
}

const FIXED = new Set(['undefined', 'NaN', 'Infinity']);

/** The identifiers that a statement declares with `let`, `const`, `using` or `class`. */
function declared(node: AnyNode): AnyNode[] {
  if (node.type === 'ClassDeclaration') return [node.id as AnyNode];
  if (node.type !== 'VariableDeclaration' || node.kind === 'var') return [];
  return (node.declarations as AnyNode[]).flatMap(({ id }) => {
    return (id as AnyNode).type === 'Identifier' ? [id as AnyNode] : [];
  });
}

/** Replaces each `var` of a statement, and of those inside it, by assignments. */
function withoutVar(statement: AnyNode, names: Set<string>): AnyNode {
  if (isFunction(statement) || /^Class/.test(statement.type)) return statement;
  switch (statement.type) {
    case 'VariableDeclaration':
      return statement.kind === 'var' ? assignments(statement, names) : statement;
    case 'ForStatement':
      if (isVar(statement.init)) statement.init = assignment(statement.init as AnyNode, names) ?? null;
      break;
    case 'ForInStatement':
    case 'ForOfStatement':
      if (isVar(statement.left)) {
        const [first] = (statement.left as AnyNode).declarations as AnyNode[];
        // `for (var a = 1 in b)`, which only old code has, stays as it is.
        if (first !== undefined && !first.init) {
          addNames(first.id as AnyNode, names);
          statement.left = first.id;
        }
      }
      break;
  }
  for (const key of ['body', 'block', 'handler', 'finalizer', 'consequent', 'alternate', 'cases']) {
    const value = statement[key];
    if (Array.isArray(value)) statement[key] = value.map((inner: AnyNode) => withoutVar(inner, names));
    else if (isNode(value)) statement[key] = withoutVar(value, names);
  }
  return statement;
}

function assignments(list: AnyNode, names: Set<string>): AnyNode {
  const expression = assignment(list, names);
  return expression === undefined ? ({ type: 'EmptyStatement' } as AnyNode) : declaration(expression, list.loc);
}

/** One expression that assigns what the declarations initialise; undefined where they initialise nothing. */
function assignment(list: AnyNode, names: Set<string>): AnyNode | undefined {
  const expressions: AnyNode[] = [];
  for (const { id, init, loc } of list.declarations as AnyNode[]) {
    addNames(id as AnyNode, names);
    if (init) expressions.push(make.assign(id, init, loc));
  }
  return expressions.length > 1 ? ({ type: 'SequenceExpression', expressions } as never) : expressions[0];
}

const declaration = (expression: AnyNode, loc: unknown): AnyNode =>
  ({ ...make.statement(expression, loc), isDeclaration: true }) as AnyNode;

/** Adds every name that a pattern binds. */
export function addNames(pattern: AnyNode, names: Set<string>): void {
  switch (pattern.type) {
    case 'Identifier':
      names.add(pattern.name as string);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties as AnyNode[]) {
        addNames((property.type === 'RestElement' ? property.argument : property.value) as AnyNode, names);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements as (AnyNode | null)[]) if (element) addNames(element, names);
      break;
    case 'AssignmentPattern':
      addNames(pattern.left as AnyNode, names);
      break;
    case 'RestElement':
      addNames(pattern.argument as AnyNode, names);
      break;
  }
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as AnyNode).type === 'string';

const isVar = (value: unknown): boolean =>
  isNode(value) && value.type === 'VariableDeclaration' && value.kind === 'var';
