import { takeInlineMap } from './inline-map.ts';
import { NeedsMoreError } from './needs-more-error.ts';
import type { Parser } from './parser.ts';
import { FilePlaces } from './positions.ts';
import { type FileMaps, type FileResult, languageOf, type Names, type SourceFile } from './program.ts';
import { placeAt, SourceError, sourceLines } from './source-error.ts';
import type { TypeScriptCompiler } from './typescript.ts';
import type { Compiled, V8 } from './v8.ts';

/** What compiling a file takes. */
export interface Tools {
  readonly v8: V8;
  readonly parser: Parser;
  readonly typescript: Pick<TypeScriptCompiler, 'compile'>;
}

/** Tools of a process that has V8 and nothing else. What takes more throws a NeedsMoreError. */
export const v8Alone = (v8: V8): Tools => ({
  v8,
  get parser(): never {
    throw new NeedsMoreError();
  },
  get typescript(): never {
    throw new NeedsMoreError();
  },
});

/** A thrown value that is no Error has a place in sources up to this length, in UTF-16 units: to parse longer ones takes too long. */
const MAX_NOTED_LENGTH = 64 << 10;

/** A `throw` of what may be no Error. */
const THROWS = /\bthrow\b(?!\s*new\s+[\w$]*(Error|Exception)\b)/;
/** A promise that is rejected with what may be no Error: by `reject`, or by what an executor calls otherwise. */
const REJECTS =
  /\breject\s*(?:\?\.)?\s*\((?!\s*(?:\)|new\s+[\w$]*(?:Error|Exception)\b))|\bnew\s+Promise\s*\(\s*(?:async\b\s*)?(?:function\b[^(]*)?\(\s*[\w$]+\s*,\s*(?!reject\b)/;
/** Errors of a script that sets it may have no place of their own. */
const STACKLESS = /\bstackTraceLimit\b/;
/** `import(` and `import.meta`, with comments between. */
const LOADS = /\bimport\s*(\/[/*][\s\S]*?)?(\(|\.\s*(defer|source)\b)/;
const META = /\bimport\s*(\/[/*][\s\S]*?)?\.\s*(\/[/*][\s\S]*?)?meta\b/;
/** What is an expression behind `await`, and a call or an operation of a variable of that name in a script. */
const AMBIGUOUS_AWAIT = /\bawait\s*([([+\-/`]|\r?\n)/;
/** In a script `await` is a name like any other. */
const DECLARES_AWAIT = /\b(?:var|let|const|class|function[\s*])\s*await\b/;
/** Words that a module may have where a script may not. */
const MAY_BE_MODULE = /\b(import|export|await|using)\b/;
/** Of those, the words that are no imports and no exports. */
const MAY_BE_NEITHER = /\b(await|using)\b/;
const AWAIT = /\bawait\b/;
const IMPORT = /\bimport\b/;
const CONTEXT = /\bcontext\b/;
/** V8 refuses these at the top of a script when it starts, and then does not say where. To look for the names first is twice as fast. */
const MAY_BE_TAKEN = /\b(?:undefined|NaN|Infinity)\b(?<=\b(?:let|const|using|class)\s+\w+)/;

/**
 * Compiles one file.
 * @param isImported by another file: then it is a module, whatever it holds
 * @throws SourceError, NeedsMoreError
 */
export function compileFile(file: SourceFile, names: Names, isImported: boolean, tools: Tools): FileResult {
  const text = file.source.startsWith('\uFEFF') ? file.source.slice(1) : file.source;
  if (/\.json$/.test(file.name)) return json(file.name, text);
  const { code, map: inline } = takeInlineMap(text, file.name);
  if (inline === undefined) return compileSource(file, code, names, isImported, tools);
  try {
    const result = compileSource(file, code, names, isImported, tools);
    return { ...result, maps: { ...result.maps, inline } };
  } catch (error) {
    throw mapped(error, { compiled: [], inline });
  }
}

function compileSource(file: SourceFile, source: string, names: Names, isImported: boolean, tools: Tools): FileResult {
  const isTypeScript = (file.language ?? languageOf(file.name)) === 'TypeScript';
  const javascript = isTypeScript
    ? tools.typescript.compile(source, file.name, (code) => tools.v8.accepts(code))
    : { code: source, map: undefined };
  const maps = javascript.map === undefined ? [] : [javascript.map];
  const mustBeModule = isImported || /\.m[jt]s$/.test(file.name);
  try {
    return compileJavaScript(file.name, javascript.code, maps, mustBeModule, names, tools);
  } catch (error) {
    if (!isTypeScript && isTypeScriptInstead(error, source, tools)) throw inTypeScript(error, source);
    throw mapped(error, { compiled: maps });
  }
}

function compileJavaScript(
  name: string,
  code: string,
  maps: readonly string[],
  mustBeModule: boolean,
  names: Names,
  tools: Tools,
): FileResult {
  const goal = goalOf(name, code, mustBeModule, tools);
  const { kind } = goal;
  if (kind === 'script' && MAY_BE_TAKEN.test(code)) refuseTakenName(code, tools);
  const mayWait = kind === 'module' && AWAIT.test(code) && goal.mayWait !== false;
  const mayThrow = /\bthrow\b/.test(code);
  const mayImport = IMPORT.test(code);
  const usesMeta = mayImport && META.test(code);
  const notes =
    code.length <= MAX_NOTED_LENGTH &&
    ((mayThrow && (THROWS.test(code) || STACKLESS.test(code))) || REJECTS.test(code));
  const declaresContext = kind !== 'module' && mayDeclareContext(code) && tools.parser.globalNames(code).has('context');
  const facts = { name, kind, mayWait, mayThrow, usesMeta, declaresContext };
  const needsParser = kind === 'async' || notes || (mayImport && LOADS.test(code)) || (usesMeta && kind !== 'module');
  if (!needsParser) {
    const { cachedData, specifiers } = goal;
    return { ...NOT_INSTRUMENTED, ...facts, code, maps: { compiled: maps }, cachedData, specifiers };
  }
  const changed = tools.parser.instrument(code, name, kind, names);
  const judgement = tools.v8.compile(changed.code, kind === 'module' ? 'module' : 'script', name);
  if ('error' in judgement) throw mapped(judgement.error, { compiled: [changed.map] });
  return {
    ...facts,
    code: changed.code,
    maps: { compiled: [changed.map, ...maps] },
    cachedData: judgement.cachedData,
    specifiers: judgement.specifiers,
    loads: changed.loads,
    mayLoad: changed.mayLoad,
    isInstrumented: true,
  };
}

/** @throws SourceError with the words of V8 */
function refuseTakenName(code: string, { parser }: Tools): void {
  const taken = parser.takenName(code);
  if (taken === undefined) return;
  const message = `SyntaxError: Identifier '${taken.name}' has already been declared`;
  throw new SourceError(message, placeAt(code, taken.offset));
}

/** What a line has that is TypeScript where JavaScript ends. */
const MAY_BE_TYPESCRIPT =
  /[:<!?@]|\b(type|interface|enum|namespace|module|declare|abstract|as|satisfies|private|protected|public|readonly|override|implements|accessor)\b/;

/** V8's words for mistakes that are as wrong in TypeScript, though its compilers may leave them out. */
const IN_BOTH = /has already been declared$|^SyntaxError: HTML comments/;

/** Whether a source that is no JavaScript is TypeScript, so that the error can name the language. */
function isTypeScriptInstead(error: unknown, source: string, tools: Tools): error is SourceError {
  if (!(error instanceof SourceError) || error.place === undefined || source.length > MAX_NOTED_LENGTH) return false;
  if (!MAY_BE_TYPESCRIPT.test(lineOf(source, error.place.line)) || IN_BOTH.test(error.message)) return false;
  try {
    const accepts = (code: string) => tools.v8.accepts(code);
    return tools.parser.isTypeScript(source) && accepts(tools.typescript.compile(source, 'check.ts', accepts).code);
  } catch (other) {
    if (other instanceof SourceError) return false;
    throw other;
  }
}

function inTypeScript({ message, place }: SourceError, source: string): SourceError {
  const isImport = place !== undefined && /\bimport\b[^'"]*\btype\b/.test(lineOf(source, place.line));
  const what = isImport ? '`import type` is TypeScript' : 'this is TypeScript';
  return new SourceError(`${message} (${what}: write language: TypeScript, or name the file .ts)`, place);
}

const lineOf = (source: string, line: number): string => sourceLines(source)[line - 1] ?? '';

/** Whether a script may have a variable of its own called `context`: the name stands behind a declaration, before its `;`. */
function mayDeclareContext(code: string): boolean {
  if (!CONTEXT.test(code)) return false;
  let isDeclaration = false;
  for (const [word] of code.matchAll(/;|\b(?:var|let|const|class|function|context)\b/g)) {
    if (word === 'context' && isDeclaration) return true;
    isDeclaration = word !== ';' && (isDeclaration || word !== 'context');
  }
  return false;
}

type Goal = Compiled & {
  readonly kind: 'script' | 'module' | 'async';
  /** As `CompiledFile` has it; undefined where no parser has been asked. */
  readonly mayWait?: boolean;
};

const NOTHING: Compiled = { cachedData: Buffer.alloc(0), specifiers: [] };
const NOT_INSTRUMENTED = { loads: [], mayLoad: false, isInstrumented: false } as const;

/** What V8 makes of a source: a script; a module; or neither, because of an `await` or a `using` at the top of a script. */
function goalOf(name: string, code: string, mustBeModule: boolean, tools: Tools): Goal {
  const { v8 } = tools;
  if (mustBeModule) return moduleGoal(v8, code, name);
  const script = v8.compile(code, 'script', name);
  if ('cachedData' in script) {
    // To a script, `await (x)` is a call of a function; an author who writes it means what a module means by it.
    const mayAwait = AMBIGUOUS_AWAIT.test(code) && !DECLARES_AWAIT.test(code);
    const awaits = mayAwait && tools.parser.findings(code, 'script').awaits;
    return awaits ? { kind: 'async', ...NOTHING } : { kind: 'script', ...script };
  }
  if (!MAY_BE_MODULE.test(code)) throw script.error;
  const module = v8.compile(code, 'module', name);
  if ('error' in module) throw further(script.error, module.error);
  // V8 tells of imports; where nothing else can explain why this is no script, it has exports.
  const isModuleForSure = module.specifiers.length > 0 || !(MAY_BE_NEITHER.test(code) || META.test(code));
  if (isModuleForSure) return { kind: 'module', ...module };
  const { isModule, awaits, calls, disposes, usesMeta } = tools.parser.findings(code, 'module');
  if (isModule) return { kind: 'module', mayWait: awaits || calls, ...module };
  if (awaits || disposes) return { kind: 'async', ...NOTHING };
  // Of the strict syntax that a module has, scripts get `import.meta`.
  if (!usesMeta) throw script.error;
  return { kind: 'script', ...NOTHING };
}

/** V8 stops at the first error: of two readings of a source, the one that gets further is what its author meant. */
function further(asScript: SourceError, asModule: SourceError): SourceError {
  const [a, b] = [asScript.place, asModule.place];
  if (a === undefined || b === undefined) return asScript;
  return b.line > a.line || (b.line === a.line && b.column > a.column) ? asModule : asScript;
}

function moduleGoal(v8: V8, code: string, name: string): Goal {
  const module = v8.compile(code, 'module', name);
  if ('error' in module) throw module.error;
  return { kind: 'module', ...module };
}

/** An error with its place in what its source was made from. */
const mapped = (error: unknown, maps: FileMaps): unknown =>
  error instanceof SourceError && error.place !== undefined
    ? new SourceError(error.message, new FilePlaces(maps).find(error.place))
    : error;

function json(name: string, code: string): FileResult {
  try {
    JSON.parse(code);
  } catch (error) {
    const { message } = error as Error;
    const position = / at position (\d+)/.exec(message)?.[1];
    throw new SourceError(
      `SyntaxError: ${message.replace(/ \(line \d+ column \d+\)$/, '')}`,
      position === undefined ? undefined : placeAt(code, Number(position)),
    );
  }
  return {
    ...NOT_INSTRUMENTED,
    ...NOTHING,
    name,
    kind: 'json',
    mayWait: false,
    mayThrow: false,
    usesMeta: false,
    declaresContext: false,
    code,
    maps: { compiled: [] },
  };
}
