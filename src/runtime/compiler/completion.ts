import { type AnyNode, make } from './syntax-tree.ts';

/** Statements with a value even where nothing in them gives one: `undefined`. */
const COMPOUND = /^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try|With)Statement$/;

/**
 * Rewrites a list of statements so that a variable holds its completion value, as ECMAScript defines it: each expression
 * statement sets the variable; a compound statement unsets it first, so that `1; if (false) 2` is undefined; a `finally`
 * block keeps what was there before, unless it is left by `break` or `continue`.
 *
 * V8 does the same to a script (src/parsing/rewriter.cc), but not to the body of a function.
 */
export function keepCompletion(statements: readonly AnyNode[], variable: string): AnyNode[] {
  const list: AnyNode[] = [];
  for (const statement of statements) {
    if (COMPOUND.test(unlabelled(statement).type)) list.push(unset(variable));
    keepInside(statement, variable);
    list.push(statement);
  }
  return list;
}

function keepInside(statement: AnyNode, variable: string): void {
  switch (statement.type) {
    case 'ExpressionStatement':
      // What hoisting made of a declaration has no value.
      if (statement.isDeclaration !== true) {
        statement.expression = make.assign(make.identifier(variable), statement.expression, loc(statement.expression));
      }
      break;
    case 'BlockStatement':
      keepList(statement, 'body', variable);
      break;
    case 'LabeledStatement':
      keepInside(statement.body as AnyNode, variable);
      break;
    case 'IfStatement':
      keepBranch(statement, 'consequent', variable);
      if (statement.alternate) keepBranch(statement, 'alternate', variable);
      break;
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'WithStatement':
      keepBranch(statement, 'body', variable);
      break;
    case 'SwitchStatement':
      for (const part of statement.cases as AnyNode[]) keepList(part, 'consequent', variable);
      break;
    case 'TryStatement':
      keepTry(statement, variable);
      break;
  }
}

function keepTry(statement: AnyNode, variable: string): void {
  keepList(statement.block as AnyNode, 'body', variable);
  if (statement.handler) {
    const body = (statement.handler as AnyNode).body as AnyNode;
    keepList(body, 'body', variable);
    // What the block gave before it threw is void.
    (body.body as AnyNode[]).unshift(unset(variable));
  }
  if (!statement.finalizer) return;
  const finalizer = statement.finalizer as AnyNode;
  keepList(finalizer, 'body', variable);
  const saved = `${variable}_`;
  finalizer.body = [
    { type: 'VariableDeclaration', kind: 'const', declarations: [declarator(saved, variable)] },
    unset(variable),
    ...(finalizer.body as AnyNode[]),
    make.statement(make.assign(make.identifier(variable), make.identifier(saved))),
  ];
}

const declarator = (name: string, init: string): object => ({
  type: 'VariableDeclarator',
  id: make.identifier(name),
  init: make.identifier(init),
});

function keepList(holder: AnyNode, key: string, variable: string): void {
  holder[key] = keepCompletion(holder[key] as AnyNode[], variable);
}

/** A statement that stands alone gets a block of its own where another one must stand before it. */
function keepBranch(holder: AnyNode, key: string, variable: string): void {
  const list = keepCompletion([holder[key] as AnyNode], variable);
  holder[key] = list.length === 1 ? list[0] : make.block(list);
}

const unset = (variable: string): AnyNode => make.statement(make.assign(make.identifier(variable), make.undefined()));

function unlabelled(statement: AnyNode): AnyNode {
  let inner = statement;
  while (inner.type === 'LabeledStatement') inner = inner.body as AnyNode;
  return inner;
}

const loc = (node: unknown): unknown => (node as AnyNode).loc;
