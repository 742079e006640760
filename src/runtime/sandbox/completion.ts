import type { AnyNode, Node } from 'acorn';
import type { EditList } from './edits.ts';
import { isFunction, walk } from './walk.ts';

/** Statements that have a value even where nothing in them gives one: `undefined`. */
const COMPOUND = /^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try|With)Statement$/;
/** What holds a list of statements, so that one more can stand among them. */
const LIST = /^(Program|BlockStatement|SwitchCase)$/;

/**
 * Keeps a script's completion value in a variable: that of its last statement that has one. Declarations have none, and
 * neither has an empty block; a block with a label may have one or not, as its `break` decides.
 * @returns whether the list is sure to have a value
 */
export function keepCompletion(body: readonly Node[], variable: string, edits: EditList): boolean {
  for (const statement of body.toReversed() as AnyNode[]) {
    if (statement.type === 'BlockStatement') {
      if (keepCompletion(statement.body, variable, edits)) return true;
    } else if (statement.type === 'ExpressionStatement' || COMPOUND.test(statement.type)) {
      keepInside(statement, variable, edits);
      return true;
    } else if (statement.type === 'LabeledStatement') {
      keepInside(statement, variable, edits);
    }
  }
  return false;
}

/**
 * Has each expression statement set the variable, and each compound statement unset it before it starts, so that
 * `for (…) { 1; if (false) 2 }` is undefined as it is for V8. One thing differs: a `finally` block never has a value, not
 * even where `break` leaves it.
 */
function keepInside(statement: Node, variable: string, edits: EditList): void {
  const unset = `${variable}=void 0;`;
  /** Of a labelled statement, where its first label stands: nothing may come between the two. */
  const labels = new Map<Node, { start: number; parent: AnyNode | undefined }>();
  walk(statement, (node, { parent }) => {
    if (isFunction(node) || node.type === 'ClassBody') return false;
    if (parent?.type === 'TryStatement' && parent.finalizer === node) return false;
    const from = labels.get(node) ?? { start: node.start, parent };
    if (node.type === 'LabeledStatement') {
      labels.set(node.body, from);
    } else if (node.type === 'ExpressionStatement') {
      keepValue(node, variable, edits);
    } else if (node.type === 'CatchClause') {
      edits.insertBefore(node.body.start + 1, unset); // what the block before it gave is void
    } else if (COMPOUND.test(node.type)) {
      if (from.parent === undefined || LIST.test(from.parent.type)) edits.insertBefore(from.start, unset);
      else edits.around(from.start, node.end, `{${unset}`, '}');
    }
    return true;
  });
}

function keepValue(node: Extract<AnyNode, { type: 'ExpressionStatement' }>, variable: string, edits: EditList): void {
  const { expression } = node;
  if (node.directive === undefined) edits.around(expression.start, expression.end, `${variable}=(`, ')');
  // Inside an assignment it would no longer be a directive.
  else edits.insertAfter(node.end, `;${variable}=${JSON.stringify((expression as { value?: unknown }).value)};`);
}
