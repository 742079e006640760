import { type ParserOptions, parse } from '@babel/parser';
import type { File } from '@babel/types';
import { makeAsync } from './async-function.ts';
import type { Names } from './program.ts';
import { Rewriting, type Rewritten } from './rewriting.ts';
import { type Place, SourceError } from './source-error.ts';
import { type AnyNode, endOf, walk } from './syntax-tree.ts';

/** What a parser says of a source that V8 alone cannot run as it is. */
export interface Findings {
  readonly isModule: boolean;
  /** There is an `await` outside functions. */
  readonly awaits: boolean;
  /** Something is called, or may be, outside functions. */
  readonly calls: boolean;
  /** There is a `using` at the top, which V8 takes in modules and functions alone. */
  readonly disposes: boolean;
  /** There is an `import.meta`. */
  readonly usesMeta: boolean;
}

export interface Instrumented extends Rewritten {
  /** What `import()` is given, where that is a string in the source. */
  readonly loads: readonly string[];
  /** There is an `import()`. */
  readonly mayLoad: boolean;
}

const PLUGINS: NonNullable<ParserOptions['plugins']> = [
  'explicitResourceManagement',
  'deferredImportEvaluation',
  'sourcePhaseImports',
];
/**
 * Parses a source that V8 has taken, and whose rules it judges again once it is rewritten.
 * @throws SourceError where the parser cannot go on
 */
export function parseSource(source: string, sourceType: 'script' | 'module'): File {
  try {
    return parse(source, {
      sourceType,
      allowAwaitOutsideFunction: true,
      createImportExpressions: true,
      errorRecovery: true,
      attachComment: false,
      plugins: PLUGINS,
    });
  } catch (error) {
    throw parserError(error as Error);
  }
}

function parserError(error: Error): SourceError {
  if (error instanceof RangeError) return new SourceError('SyntaxError: the source nests too deeply');
  const { loc } = error as { loc?: Place };
  const message = `SyntaxError: ${error.message.replace(/ \(\d+:\d+\)$/, '')}`;
  return new SourceError(message, loc === undefined ? undefined : { line: loc.line, column: loc.column + 1 });
}

/** What kind of source it is. */
export function findings(file: File): Findings {
  let awaits = false;
  let calls = false;
  let usesMeta = false;
  walk(file.program, (node, { inFunction }) => {
    usesMeta ||= isImportMeta(node);
    awaits ||=
      !inFunction &&
      (node.type === 'AwaitExpression' ||
        (node.type === 'ForOfStatement' && node.await === true) ||
        (node.type === 'VariableDeclaration' && node.kind === 'await using'));
    calls ||= !inFunction && mayCall(node);
    return !awaits;
  });
  const { body } = file.program;
  const isModule = body.some(({ type }) => /^(Import|Export)/.test(type));
  const disposes = body.some((node) => node.type === 'VariableDeclaration' && node.kind === 'using');
  return { isModule, awaits, calls, disposes, usesMeta };
}

/**
 * Has a source report what V8 cannot: values thrown or rejected that are no Errors, `import()`, `import.meta` outside modules.
 * @param isAsync makes an asynchronous function of the statements, which gives their completion value
 */
