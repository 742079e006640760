import type ivm from 'isolated-vm';
import type { CompiledFile, CompiledProgram } from '../compiler/program.ts';
import { ExternalCopy } from './addon.ts';
import { compileScript } from './compilation-cache.ts';
import { AuthorsPlaces } from './stack.ts';

/** Cached data saves less than it costs for shorter code, in UTF-16 units. */
const WORTH_CACHING = 16 << 10;

/** A file of a program that this process has. */
export interface LoadedFile extends CompiledFile {
  /** Empty where the isolate has it, and nothing compiles it again. */
  readonly code: string;
  readonly cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined;
}

/** A program in this process, ready to run in any context of its isolate. */
export class LoadedProgram {
  readonly #isolate: ivm.Isolate;
  readonly program: CompiledProgram;
  readonly #files: Map<string, LoadedFile>;
  readonly places: AuthorsPlaces;
  #script: ivm.Script | undefined;
  #connect: ivm.Script | undefined;

  /**
   * @param texts code, cached data and source maps of each file, by turns
   * @param script the main file, where the isolate has compiled it already
   */
  constructor(
    isolate: ivm.Isolate,
    program: CompiledProgram,
    texts: readonly (string | Buffer)[],
    script?: ivm.Script,
  ) {
    this.#isolate = isolate;
    this.program = program;
    this.#script = script;
    const files = program.files.map((file, i): LoadedFile => {
      const code = texts[3 * i] as string;
      const bytes = texts[3 * i + 1] as Buffer;
      const isWorthIt = bytes.length > 0 && code.length >= WORTH_CACHING;
      return { ...file, code, cachedData: isWorthIt ? new ExternalCopy(toArrayBuffer(bytes)) : undefined };
    });
    this.#files = new Map(files.map((file) => [file.name, file]));
    if (script !== undefined) this.#dropText();
    this.places = new AuthorsPlaces(new Map(files.map(({ name }, i) => [name, texts[3 * i + 2] as string])));
  }

  get files(): ReadonlyMap<string, LoadedFile> {
    return this.#files;
  }

  get main(): LoadedFile {
    return this.#files.get((this.program.files[0] as CompiledFile).name) as LoadedFile;
  }

  /** The main file as V8 runs it, where it is a script. */
  get script(): ivm.Script {
    if (this.#script === undefined) {
      const { name, code, cachedData } = this.main;
      this.#script = compileScript(this.#isolate, code, options(name, cachedData));
      this.#dropText();
    }
    return this.#script;
  }

  /** The main file is a script, which is compiled once: this process needs its text no more, unless it may import itself as a module. */
  #dropText(): void {
    const { main } = this;
    main.cachedData?.release();
    const mayImport = this.program.names !== undefined;
    this.#files.set(main.name, { ...main, cachedData: undefined, code: mayImport ? main.code : '' });
  }

  /** Declares, in a context, what instrumented code and waiting modules call, under names that no source has; its value gives it to them. */
  get connect(): ivm.Script {
    const { thrown, load } = this.program.names ?? NO_NAMES;
    const code = `let ${thrown},${load},${DONE};(a,b,c)=>{${thrown}=a;${load}=b;${DONE}=c}`;
    this.#connect ??= this.#isolate.compileScriptSync(code, { filename: 'copepod:connect' });
    return this.#connect;
  }

  release(): void {
    this.#script?.release();
    this.#connect?.release();
    this.#script = this.#connect = undefined;
  }
}

/** What a waiting module's reporting calls; it is a module of ours, and no source of the script. */
export const DONE = '__copepodEvaluated';
const NO_NAMES = { thrown: '__copepodThrown', load: '__copepodImport' };

/** What isolated-vm's compile methods are given. */
export function options(filename: string, cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined): ivm.ScriptInfo {
  return cachedData === undefined ? { filename } : { filename, cachedData };
}

const toArrayBuffer = (blob: Buffer): ArrayBuffer => {
  const copy = new ArrayBuffer(blob.length);
  blob.copy(Buffer.from(copy));
  return copy;
};
