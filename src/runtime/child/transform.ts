import { type AnyNode, type Node, type Program, parse } from 'acorn';
import type { CompiledCode } from '../wire/to-child.ts';
import { applyEdits, type Edit, lineStarts } from './edits.ts';
import { SourceError } from './syntax-error.ts';

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
  const names = freshNames(source);
  const edits: Edit[] = [];
  const result = isModule ? `${names.call}(${editModule(ast, source, names, edits)})` : names.value;
  if (!isModule) editCompletion(ast.body, names, edits);
  const isAsync = editEverywhere(ast, names, edits);

  const kind = isAsync || goal === 'async' ? 'async function' : 'function';
  const strict = isModule ? '"use strict";' : '';
  if (source.startsWith('#!')) edits.push({ start: 0, end: 2, text: '//' });
  edits.unshift({ start: 0, end: 0, text: `(${kind}(${names.note},${names.call},${names.value}){${strict}` });
  const { code, shifts } = applyEdits(source, edits);
  return { code: `${code}\nreturn ${result}})\n//# sourceURL=${fileName}`, shifts };
}

/** Names for the wrapper's own variables that the source does not hold. */
function freshNames(source: string): { note: string; call: string; value: string } {
  let suffix = '$';
  while (source.includes(suffix)) suffix += '$';
  return { note: `n${suffix}`, call: `c${suffix}`, value: `v${suffix}` };
}

function parseWithAcorn(source: string, goal: Goal): Program {
  try {
    return parse(source, {
      ecmaVersion: 'latest',
      sourceType: goal === 'script' ? 'script' : 'module',
      allowAwaitOutsideFunction: goal !== 'script',
      allowHashBang: true,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new SourceError('SyntaxError: the source nests too deeply');
    const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
    const text = `SyntaxError: ${message.replace(/ \(\d+:\d+\)$/, '')}`;
    throw loc === undefined ? new SourceError(text) : new SourceError(text, loc.line, loc.column + 1);
  }
}

/** Blanks the module syntax out, in place. Gives the expression of the default export. */
function editModule(ast: Program, source: string, names: { value: string }, edits: Edit[]): string {
  let result = names.value;
  const blank = (start: number, end: number, text = ''): void => {
    edits.push({ start, end, text: text + source.slice(start + text.length, end).replace(/[^\s]/g, ' ') });
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
          blank(node.start, node.end);
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
          blank(node.start, declaration.start, `${names.value}=(`);
          edits.push({ start: declaration.end, end: declaration.end, text: named ? ');' : ')' });
        }
        break;
      }
    }
  }
  return result;
}

/**
 * Keeps the completion value: that of the last statement that has one. Declarations have none; a compound statement has
 * that of whichever expression in it is evaluated last.
 * @returns whether the list has a statement with a value
 */
function editCompletion(body: readonly Node[], names: { value: string }, edits: Edit[]): boolean {
  for (const statement of body.toReversed() as AnyNode[]) {
    if (/Declaration$|^EmptyStatement$/.test(statement.type)) continue;
    if (statement.type === 'BlockStatement') {
      if (editCompletion(statement.body, names, edits)) return true;
      continue;
    }
    walk(statement, (node) => {
      if (isFunction(node) || node.type === 'ClassBody') return false;
      if (node.type === 'ExpressionStatement' && node.directive === undefined) {
        edits.push({ start: node.expression.start, end: node.expression.start, text: `${names.value}=(` });
        edits.push({ start: node.expression.end, end: node.expression.end, text: ')' });
      }
      return true;
    });
    return true;
  }
  return false;
}

/** Edits `throw` and `import.meta` wherever they stand, and says whether there is an `await` outside functions. */
function editEverywhere(ast: Program, names: { note: string }, edits: Edit[]): boolean {
  let awaits = false;
  walk(ast, (node, inFunction) => {
    if (node.type === 'ThrowStatement') {
      const list = node.argument.type === 'SequenceExpression';
      edits.push({ start: node.argument.start, end: node.argument.start, text: `${names.note}(${list ? '(' : ''}` });
      edits.push({ start: node.argument.end, end: node.argument.end, text: list ? '))' : ')' });
    } else if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      edits.push({ start: node.start, end: node.end, text: '({})'.padEnd(node.end - node.start) });
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

const isFunction = (node: Node): boolean => /Function/.test(node.type);

function positionOf(source: string, offset: number): { line: number; column: number } {
  const starts = lineStarts(source);
  const line = starts.findLastIndex((start) => start <= offset);
  return { line: line + 1, column: offset - (starts[line] as number) + 1 };
}

/** Visits every node, without recursion: the depth of a hostile source is its author's choice. False skips the inside. */
function walk(root: Node, visit: (node: AnyNode, inFunction: boolean) => boolean): void {
  const stack: [Node, boolean][] = [[root, false]];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [node, inFunction] = entry;
    if (!visit(node as AnyNode, inFunction)) continue;
    const inside = inFunction || isFunction(node);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') stack.push([child as Node, inside]);
      }
    }
  }
}
