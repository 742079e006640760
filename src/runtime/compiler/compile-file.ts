import { globalNames } from './hoisting.ts';
import { findings, instrument, type Names, parseSource } from './instrument.ts';
import { originalPlace, traceMaps } from './positions.ts';
import type { CompiledFile, FileTexts, SourceFile } from './program.ts';
import { placeAt, SourceError } from './source-error.ts';
import type { TypeScriptCompiler } from './typescript.ts';
import type { Compiled, V8 } from './v8.ts';

/** What compiling a file takes. */
export interface Tools {
  readonly v8: V8;
  readonly typescript: TypeScriptCompiler;
}

/** A compiled file, before its imports are resolved. */
export interface FileResult extends Omit<CompiledFile, 'imports'>, FileTexts {
  /** What its `import` and `export … from` name. */
  readonly specifiers: readonly string[];
  /** What its `import()` names, where that is written out. */
  readonly loads: readonly string[];
  /** It calls `import()`. */
  readonly mayLoad: boolean;
  readonly isInstrumented: boolean;
}

/** A thrown value that is no Error has a place in sources up to this length, in UTF-16 units: to parse longer ones takes too long. */
const MAX_NOTED_LENGTH = 64 << 10;

/** A `throw` of what may be no Error. */
const THROWS = /\bthrow\b(?!\s*new\s+[\w$]*(Error|Exception)\b)/;
/** `import(` and `import.meta`, with comments between. */
const LOADS = /\bimport\s*(\/[/*][\s\S]*?)?(\(|\.\s*(defer|source)\b)/;
const META = /\bimport\s*(\/[/*][\s\S]*?)?\.\s*(\/[/*][\s\S]*?)?meta\b/;
/** What is an expression behind `await`, and a call or an operation of a variable of that name in a script. */
const AMBIGUOUS_AWAIT = /\bawait\s*([([+\-/`]|\r?\n)/;
/** Words that a module may have where a script may not. */
const MAY_BE_MODULE = /\b(import|export|await|using)\b/;

/**
 * Compiles one file.
 * @param isImported by another file: then it is a module, whatever it holds
 * @throws SourceError
 */
export function compileFile(file: SourceFile, names: Names, isImported: boolean, tools: Tools): FileResult {
  const source = file.source.startsWith('\uFEFF') ? file.source.slice(1) : file.source;
  if (/\.json$/.test(file.name)) return json(file.name, source);
  const isTypeScript = (file.language ?? languageOf(file.name)) === 'TypeScript';
  const javascript = isTypeScript
    ? tools.typescript.compile(source, file.name, (code) => tools.v8.accepts(code))
    : { code: source, map: undefined };
  const maps = javascript.map === undefined ? [] : [javascript.map];
  const mustBeModule = isImported || /\.m[jt]s$/.test(file.name);
  try {
    return compileJavaScript(file.name, javascript.code, maps, mustBeModule, names, tools);
  } catch (error) {
    if (!(error instanceof SourceError) || error.place === undefined || maps.length === 0) throw error;
    throw new SourceError(error.message, originalPlace(traceMaps(maps), error.place));
  }
}

function compileJavaScript(
  name: string,
  code: string,
  maps: readonly string[],
  mustBeModule: boolean,
  names: Names,
  { v8 }: Tools,
): FileResult {
  const goal = goalOf(name, code, mustBeModule, v8);
  const { kind } = goal;
  const mayWait = /\bawait\b/.test(code);
  const mayThrow = /\bthrow\b/.test(code);
  const usesMeta = META.test(code);
  const notes = code.length <= MAX_NOTED_LENGTH && THROWS.test(code);
  const declaresContext =
    kind !== 'module' &&
    mayDeclareContext(code) &&
    globalNames(parseSource(code, 'script').program as never).has('context');
  const facts = { name, kind, mayWait, mayThrow, usesMeta, declaresContext };
  const needsParser = kind === 'async' || notes || LOADS.test(code) || (usesMeta && kind !== 'module');
  if (!needsParser) {
    const { cachedData, specifiers } = goal;
    return { ...NOT_INSTRUMENTED, ...facts, code, maps, cachedData, specifiers };
  }
  const isModule = kind === 'module';
  const file = parseSource(code, isModule ? 'module' : 'script');
  const changed = instrument(file, code, name, names, { isAsync: kind === 'async', isModule });
  const judgement = v8.compile(changed.code, isModule ? 'module' : 'script', name);
  if ('error' in judgement) throw mapped(judgement.error, changed.map);
  return {
    ...facts,
    code: changed.code,
    maps: [changed.map, ...maps],
    cachedData: judgement.cachedData,
    specifiers: judgement.specifiers,
    loads: changed.loads,
    mayLoad: changed.mayLoad,
    isInstrumented: true,
  };
}

/** Whether a script may have a variable of its own called `context`: the name stands behind a declaration, before its `;`. */
function mayDeclareContext(code: string): boolean {
  let isDeclaration = false;
  for (const [word] of code.matchAll(/;|\b(?:var|let|const|class|function|context)\b/g)) {
    if (word === 'context' && isDeclaration) return true;
    isDeclaration = word !== ';' && (isDeclaration || word !== 'context');
  }
  return false;
}

type Goal = Compiled & { readonly kind: 'script' | 'module' | 'async' };

const NOTHING: Compiled = { cachedData: Buffer.alloc(0), specifiers: [] };
const NOT_INSTRUMENTED = { loads: [], mayLoad: false, isInstrumented: false } as const;

/** What V8 makes of a source: a script; a module; or neither, because of a top-level `await` in a script. */
function goalOf(name: string, code: string, mustBeModule: boolean, v8: V8): Goal {
  if (mustBeModule) return moduleGoal(v8, code, name);
  const script = v8.compile(code, 'script', name);
  if ('cachedData' in script) {
    // To a script, `await (x)` is a call of a function; an author who writes it means what a module means by it.
    const awaits = AMBIGUOUS_AWAIT.test(code) && findings(parseSource(code, 'script')).awaits;
    return awaits ? { kind: 'async', ...NOTHING } : { kind: 'script', ...script };
  }
  if (!MAY_BE_MODULE.test(code)) throw script.error;
  const module = v8.compile(code, 'module', name);
  if ('error' in module) throw further(script.error, module.error);
  const { isModule, awaits, usesMeta } = findings(parseSource(code, 'module'));
  if (isModule) return { kind: 'module', ...module };
  if (awaits) return { kind: 'async', ...NOTHING };
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

const mapped = (error: SourceError, map: string): SourceError =>
  error.place === undefined ? error : new SourceError(error.message, originalPlace(traceMaps([map]), error.place));

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
    maps: [],
  };
}

export const languageOf = (name: string): 'TypeScript' | 'JavaScript' =>
  /\.[mc]?ts$/.test(name) ? 'TypeScript' : 'JavaScript';
