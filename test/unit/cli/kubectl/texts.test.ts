import { describe, expect, test } from '@jest/globals';
import { makeExecution } from '../../../../src/api/defaults.ts';
import type { Condition, ScriptExecution } from '../../../../src/api/types.generated.ts';
import { progressText } from '../../../../src/cli/kubectl/attend.ts';
import { ClusterError, clusterError } from '../../../../src/cli/kubectl/cluster-error.ts';
import { namesHint, plainName } from '../../../../src/cli/kubectl/find-execution.ts';
import { objectText } from '../../../../src/cli/kubectl/object-text.ts';
import { progressOf } from '../../../../src/cluster/executions/progress.ts';
import { rerunPatch } from '../../../../src/cluster/executions/rerun-patch.ts';
import { ApiError, TransportError } from '../../../../src/kube/api-error.ts';

const target = { host: 'api.example:6443', namespace: 'shop' };

describe('an error of the cluster', () => {
  test.each<[string, Error, RegExp, RegExp | undefined]>([
    [
      'no answer',
      new TransportError('timed out', 'ETIMEDOUT'),
      /^no answer .* api\.example:6443: timed out$/,
      /--context/,
    ],
    ['bad credentials', new ApiError(401, {}), /does not accept your credentials/, /log in/],
    [
      'a missing right',
      new ApiError(403, { message: 'User "x" cannot patch resource "scriptexecutions" in API group "copepod.dev"' }),
      /cannot patch/,
      /can-i patch scriptexecutions\.copepod\.dev -n shop/,
    ],
    ['a quota', new ApiError(403, { message: 'exceeded quota: q' }), /^exceeded quota: q$/, undefined],
    [
      'a cluster without the kinds',
      new ApiError(404, { message: '404 page not found' }),
      /has no Copepod/,
      /make deploy/,
    ],
    [
      'a missing object',
      new ApiError(404, { message: 'x not found', details: { name: 'x' } }),
      /^x not found$/,
      undefined,
    ],
    [
      'a rule of admission',
      new ApiError(422, { message: 'spec.source is too long' }),
      /^spec\.source is too long$/,
      undefined,
    ],
  ])('is told for %s', (_, error, message, hint) => {
    const told = clusterError(error, target) as ClusterError;
    expect(told).toBeInstanceOf(ClusterError);
    expect(told.message).toMatch(message);
    expect(told.hint ?? '').toMatch(hint ?? /^$/);
  });

  test('of another kind stays as it is', () => {
    const bug = new TypeError('x is undefined');
    expect(clusterError(bug, target)).toBe(bug);
  });
});

test.each([
  ['hallo', ['hello', 'other'], 'did you mean hello?'],
  ['x', ['alpha', 'beta'], 'there are: alpha, beta'],
  ['x', ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'], 'there are 6: a1, b2, c3, d4, e5, …'],
  ['x', [], 'there are none in this namespace; -n names another'],
])('for %s of %j the hint is: %s', (name, names, hint) => {
  expect(namesHint(name, names)).toBe(hint);
});

test.each([
  'hello',
  'sx/hello',
  'scriptexecution/hello',
  'scriptexecution.copepod.dev/hello',
  'scriptexecutions/hello',
])('%s names the execution hello', (name) => {
  expect(plainName(name)).toBe('hello');
});

function execution(succeeded?: Partial<Condition>, observed = 1): ScriptExecution {
  const made = makeExecution({ name: 'hello', namespace: 'shop' }, { source: '1' });
  const condition = { type: 'Succeeded', message: 'why \u001b[2J', lastTransitionTime: '', ...succeeded } as Condition;
  const status = succeeded === undefined ? {} : { observedGeneration: observed, conditions: [condition] };
  return { ...made, metadata: { ...made.metadata, generation: 1 }, status };
}

test.each<[string, ScriptExecution, string, string]>([
  ['not observed', execution(), 'unobserved', ''],
  ['changed since', execution({ status: 'True', reason: 'Completed' }, 0), 'unobserved', ''],
  ['waiting', execution({ status: 'Unknown', reason: 'Pending' }), 'waiting', 'waiting: Pending: why \\x1b[2J'],
  ['suspended', execution({ status: 'Unknown', reason: 'Suspended' }), 'suspended', 'waiting: Suspended: why \\x1b[2J'],
  ['running', execution({ status: 'Unknown', reason: 'Running' }), 'running', 'why \\x1b[2J'],
  ['ended', execution({ status: 'False', reason: 'Cancelled' }), 'finished', ''],
])('an execution that is %s', (_, given, kind, text) => {
  const progress = progressOf(given);
  expect(progress.kind).toBe(kind);
  expect(progressText(progress)).toBe(text);
});

test('the object, its name, or its result', () => {
  const ended = { ...execution(), status: { result: { a: '\u001b' } } };
  expect(objectText(ended, 'name')).toBe('scriptexecution.copepod.dev/hello\n');
  expect(objectText(ended, 'result')).toBe('{\n  "a": "\\u001b"\n}\n');
  expect(objectText(execution(), 'result')).toBe('');
  expect(JSON.parse(objectText(ended, 'json'))).toMatchObject({
    kind: 'ScriptExecution',
    status: { result: { a: '\u001b' } },
  });
});

test('a rerun has another token each time, and takes a cancellation back', () => {
  const { spec } = makeExecution({ name: 'a', namespace: 'b' }, { source: '1' });
  expect(rerunPatch(spec)).not.toEqual(rerunPatch(spec));
  expect(rerunPatch(spec)).toEqual({ spec: { rerunToken: expect.any(String) } });
  expect(rerunPatch({ ...spec, cancel: true })).toEqual({ spec: { rerunToken: expect.any(String), cancel: false } });
});
