import type { Rewriting } from './rewriting.ts';
import { type AnyNode, endOf } from './syntax-tree.ts';

/** Statements with a value even where nothing in them gives one: `undefined`. */
const COMPOUND = /^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try|With)Statement$/;

/**
 * Has a variable hold the completion value of a list of statements, as ECMAScript defines it: each expression statement
 * sets the variable; a compound statement unsets it first, so that `1; if (false) 2` is undefined; a `finally` block keeps
 * what was there before, unless it is left by `break` or `continue`.
 *
 * V8 does the same to a script (src/parsing/rewriter.cc), but not to the body of a function.
 */
export function keepCompletion(
  statements: readonly AnyNode[],
  variable: string,
  source: string,
  rewriting: Rewriting,
): void {
  const unset = `${variable}=void 0;`;
  keepList(statements);

  function keepList(list: unknown): void {
    for (const statement of list as AnyNode[]) {
      if (isCompound(statement)) rewriting.open(statement.start as number, unset);
      keepInside(statement);
    }
  }

  function keepInside(statement: AnyNode): void {
    switch (statement.type) {
      case 'ExpressionStatement': {
        const end = endOf(statement, source);
        // A comma keeps a function from being named after the variable; elsewhere it would cost V8 the place.
        const isFunction = /^(Function|Class|ArrowFunction)Expression$/.test((statement.expression as AnyNode)?.type);
        rewriting.open(statement.start as number, `${variable}=(${isFunction ? '0,' : ''}`);
        rewriting.close(end, end === statement.end ? ');' : ')');
        break;
      }
      case 'BlockStatement':
        keepList(statement.body);
        break;
      case 'LabeledStatement':
        keepInside(statement.body as AnyNode);
        break;
      case 'IfStatement':
        keepBranch(statement.consequent as AnyNode);
        if (statement.alternate) keepBranch(statement.alternate as AnyNode);
        break;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'WithStatement':
        keepBranch(statement.body as AnyNode);
        break;
      case 'SwitchStatement':
        for (const part of statement.cases as AnyNode[]) keepList(part.consequent);
        break;
      case 'TryStatement':
        keepTry(statement);
        break;
    }
  }

  /** A statement that stands alone gets a block of its own where another one must stand before it. */
  function keepBranch(statement: AnyNode): void {
    if (isCompound(statement)) {
      rewriting.open(statement.start as number, `{${unset}`);
      rewriting.close(statement.end as number, '}');
    }
    keepInside(statement);
  }

  function keepTry({ block, handler, finalizer }: AnyNode): void {
    keepInside(block as AnyNode);
    if (handler) {
      const body = (handler as AnyNode).body as AnyNode;
      // What the block gave before it threw is void.
      rewriting.open((body.start as number) + 1, unset);
      keepInside(body);
    }
    if (!finalizer) return;
    const { start, end } = finalizer as { start: number; end: number };
    rewriting.open(start + 1, `const ${variable}_=${variable};${unset}`);
    rewriting.close(end - 1, `;${variable}=${variable}_;`);
    keepInside(finalizer as AnyNode);
  }
}

function isCompound(statement: AnyNode): boolean {
  let inner = statement;
  while (inner.type === 'LabeledStatement') inner = inner.body as AnyNode;
  return COMPOUND.test(inner.type);
}
