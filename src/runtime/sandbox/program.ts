import type ivm from 'isolated-vm';
import type { CompiledFile, CompiledProgram } from '../compiler/program.ts';
import { ExternalCopy } from './addon.ts';
import { AuthorsPlaces } from './stack.ts';

/** Cached data saves less than it costs for shorter code, in UTF-16 units. */
const WORTH_CACHING = 16 << 10;

/** A file of a program that this process has. */
export interface LoadedFile extends CompiledFile {
  readonly code: string;
  readonly cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined;
}

/** A program in this process, ready to run in any context of its isolate. */
export class LoadedProgram {
  readonly #isolate: ivm.Isolate;
  readonly program: CompiledProgram;
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly main: LoadedFile;
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
    this.files = new Map(files.map((file) => [file.name, file]));
    this.main = files[0] as LoadedFile;
    this.places = new AuthorsPlaces(new Map(files.map(({ name }, i) => [name, texts[3 * i + 2] as string])));
  }

  /** The main file as V8 runs it, where it is a script. */
  get script(): ivm.Script {
    const { name, code, cachedData } = this.main;
    if (this.#script === undefined) {
      this.#script = this.#isolate.compileScriptSync(code, options(name, cachedData));
      cachedData?.release(); // a script is compiled once
    }
    return this.#script;
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
export function options(filename: string, cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined): object {
  return cachedData === undefined ? { filename } : { filename, cachedData };
}

const toArrayBuffer = (blob: Buffer): ArrayBuffer => {
  const copy = new ArrayBuffer(blob.length);
  blob.copy(Buffer.from(copy));
  return copy;
};
