import type ivm from 'isolated-vm';
import { type Place, SourceError } from './source-error.ts';

/** What V8 says of a source. */
export type Judgement = Compiled | { readonly error: SourceError };

export interface Compiled {
  readonly cachedData: Buffer;
  /** What a module imports. */
  readonly specifiers: readonly string[];
}

type Goal = 'script' | 'module';
type WithCachedData = {
  cachedData?: ivm.ExternalCopy<ArrayBuffer>;
  dependencySpecifiers?: readonly string[];
  release(): void;
};

/** Has V8 compile a source without running it. The isolate has run no script. */
export class V8 {
  readonly #isolate: ivm.Isolate;

  constructor(isolate: ivm.Isolate) {
    this.#isolate = isolate;
  }

  /** Whether V8 takes a source, as a script or as a module. */
  accepts(code: string): boolean {
    return (
      'cachedData' in this.compile(code, 'script', 'check') || 'cachedData' in this.compile(code, 'module', 'check')
    );
  }

  /** Compiles a source, and gives what V8 can start from the next time. */
  compile(code: string, goal: Goal, name: string): Judgement {
    const options = { filename: name, produceCachedData: true };
    try {
      const compiled = (goal === 'module'
        ? this.#isolate.compileModuleSync(code, options)
        : this.#isolate.compileScriptSync(code, options)) as unknown as WithCachedData;
      const { cachedData } = compiled;
      const specifiers = compiled.dependencySpecifiers ?? [];
      const bytes = cachedData === undefined ? Buffer.alloc(0) : Buffer.from(cachedData.copy());
      compiled.release();
      return { cachedData: bytes, specifiers };
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
