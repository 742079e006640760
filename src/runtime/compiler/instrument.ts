import { generate } from '@babel/generator';
import { type ParserOptions, parse } from '@babel/parser';
import type { File, Program } from '@babel/types';
import { keepCompletion } from './completion.ts';
import { hoist } from './hoisting.ts';
import { type Place, placeAt, SourceError } from './source-error.ts';
import { type AnyNode, make, walk } from './syntax-tree.ts';

/** Names that instrumented code calls what Copepod provides by. No source of the program contains them. */
export interface Names {
  /**
   * Takes a value that is about to be thrown and gives it back: what is no Error has a place only if it is noted. Without
   * one, the last has been caught.
   */
  readonly thrown: string;
  /** `import()`, with the name of the importing file before its arguments. */
  readonly load: string;
  /** `import.meta` of a script. */
  readonly meta: string;
  /** The completion value of a script with a top-level `await`. */
  readonly value: string;
}

/** What a parser says of a source that V8 alone cannot run as it is. */
export interface Findings {
  readonly isModule: boolean;
  /** There is an `await` outside functions. */
  readonly awaits: boolean;
  /** There is a `using` at the top, which V8 takes in modules and functions alone. */
  readonly disposes: boolean;
  /** There is an `import.meta`. */
  readonly usesMeta: boolean;
}

export interface Instrumented {
  readonly code: string;
  /** What `import()` is given, where that is a string in the source. */
  readonly loads: readonly string[];
  /** There is an `import()`. */
  readonly mayLoad: boolean;
  /** Source map as JSON. */
  readonly map: string;
}

const PLUGINS: NonNullable<ParserOptions['plugins']> = [
  'explicitResourceManagement',
  'deferredImportEvaluation',
  'sourcePhaseImports',
];
/**
 * Parses a source that V8 has taken, and whose rules it judges again once it is printed.
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
  let usesMeta = false;
  walk(file.program, (node, { inFunction }) => {
    usesMeta ||= isImportMeta(node);
    awaits ||=
      !inFunction &&
      (node.type === 'AwaitExpression' ||
        (node.type === 'ForOfStatement' && node.await === true) ||
        (node.type === 'VariableDeclaration' && node.kind === 'await using'));
    return !awaits;
  });
  const { body } = file.program;
  const isModule = body.some(({ type }) => /^(Import|Export)/.test(type));
  const disposes = body.some((node) => node.type === 'VariableDeclaration' && node.kind === 'using');
  return { isModule, awaits, disposes, usesMeta };
}

/**
 * Has a source report what V8 cannot: values thrown that are no Errors, `import()`, `import.meta` outside modules.
 * @param isAsync makes an asynchronous function of the statements, which gives their completion value
 */
export function instrument(
  file: File,
  source: string,
  fileName: string,
  names: Names,
  { isAsync, isModule }: { isAsync: boolean; isModule: boolean },
): Instrumented {
  const loads: string[] = [];
  let mayLoad = false;
  walk(file.program, (node) => {
    if (node.type === 'ThrowStatement' && !makesError(node.argument as AnyNode)) {
      const argument = node.argument as AnyNode;
      const loc = locationOf(argument, source);
      node.argument = make.call(make.identifier(names.thrown, loc), [argument], loc);
    } else if (node.type === 'CatchClause') {
      ((node.body as AnyNode).body as AnyNode[]).unshift(make.statement(make.call(make.identifier(names.thrown), [])));
    } else if (node.type === 'ImportExpression') {
      mayLoad = true;
      const { type, value } = node.source as AnyNode;
      if (type === 'StringLiteral') loads.push(value as string);
      const args = [make.string(fileName), node.source, ...(node.options ? [node.options] : [])];
      Object.assign(node, make.call(make.identifier(names.load, node.loc), args, node.loc));
    } else if (!isModule && isImportMeta(node)) {
      Object.assign(node, make.identifier(names.meta, node.loc));
    }
    return true;
  });
  if (isAsync) makeAsync(file.program, names);
  const { code, map } = generate(
    file as File,
    { sourceMaps: true, sourceFileName: fileName, comments: false, importAttributesKeyword: 'with' },
    source,
  );
  return { code, map: withoutSources(map as object), loads, mayLoad };
}

/** Where an expression starts, its parentheses included. */
function locationOf({ loc, extra }: AnyNode, source: string): unknown {
  const parenStart = (extra as { parenStart?: number } | undefined)?.parenStart;
  if (parenStart === undefined) return loc;
  const { line, column } = placeAt(source, parenStart);
  return { ...(loc as object), start: { line, column: column - 1 } };
}

const isImportMeta = ({ type, meta }: AnyNode): boolean =>
  type === 'MetaProperty' && (meta as AnyNode).name === 'import';

/** `new Error(…)` has a place of its own; so has what any class made whose name says that it is an error. */
const makesError = ({ type, callee }: AnyNode): boolean =>
  type === 'NewExpression' &&
  (callee as AnyNode).type === 'Identifier' &&
  /(Error|Exception)$/.test((callee as AnyNode).name as string);

/** `var a; (async () => { functions; let value; statements; return value });`: a function, for whoever awaits it to call. */
function makeAsync(program: Program, { value }: Names): void {
  const { names, functions, statements } = hoist(program.body as unknown as AnyNode[]);
  const directive = program.directives.at(-1)?.value.value;
  const body = [
    ...functions,
    make.declare('let', [value]),
    ...(directive === undefined ? [] : [make.statement(make.assign(make.identifier(value), make.string(directive)))]),
    ...keepCompletion(statements, value),
    make.returns(make.identifier(value)),
  ];
  const run = make.statement(make.asyncArrow(make.block(body)));
  program.body = [...(names.length > 0 ? [make.declare('var', names)] : []), run] as unknown as Program['body'];
}

/** The sandbox has no use for the source text. */
function withoutSources(map: object): string {
  return JSON.stringify({ ...map, sourcesContent: undefined, names: [] });
}
