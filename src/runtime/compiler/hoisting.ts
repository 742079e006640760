import type { Names } from './program.ts';
import type { Rewriting } from './rewriting.ts';
import { type AnyNode, endOf, isFunction, walk } from './syntax-tree.ts';

type Part = string | { readonly start: number; readonly end: number };

/** What a script declares for all of its realm, taken out of statements that go into a function. */
export interface Hoisted {
  /** Names of the script's `var` declarations and functions. */
  readonly declared: readonly string[];
  /** Assignments of the functions, which come before all else. */
  readonly functions: readonly (readonly Part[])[];
}

/**
 * Makes the top-level `var` declarations and functions of a script assignments, so that they can be declared outside of
 * the function which its statements become: there they are properties of the global object, as those of any script.
 */
export function hoist(body: readonly AnyNode[], source: string, { mark }: Names, rewriting: Rewriting): Hoisted {
  const declared = new Set<string>();
  const functions: (readonly Part[])[] = [];
  for (const statement of body) {
    if (statement.type === 'FunctionDeclaration') {
      const { start, end, id } = statement as unknown as { start: number; end: number; id: AnyNode };
      const name = id.name as string;
      const [nameStart, nameEnd] = [id.start as number, id.end as number];
      declared.add(name);
      // Without a name of its own it has the one it is assigned to, and sees the variable and no constant of that name.
      const withoutName = `${mark}/*${source.slice(nameStart, nameEnd)}*/${mark}`;
      functions.push([`${name}=`, { start, end: nameStart }, withoutName, { start: nameEnd, end }, ';']);
      rewriting.remove(start, end);
    } else {
      hoistVar(statement, declared, source, rewriting);
    }
  }
  return { declared: [...declared], functions };
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

/** Makes assignments of each `var` of a statement, and of those inside it. */
function hoistVar(statement: AnyNode, names: Set<string>, source: string, rewriting: Rewriting): void {
  if (isFunction(statement) || /^Class/.test(statement.type)) return;
  switch (statement.type) {
    case 'VariableDeclaration': {
      const end = endOf(statement, source);
      if (statement.kind === 'var') assign(statement, end, end === statement.end ? ';' : '', names, rewriting);
      return;
    }
    case 'ForStatement':
      if (isVar(statement.init)) assign(statement.init, statement.init.end as number, '', names, rewriting);
      break;
    case 'ForInStatement':
    case 'ForOfStatement':
      if (isVar(statement.left)) {
        const [first] = statement.left.declarations as AnyNode[];
        // `for (var a = 1 in b)`, which only old code has, stays as it is.
        if (first !== undefined && !first.init) {
          addNames(first.id as AnyNode, names);
          rewriting.remove(statement.left.start as number, first.start as number);
        }
      }
      break;
  }
  for (const key of ['body', 'block', 'handler', 'finalizer', 'consequent', 'alternate', 'cases']) {
    const value = statement[key];
    for (const inner of Array.isArray(value) ? (value as AnyNode[]) : [value]) {
      if (isNode(inner)) hoistVar(inner, names, source, rewriting);
    }
  }
}

/** Makes of a list of declarations one expression that assigns what they initialise, or nothing where they initialise nothing. */
function assign(list: AnyNode, end: number, behind: string, names: Set<string>, rewriting: Rewriting): void {
  let last: AnyNode | undefined;
  let isNext = false;
  for (const each of list.declarations as AnyNode[]) {
    addNames(each.id as AnyNode, names);
    const start = each.start as number;
    if (each.init && last === undefined) {
      rewriting.remove(list.start as number, start);
      // As any word, it begins a statement of its own on a new line; a parenthesis alone would call what stands before it.
      rewriting.open(start, 'void(');
    } else if (each.init && !isNext) {
      rewriting.remove((last as AnyNode).end as number, start);
      rewriting.open(start, ',');
    }
    if (each.init) last = each;
    isNext = Boolean(each.init);
  }
  if (last === undefined) rewriting.remove(list.start as number, end);
  else rewriting.remove(last.end as number, end);
  rewriting.close(end, `${last === undefined ? '' : ')'}${behind}`);
}

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

const isVar = (value: unknown): value is AnyNode =>
  isNode(value) && value.type === 'VariableDeclaration' && value.kind === 'var';
