import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { PARAMS, RESULT, SOURCE } from '../scenarios/small.ts';
import type { Look } from './end-watcher.ts';

/** An execution as a user writes it; the API server fills in the rest. */
export function newExecution(namespace: string, name: string, runtime: string): ScriptExecution {
  const manifest = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptExecution',
    metadata: { name, namespace },
    spec: { runtimeRef: { name: runtime }, source: SOURCE, params: PARAMS },
  };
  return manifest as unknown as ScriptExecution;
}

/** Where an execution stands. One that succeeded with a wrong result has come to a bad end. */
export function lookAtExecution({ status }: ScriptExecution): Look {
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
  const { reason: state = 'New', message } = succeeded ?? {};
  if (succeeded?.status === 'False') return { state, message, end: 'bad' };
  if (succeeded?.status !== 'True') return { state, message };
  const result = JSON.stringify(status.result);
  if (sameResult(result)) return { state, message, end: 'good' };
  return { state, message: `the result is ${result}, not ${RESULT}`, end: 'bad' };
}

/** The API server sorts an object's keys. */
function sameResult(result: string | undefined): boolean {
  return result !== undefined && sorted(result) === EXPECTED;
}

const EXPECTED = sorted(RESULT);

function sorted(json: string): string {
  return JSON.stringify(Object.entries(JSON.parse(json) as object).sort(([one], [other]) => (one < other ? -1 : 1)));
}
