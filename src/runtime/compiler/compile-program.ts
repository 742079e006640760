import { compileFile, type Tools } from './compile-file.ts';
import type { CompiledFile, FileResult, FileTexts, Names, ProgramGraph, ProgramSource, SourceFile } from './program.ts';
import { resolve } from './resolve.ts';
import { SourceError } from './source-error.ts';

/** What compiling a program gave. */
export type ProgramResult =
  | { readonly program: ProgramGraph; readonly texts: readonly FileTexts[] }
  /** It does not compile: what the author reads, and in which file. */
  | { readonly error: SourceError; readonly file: string }
  /** It imports files that the caller may have. */
  | { readonly missing: readonly string[] };

/** Files that `import()` may ask for: whatever can be a module. */
const IMPORTABLE = /\.([cm]?[jt]s|json)$/;

/**
 * Compiles a program: its first file, and what that imports.
 * @param mayHaveMore names files that are not there instead of refusing them: the caller reads them where they are
 * @throws NeedsMoreError
 */
export function compileProgram(source: ProgramSource, mayHaveMore: boolean, tools: Tools): ProgramResult {
  const compilation = new Compilation(source, mayHaveMore, tools);
  try {
    return compilation.run();
  } catch (error) {
    if (error instanceof SourceError) return { error, file: compilation.current };
    throw error;
  }
}

class Compilation {
  /** The file that is being compiled. */
  current: string;
  readonly #source: ProgramSource;
  readonly #mayHaveMore: boolean;
  readonly #tools: Tools;
  readonly #names: Names;
  readonly #sources: Map<string, SourceFile>;
  readonly #results = new Map<string, FileResult>();
  readonly #imports = new Map<string, Record<string, string>>();
  readonly #missing = new Set<string>();

  constructor(source: ProgramSource, mayHaveMore: boolean, tools: Tools) {
    this.#source = source;
    this.#mayHaveMore = mayHaveMore;
    this.#tools = tools;
    this.#names = namesFor(source);
    this.#sources = new Map(source.files.map((file) => [file.name, file]));
    this.current = (source.files[0] as SourceFile).name;
  }

  run(): ProgramResult {
    const [main] = this.#source.files as [SourceFile];
    this.#compileWithImports(main, false);
    if ([...this.#results.values()].some(({ mayLoad }) => mayLoad)) this.#compileLoadable();
    if (this.#missing.size > 0) return { missing: [...this.#missing] };
    const results = [...this.#results.values()];
    const files = results.map(({ name, kind, mayWait, mayThrow, usesMeta, declaresContext }): CompiledFile => {
      return { name, kind, mayWait, mayThrow, usesMeta, declaresContext, imports: this.#imports.get(name) ?? {} };
    });
    const names = results.some(({ isInstrumented }) => isInstrumented) ? this.#names : undefined;
    return {
      program: { files, names, imports: this.#source.imports },
      texts: results.map(({ code, maps, cachedData }) => ({ code, maps, cachedData })),
    };
  }

  /** Compiles a file and all that it imports, one after the other: how many there are is the author's choice. */
  #compileWithImports(first: SourceFile, isImported: boolean): void {
    const waiting: [SourceFile, boolean][] = [[first, isImported]];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [file, imported] = next;
      if (this.#results.has(file.name)) continue;
      this.current = file.name;
      const result = compileFile(file, this.#names, imported, this.#tools);
      this.#results.set(file.name, result);
      for (const name of this.#resolveImports(result)) waiting.push([this.#sources.get(name) as SourceFile, true]);
    }
  }

  #resolveImports(result: FileResult): string[] {
    const imports: Record<string, string> = {};
    for (const specifier of result.specifiers) {
      const resolution = this.#resolve(specifier, result.name);
      if ('problem' in resolution) throw this.#tools.parser.importOf(result, specifier).error(resolution.problem);
      if ('missing' in resolution) {
        this.#missing.add(resolution.missing);
        continue;
      }
      if (resolution.name.endsWith('.json')) this.#tools.parser.importOf(result, specifier).mustBeJson();
      imports[specifier] = resolution.name;
    }
    this.#imports.set(result.name, imports);
    return Object.values(imports);
  }

  #resolve(specifier: string, importer: string): ReturnType<typeof resolve> | { missing: string } {
    const names = [...this.#sources.keys()];
    const resolution = resolve(specifier, importer, { names, imports: this.#source.imports });
    if (!this.#mayHaveMore || !('problem' in resolution) || resolution.path === undefined) return resolution;
    return { missing: resolution.path };
  }

  /** Compiles what `import()` may ask for. What does not compile is an error of the import, and no sooner. */
  #compileLoadable(): void {
    for (const { name, loads } of [...this.#results.values()]) {
      for (const specifier of loads) {
        const resolution = this.#resolve(specifier, name);
        if ('missing' in resolution) this.#missing.add(resolution.missing);
      }
    }
    for (const file of this.#source.files) {
      if (!IMPORTABLE.test(file.name)) continue;
      try {
        this.#compileWithImports(file, true);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        this.#results.set(this.current, broken(this.current, error));
      }
    }
  }
}

/** A file that does not compile, for an `import()` to say so: its text is the message. */
const broken = (name: string, { message, place }: SourceError): FileResult => ({
  name,
  kind: 'broken',
  mayWait: false,
  mayThrow: false,
  usesMeta: false,
  declaresContext: false,
  code: place === undefined ? message : `${message} (${place.file ?? name}:${place.line}:${place.column})`,
  maps: { compiled: [] },
  cachedData: Buffer.alloc(0),
  specifiers: [],
  loads: [],
  mayLoad: false,
  isInstrumented: false,
});

/**
 * A name that is read as `import`, which V8's messages have: what they name is seen by a script that catches the error. It ends with a
 * joiner that has no width, spelled in ASCII: V8 keeps two bytes for each character of a source that has others.
 */
const JOINED_IMPORT = { name: 'import\u200d', spelling: 'import\\u200d' } as const;

/** Names that no source of the program contains: neither can a script mean them, nor does it read them by accident. */
function namesFor({ files }: ProgramSource): Names {
  const isFree = (name: string): boolean => files.every(({ source }) => !source.includes(name));
  for (let n = 0; ; n++) {
    const stem = `__copepod${n === 0 ? '' : n}_`;
    if (!isFree(stem)) continue;
    const load = isFree(JOINED_IMPORT.name) && isFree('import\\u') ? JOINED_IMPORT.spelling : `${stem}import`;
    return { thrown: `${stem}thrown`, load, value: `${stem}value`, mark: `/*${stem}*/` };
  }
}
