import type ivm from 'isolated-vm';
import { v8Alone } from '../compiler/compile-file.ts';
import { compileProgram } from '../compiler/compile-program.ts';
import { NeedsMoreError } from '../compiler/needs-more-error.ts';
import { mapsText } from '../compiler/program.ts';
import { V8 } from '../compiler/v8.ts';
import type { Loading } from '../wire/from-sandbox.ts';
import { unpackSources } from '../wire/sources.ts';
import type { LoadMessage } from '../wire/to-sandbox.ts';
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
  const v8 = new V8(isolate, true);
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
