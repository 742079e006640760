import type ivm from 'isolated-vm';
import { v8Alone } from '../compiler/compile-file.ts';
import { compileProgram } from '../compiler/compile-program.ts';
import { NeedsMoreError } from '../compiler/needs-more-error.ts';
import { mapsText } from '../compiler/program.ts';
import { type CompilingIsolate, V8 } from '../compiler/v8.ts';
import type { Loading } from '../wire/from-sandbox.ts';
import { unpackSources } from '../wire/sources.ts';
import type { LoadMessage } from '../wire/to-sandbox.ts';
import { compileModule, compileScript } from './compilation-cache.ts';
import { LoadedProgram } from './program.ts';
import { withWebUse } from './web-use.ts';

/**
 * Compiles a program in the isolate that is to run it.
 * @param blob its sources
 * @returns why not, where V8 alone does not compile it
 */
export function loadProgram(
  isolate: ivm.Isolate,
  message: LoadMessage,
  blob: Buffer,
): LoadedProgram | Exclude<Loading, 'loaded'> {
  const v8 = new V8(compilerOf(isolate), true);
  try {
    const result = compileProgram(unpackSources(message, blob), false, v8Alone(v8));
    if (!('program' in result)) return 'refused';
    const { program, texts } = result;
    const script = program.files[0]?.kind === 'script' ? v8.takeScript() : undefined;
    const asSent = texts.flatMap(({ code, cachedData, maps }) => [code, cachedData, mapsText(maps)]);
    return new LoadedProgram(isolate, withWebUse(program, texts), asSent, script);
  } catch (error) {
    if (error instanceof NeedsMoreError) return 'needs-more';
    throw error;
  } finally {
    v8.takeScript()?.release();
  }
}

/**
 * Compiles a program with nothing in place of V8: functions and regular expressions are compiled when they are first used, and a process that
 * was forked before would do that for itself. V8 makes machine code of an expression at once where the text has a thousand characters.
 */
export function preloadLoading(): void {
  const script = { release() {} } as ivm.Script;
  const v8 = new V8(
    { compileScriptSync: () => script, compileModuleSync: () => script as never, isDisposed: false },
    true,
  );
  const source = { files: [{ name: 'warm.js', source: 'a = b;\n'.repeat(200) }], imports: {} };
  const result = compileProgram(source, false, v8Alone(v8));
  if ('program' in result) withWebUse(result.program, result.texts);
}

const compilerOf = (isolate: ivm.Isolate): CompilingIsolate => ({
  compileScriptSync: (code, options) => compileScript(isolate, code, options),
  compileModuleSync: (code, options) => compileModule(isolate, code, options),
  get isDisposed() {
    return isolate.isDisposed;
  },
});
