import type { Language } from '../types.ts';

/** One file of a program, as its author wrote it. */
export interface SourceFile {
  /** Path within the program, such as `main.ts` or `lib/vat.json`. */
  readonly name: string;
  readonly source: string;
  /** By the name's ending where left out. */
  readonly language?: Language;
}

/** What is compiled as one: the first file is run, the others are what it may import. */
export interface ProgramSource {
  readonly files: readonly SourceFile[];
  /** The import map: what a specifier that is no path stands for. */
  readonly imports: Readonly<Record<string, string>>;
}

/**
 * What V8 is given for a file: `async` is a script whose statements have become an asynchronous function; `json` and
 * `broken` files are those that only an import needs.
 */
export type FileKind = 'script' | 'async' | 'module' | 'json' | 'broken';

/** A compiled file, but for its text. */
export interface CompiledFile {
  readonly name: string;
  readonly kind: FileKind;
  /** Specifiers of its imports, and the names of the files that they stand for. */
  readonly imports: Readonly<Record<string, string>>;
  /**
   * It is a module whose evaluation may wait, or may leave a rejection behind that its handler waits for: there is an `await` at its top; or anywhere, and
   * something is called at its top, or no parser has read it.
   */
  readonly mayWait: boolean;
  /** There is a `throw` in it. */
  readonly mayThrow: boolean;
  /** It asks for `import.meta`. */
  readonly usesMeta: boolean;
  /** It is a script with a variable of its own called `context`. */
  readonly declaresContext: boolean;
}

/** Names that instrumented code calls what Copepod provides by. No source of the program contains them. */
export interface Names {
  /**
   * Takes a value that is about to be thrown and gives it back: what is no Error has a place only if it is noted. Without
   * one, the last has been caught.
   */
  readonly thrown: string;
  /**
   * Stands for the word `import`: `import()` takes the name of the importing file before its arguments. As it is written in a source:
   * it may have an escape.
   */
  readonly load: string;
  /** The completion value of a script with a top-level `await`. */
  readonly value: string;
  /**
   * A comment around what was put into a function, so that the function's text can be told without it (guest/source-text.ts).
   * A comment inside it holds what stood there.
   */
  readonly mark: string;
}

/** A compiled program, but for its texts: those of the file at the same place in `files`. */
export interface CompiledProgram extends ProgramGraph {
  /** The globals of the web platform that it may use (sandbox/web-use.ts): to define them all costs each execution too much. */
  readonly webNames: string;
  /** It may use `console`, whose methods are then made for each execution. */
  readonly usesConsole: boolean;
  /** It may go on after a rejection that nothing handles: by its listener. */
  readonly mayCancelRejections: boolean;
}

/** The files of a program, and how they refer to each other. */
export interface ProgramGraph {
  readonly files: readonly CompiledFile[];
  /** What instrumented code calls; none where nothing of the program is instrumented. */
  readonly names: Names | undefined;
  /** Import map, for what `import()` asks for at run time. */
  readonly imports: Readonly<Record<string, string>>;
}

/** Maps of one file, each as JSON. */
export interface FileMaps {
  /** Of what compilation has changed, the last transformation first: source maps, and RunMaps (rewriting.ts). */
  readonly compiled: readonly string[];
  /** The one that the file has brought: its author has other files, of which it is made. */
  readonly inline?: string | undefined;
}

/** Source maps of one file as they are sent; empty where there are none. */
export const mapsText = (maps: FileMaps): string =>
  maps.compiled.length === 0 && maps.inline === undefined ? '' : JSON.stringify(maps);

/** The texts of a compiled file. */
export interface FileTexts {
  readonly code: string;
  readonly maps: FileMaps;
  readonly cachedData: Buffer;
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

/** The language of a file whose author does not say: that of the ending of its name. */
export const languageOf = (name: string): Language => (/\.[mc]?ts$/.test(name) ? 'TypeScript' : 'JavaScript');
