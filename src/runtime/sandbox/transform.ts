import { randomBytes } from 'node:crypto';
import { type Node, type Program, parse } from 'acorn';
import type { CompiledCode } from '../wire/to-sandbox.ts';
import { keepCompletion } from './completion.ts';
import { applyEdits, EditList, lineStarts } from './edits.ts';
import { SourceError } from './syntax-error.ts';
import { walk } from './walk.ts';

/** What V8 made of the source when it parsed it alone. */
export type Goal = 'script' | 'module' | 'async';

/**
 * Makes one function of a script, which gives its `export default` or its completion value, and notes the position of
 * each `throw`. V8 has parsed the same text alone before, so it cannot close the wrapper it is put into.
 */
export function transform(source: string, goal: Goal, fileName: string): CompiledCode {
  const ast = parseWithAcorn(source, goal);
  const isModule =
    ast.body.some((node) => /^(Import|Export)/.test(node.type)) || (goal === 'module' && /\.m[jt]s$/.test(fileName));
  const names = freshNames();
  const edits = new EditList();
  const result = isModule ? `${names.call}(${editModule(ast, source, names, edits)})` : names.value;
  if (!isModule) keepCompletion(ast.body, names.value, edits);
  const isAsync = editEverywhere(ast, source, names, edits);

  const kind = isAsync || goal === 'async' ? 'async function' : 'function';
  const strict = isModule ? '"use strict";' : '';
  const start = `(${kind}(${names.note},${names.call},${names.value}){${strict}`;
  const hashbang = source.startsWith('#!') ? [{ start: 0, end: 2, text: '//' }] : [];
  const { code, shifts } = applyEdits(source, [{ start: 0, end: 0, text: start }, ...hashbang, ...edits.edits]);
  const end = `return ${result}})`;
  shifts.push([lineStarts(code).length + 1, 1, end.length]);
  return { code: `${code}\n${end}\n//# sourceURL=${fileName}`, shifts };
}

/** Names for the wrapper's own variables that no source can hold, not even written as escapes. */
function freshNames(): { note: string; call: string; value: string } {
  const suffix = `$${randomBytes(6).toString('hex')}`;
  return { note: `n${suffix}`, call: `c${suffix}`, value: `v${suffix}` };
}

function parseWithAcorn(source: string, goal: Goal): Program {
  try {
    return parse(source, {
      ecmaVersion: 'latest',
      sourceType: goal === 'script' ? 'script' : 'module',
      allowAwaitOutsideFunction: goal !== 'script',
      allowHashBang: true,
      // A node then holds the parentheses around it, and text put before it lands outside of them.
      preserveParens: true,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new SourceError('SyntaxError: the source nests too deeply');
    const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
    const text = `SyntaxError: ${message.replace(/ \(\d+:\d+\)$/, '')}`;
    throw loc === undefined ? new SourceError(text) : new SourceError(text, loc.line, loc.column + 1);
  }
}

/** Blanks the module syntax out, in place. Gives the expression of the default export. */
function editModule(ast: Program, source: string, names: { value: string }, edits: EditList): string {
  let result = names.value;
  const blank = (start: number, end: number, text = ''): void => {
    edits.replace(start, end, text + source.slice(start + text.length, end).replace(/[^\s]/g, ' '));
  };
  const refuse = (node: Node, specifier: unknown): never => {
    const { line, column } = positionOf(source, node.start);
    throw new SourceError(
      `SyntaxError: Cannot import '${specifier}': a script is one file and has no modules`,
      line,
      column,
    );
  };
  for (const node of ast.body) {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        refuse(node.source, node.source.value);
        break;
      case 'ExportNamedDeclaration':
        if (node.source) refuse(node.source, node.source.value);
        if (node.declaration) blank(node.start, node.declaration.start);
        else {
          blank(node.start, node.end, ';'); // the lines around it must not become one statement
          for (const specifier of node.specifiers) {
            const exported = specifier.exported;
            const exportedName = exported.type === 'Identifier' ? exported.name : exported.value;
            if (exportedName === 'default' && specifier.local.type === 'Identifier') result = specifier.local.name;
          }
        }
        break;
      case 'ExportDefaultDeclaration': {
        const { declaration } = node;
        const named = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
        if (named && declaration.id) {
          blank(node.start, declaration.start);
          result = declaration.id.name;
        } else {
          // As a property, a function without a name gets the one that a default export has.
          blank(node.start, declaration.start, `${names.value}=({default:`);
          edits.insertAfter(declaration.end, named ? '}).default;' : '}).default');
        }
        break;
      }
    }
  }
  return result;
}

/** Edits `throw` and `import.meta` wherever they stand, and says whether there is an `await` outside functions. */
function editEverywhere(ast: Program, source: string, names: { note: string }, edits: EditList): boolean {
  // A keyword can't be written otherwise: most scripts need no walk.
  if (!/throw|await|\bmeta\b/.test(source)) return false;
  let awaits = false;
  walk(ast, (node, { inFunction }) => {
    if (node.type === 'ThrowStatement') {
      const list = node.argument.type === 'SequenceExpression';
      const { start, end } = node.argument;
      edits.around(start, end, list ? `${names.note}((` : `${names.note}(`, list ? '))' : ')');
    } else if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      edits.replace(node.start, node.end, '({})'.padEnd(node.end - node.start));
    } else if (!inFunction) {
      awaits ||=
        node.type === 'AwaitExpression' ||
        (node.type === 'ForOfStatement' && node.await) ||
        (node.type === 'VariableDeclaration' && (node.kind as string) === 'await using');
    }
    return true;
  });
  return awaits;
}

function positionOf(source: string, offset: number): { line: number; column: number } {
  const starts = lineStarts(source);
  const line = starts.findLastIndex((start) => start <= offset);
  return { line: line + 1, column: offset - (starts[line] as number) + 1 };
}
