import type { AnyNode, Node, Program } from 'acorn';
import type { EditList } from './edits.ts';
import { isFunction, walk } from './walk.ts';

/** Statements whose value is `undefined` where nothing in them gives one. */
const HAS_VALUE = /^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try|With)Statement$/;
/** What holds a list of statements, so that one more can stand among them. */
const HAS_LIST = /^(Program|BlockStatement|SwitchCase)$/;

/**
 * Keeps a script's completion value in a variable: each expression statement outside functions sets it, and each
 * statement that holds others unsets it before, so that `1; if (false) 2` is undefined as it is for V8.
 * One thing differs: a `finally` block never has a value, not even where `break` leaves it.
 */
export function keepCompletion(ast: Program, variable: string, edits: EditList): void {
  const unset = `${variable}=void 0;`;
  /** Of a labelled statement, its first label: nothing may come between the two. */
  const labels = new Map<Node, { start: number; parent: AnyNode | undefined }>();
  walk(ast, (node, { parent }) => {
    if (isFunction(node) || node.type === 'ClassBody') return false;
    if (parent?.type === 'TryStatement' && parent.finalizer === node) return false;
    const from = labels.get(node) ?? { start: node.start, parent };
    if (node.type === 'LabeledStatement') {
      labels.set(node.body, from);
    } else if (node.type === 'ExpressionStatement') {
      if (node.directive === undefined) {
        edits.around(node.expression.start, node.expression.end, `${variable}=(`, ')');
      } else {
        // In place it would no longer be a directive.
        edits.insertAfter(node.end, `;${variable}=${JSON.stringify((node.expression as { value?: unknown }).value)};`);
      }
    } else if (HAS_VALUE.test(node.type)) {
      if (HAS_LIST.test(from.parent?.type ?? '')) edits.insertBefore(from.start, unset);
      else edits.around(from.start, node.end, `{${unset}`, '}');
    }
    return true;
  });
}
