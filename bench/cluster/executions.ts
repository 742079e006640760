import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { PARAMS, RESULT, SOURCE } from '../scenarios/small.ts';
import type { ObservedState } from './end-watcher.ts';

/** Deviations from the default execution. */
export interface Variation {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** An execution as a user writes it; the API server adds the defaults. */
export function newExecution(
  namespace: string,
  name: string,
  runtime: string,
  { labels, spec }: Variation = {},
): ScriptExecution {
  const manifest = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptExecution',
    metadata: { name, namespace, ...(labels && { labels }) },
    spec: { runtimeRef: { name: runtime }, source: SOURCE, params: PARAMS, ...spec },
  };
  return manifest as unknown as ScriptExecution;
}

/** State of an execution of the default script. A success with a wrong result counts as a failure. */
export const observeExecution = observerFor(RESULT);

/** State of an execution whose result must be this JSON. */
export function observerFor(expected: string): (execution: ScriptExecution) => ObservedState {
  const expectedResult = sorted(expected);
  return ({ status }) => {
    const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
    const { reason: state = 'New', message } = succeeded ?? {};
    if (succeeded?.status === 'False') return { state, message, end: 'bad' };
    if (succeeded?.status !== 'True') return { state, message };
    const result = JSON.stringify(status.result);
    if (result !== undefined && sorted(result) === expectedResult) return { state, message, end: 'good' };
    return { state, message: `the result is ${result}, not ${expected}`, end: 'bad' };
  };
}

/** The API server sorts the keys of objects. */
function sorted(json: string): string {
  const value = JSON.parse(json) as unknown;
  if (typeof value !== 'object' || value === null) return json;
  return JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
