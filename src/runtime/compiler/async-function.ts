import type { Program } from '@babel/types';
import { keepCompletion } from './completion.ts';
import { hoist } from './hoisting.ts';
import type { Names } from './program.ts';
import type { Rewriting } from './rewriting.ts';
import { type AnyNode, endOf } from './syntax-tree.ts';

/**
 * Makes an async function of a script's statements:
 * `var a, f; (async () => { f = function () {}; let value; statements; return value })`
 */
export function makeAsync(program: Program, source: string, names: Names, rewriting: Rewriting): void {
  const { value } = names;
  const body = program.body as unknown as AnyNode[];
  const directives = program.directives as unknown as AnyNode[];
  if (program.interpreter) rewriting.remove(0, program.interpreter.end as number);
  rewriting.close(source.length, `\nreturn ${value}})`);
  keepCompletion([...directives.map(asStatement), ...body], value, source, rewriting);
  const { declared, functions } = hoist(body, source, names, rewriting);
  for (const each of directives) {
    rewriting.putInFront({ start: each.start as number, end: endOf(each, source) }, ';');
  }
  if (declared.length > 0) rewriting.putInFront(`var ${declared.join()};`);
  rewriting.putInFront('(async () => {');
  for (const parts of functions) rewriting.putInFront(...parts);
  rewriting.putInFront(`let ${value};`);
}

const asStatement = (directive: AnyNode): AnyNode => ({ ...directive, type: 'ExpressionStatement' });
