import type ivm from 'isolated-vm';
import { type Place, SourceError } from './source-error.ts';

/** What V8 says of a source. */
export type Judgement = Compiled | { readonly error: SourceError };

export interface Compiled {
  /** Empty where it is not wanted. */
  readonly cachedData: Buffer;
  /** What a module imports. */
  readonly specifiers: readonly string[];
}

type Goal = 'script' | 'module';
type WithCachedData = {
  cachedData?: ivm.ExternalCopy<ArrayBuffer>;
  dependencySpecifiers?: readonly string[];
};

/** What this takes of an isolate. */
export interface CompilingIsolate {
  compileScriptSync(code: string, options: ivm.ScriptInfo): ivm.Script;
  compileModuleSync(code: string, options: ivm.ScriptInfo): ivm.Module;
  readonly isDisposed: boolean;
}

/** Has V8 compile a source without running it. */
export class V8 {
  readonly #isolate: CompilingIsolate;
  readonly #keepsScript: boolean;
  #script: ivm.Script | undefined;

  /** @param keepsScript scripts are run in this isolate: the last one is kept, and nothing to start from is made of it */
  constructor(isolate: CompilingIsolate, keepsScript = false) {
    this.#isolate = isolate;
    this.#keepsScript = keepsScript;
  }

  /** The script that was compiled last, where it is kept. The caller releases it. */
  takeScript(): ivm.Script | undefined {
    const script = this.#script;
    this.#script = undefined;
    return script;
  }

  /** Whether V8 takes a source, as a script or as a module. */
  accepts(code: string): boolean {
    return (
      'cachedData' in this.compile(code, 'script', 'check') || 'cachedData' in this.compile(code, 'module', 'check')
    );
  }

  /** Compiles a source, and gives what V8 can start from the next time. */
  compile(code: string, goal: Goal, name: string): Judgement {
    const isKept = this.#keepsScript && goal === 'script';
    const options = { filename: name, produceCachedData: !isKept };
    this.takeScript()?.release();
    try {
      const compiled =
        goal === 'module'
          ? this.#isolate.compileModuleSync(code, options)
          : this.#isolate.compileScriptSync(code, options);
      const { cachedData, dependencySpecifiers = [] } = compiled as WithCachedData;
      const bytes = cachedData === undefined ? Buffer.alloc(0) : Buffer.from(cachedData.copy());
      if (isKept) this.#script = compiled as ivm.Script;
      else compiled.release();
      return { cachedData: bytes, specifiers: dependencySpecifiers };
    } catch (error) {
      if (this.#isolate.isDisposed) throw error;
      return { error: sourceError(error as Error) };
    }
  }
}

/** isolated-vm appends the place to the message: `Unexpected token [NAME:LINE:COLUMN]`. The script may have named itself. */
function sourceError(error: Error): SourceError {
  const found = / \[.*:(\d+):(\d+)\]$/s.exec(error.message);
  const text = `${error.name}: ${error.message.slice(0, found?.index)}`;
  const place: Place | undefined = found === null ? undefined : { line: Number(found[1]), column: Number(found[2]) };
  return new SourceError(text, place);
}
