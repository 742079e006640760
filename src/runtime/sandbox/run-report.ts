import type { ErrorReport, RunReport } from '../wire/from-sandbox.ts';
import type { LoadedProgram } from './program.ts';
import { authorsError } from './stack.ts';

/**
 * How a run ended, from what its guest says of it (guest/port.ts).
 * @returns undefined for what is no end
 */
export function reportOf(
  op: unknown,
  payload: unknown,
  program: LoadedProgram,
  maxResultBytes: number,
): RunReport | undefined {
  switch (op) {
    case 'value': {
      if (typeof payload !== 'string') return { kind: 'value', json: null };
      const bytes = Buffer.byteLength(payload);
      return bytes > maxResultBytes ? { kind: 'result-too-large', bytes } : { kind: 'value', json: payload };
    }
    case 'too-large':
      return { kind: 'result-too-large', bytes: Number.isSafeInteger(payload) ? (payload as number) : 0 };
    case 'thrown':
      return {
        kind: 'thrown',
        error: authorsError(JSON.parse(inAuthorsWords(String(payload), program)) as ErrorReport, program.places),
      };
    case 'out-of-memory':
      return { kind: 'out-of-memory' };
    default:
      return undefined;
  }
}

/** V8's messages name what is called: instrumented code calls another function where its author wrote `import`. */
function inAuthorsWords(text: string, { program: { names } }: LoadedProgram): string {
  return names === undefined ? text : text.replaceAll(nameOf(names.load), 'import');
}

/** The name that an identifier with an escape stands for. */
const nameOf = (identifier: string): string => identifier.replace('\\u200d', '\u200d');
