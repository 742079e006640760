import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ExecutionOutcome, ScriptError } from '../../../src/index.ts';

/** What only the host knows: paths, files of Node and of the sandbox. No script and no author may ever read it. */
const HOST_TRACES = [
  fileURLToPath(new URL('../../..', import.meta.url)),
  homedir(),
  process.execPath,
  'file://',
  'node:',
  'node_modules',
  'main.cjs',
  'isolated-vm',
  'copepod:',
];

/** Traces of the host in all that an outcome says: result, error, stack, causes and logs. */
export function hostTracesIn(outcome: ExecutionOutcome): string[] {
  const text = [
    JSON.stringify(outcome.result ?? null),
    ...errorTexts(outcome.error),
    ...outcome.logs.map((line) => line.message),
  ].join('\n');
  return HOST_TRACES.filter((trace) => text.includes(trace));
}

function errorTexts(error: ScriptError | undefined): string[] {
  return error === undefined ? [] : [error.message, error.stack ?? '', JSON.stringify(error.cause ?? null)];
}