export function instrument(
  file: File,
  source: string,
  fileName: string,
  names: Names,
  { isAsync, isModule }: { isAsync: boolean; isModule: boolean },
): Instrumented {
  const rewriting = new Rewriting(source);
  const { thrown, load, mark } = names;
  const hasPlace = /\bstackTraceLimit\b/.test(source) ? () => false : makesError;
  const loads: string[] = [];
  const executors: Executor[] = [];
  let mayLoad = false;
  if (isAsync) makeAsync(file.program, source, names, rewriting);
  walk(file.program, (node) => {
    const rejected = rejectedBy(node, executors);
    if (node.type === 'ThrowStatement' && !hasPlace(node.argument as AnyNode)) {
      rewriting.open(tokenAfter(source, (node.start as number) + 'throw'.length), `${mark} ${thrown}((${mark}`);
      rewriting.close(endOf(node, source), `${mark}))${mark}`);
    } else if (rejected !== undefined && !hasPlace(rejected)) {
      rewriting.open(rejected.start as number, `${mark}${thrown}((${mark}`);
      rewriting.close(rejected.end as number, `${mark}))${mark}`);
    } else if (node.type === 'NewExpression') {
      const executor = executorOf(node);
      if (executor !== undefined) executors.push(executor);
    } else if (node.type === 'CatchClause') {
      rewriting.open(((node.body as AnyNode).start as number) + 1, `${mark}${thrown}();${mark}`);
    } else if (node.type === 'ImportExpression') {
      mayLoad = true;
      const { type, value } = node.source as AnyNode;
      if (type === 'StringLiteral') loads.push(value as string);
      const start = node.start as number;
      replaceImport(start);
      rewriting.open(
        source.indexOf('(', tokenAfter(source, start + 'import'.length)) + 1,
        `${mark}${JSON.stringify(fileName)},${mark}`,
      );
    } else if (!isModule && isImportMeta(node)) {
      replaceImport(node.start as number);
    }
    return true;
  });
  return { ...rewriting.finish(), loads, mayLoad };

  function replaceImport(start: number): void {
    rewriting.open(start, `${mark}${load}/*import*/${mark}`);
    rewriting.remove(start, start + 'import'.length);
  }
}

/** A function given to `new Promise`, and how it calls what rejects the promise. */
interface Executor {
  readonly reject: string;
  readonly start: number;
  readonly end: number;
}

function executorOf({ callee, arguments: args }: AnyNode): Executor | undefined {
  if (!isNamed(callee, 'Promise')) return undefined;
  const [{ params, start, end } = {} as AnyNode] = args as AnyNode[];
  const [, reject] = (params ?? []) as AnyNode[];
  if (reject?.type !== 'Identifier') return undefined;
  return { reject: reject.name as string, start: start as number, end: end as number };
}

/** What a promise is rejected with, by `reject(…)`, `….reject(…)`, or what the executor around it calls so. */
function rejectedBy({ type, callee, arguments: args, start }: AnyNode, executors: readonly Executor[]) {
  if (type !== 'CallExpression' && type !== 'OptionalCallExpression') return undefined;
  const { property, computed, name } = callee as AnyNode;
  const rejects =
    (computed !== true && isNamed(property, 'reject')) ||
    isNamed(callee, 'reject') ||
    executors.some((each) => each.reject === name && each.start < (start as number) && (start as number) < each.end);
  const [reason] = args as AnyNode[];
  return rejects && reason?.type !== 'SpreadElement' ? reason : undefined;
}

const isNamed = (node: unknown, name: string): boolean =>
  (node as AnyNode | undefined)?.type === 'Identifier' && (node as AnyNode).name === name;

/** The offset of the next token: white space and comments are none. */
function tokenAfter(source: string, offset: number): number {
  NO_TOKENS.lastIndex = offset;
  return offset + (NO_TOKENS.exec(source)?.[0].length ?? 0);
}

const NO_TOKENS = /(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n\r\u2028\u2029]*)*/y;

/** Static fields and blocks of classes count as calls: they are evaluated with the class. */
const mayCall = (node: AnyNode): boolean =>
  /^((Optional)?Call|New|TaggedTemplate|Import)Expression$/.test(node.type) ||
  node.type === 'StaticBlock' ||
  node.static === true;

const isImportMeta = ({ type, meta }: AnyNode): boolean =>
  type === 'MetaProperty' && (meta as AnyNode).name === 'import';

/** `new Error(…)` has a place of its own; so has what any class made whose name says that it is an error. */
const makesError = ({ type, callee }: AnyNode): boolean =>
  type === 'NewExpression' &&
  (callee as AnyNode).type === 'Identifier' &&
  /(Error|Exception)$/.test((callee as AnyNode).name as string);
