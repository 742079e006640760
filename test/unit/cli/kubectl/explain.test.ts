import { describe, expect, test } from '@jest/globals';
import { defaultRuntime, makeExecution } from '../../../../src/api/defaults.ts';
import type { Condition, ScriptExecution, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { ageText } from '../../../../src/cli/kubectl/age-text.ts';
import { explain } from '../../../../src/cli/kubectl/explain/decide.ts';
import { usedUp } from '../../../../src/cli/kubectl/explain/gather.ts';
import type { Explanation, PodView, Situation } from '../../../../src/cli/kubectl/explain/situation.ts';

const NOW = Date.parse('2027-01-01T00:10:00Z');
const CREATED = '2027-01-01T00:00:00Z';

const condition = (type: string, status: Condition['status'], reason: string, message = ''): Condition => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: CREATED,
});

/** An execution that the operator has observed. */
function execution(succeeded: Condition | undefined, more: object = {}, spec: object = {}): ScriptExecution {
  const made = makeExecution({ name: 'hello', namespace: 'acme' }, { source: '1', ...spec });
  const observed = succeeded === undefined ? {} : { observedGeneration: 1, conditions: [succeeded] };
  const metadata = { ...made.metadata, generation: 1, creationTimestamp: CREATED };
  return { ...made, metadata, status: { ...observed, ...more } };
}

const waits = (reason: string, message = ''): ScriptExecution =>
  execution(condition('Succeeded', 'Unknown', reason, message));

function runtime(conditions: Condition[], { status = {}, spec = {} }: { status?: object; spec?: object } = {}) {
  const made = defaultRuntime('default', 'acme');
  return { ...made, spec: { ...made.spec, ...spec }, status: { replicas: 1, conditions, ...status } } as ScriptRuntime;
}

const pod = (more: Partial<PodView> = {}): PodView => ({
  name: 'copepod-default-1',
  isReady: true,
  isEnding: false,
  trouble: undefined,
  ...more,
});

function situation(of: ScriptExecution, more: Partial<Situation> = {}): Situation {
  const ready = runtime([condition('Ready', 'True', 'PodsReady')], { status: { readyReplicas: 1 } });
  return { execution: of, runtime: ready, runtimeNames: [], pods: [pod()], quotas: [], now: NOW, ...more };
}

const NOT_READY = waits('RuntimeNotReady', 'ScriptRuntime "default" has no ready pod.');
const PROGRESSING = runtime([condition('Ready', 'False', 'Progressing', '0 of 1 pods accept executions.')]);
const CLAIM = { podName: 'copepod-default-1', podUID: 'u', bootID: 'b', attempt: 1, claimTime: '2027-01-01T00:09:18Z' };
const RUNNING = execution(condition('Succeeded', 'Unknown', 'Running', 'It runs.'), { claim: CLAIM, attempts: 1 });
const ENDED = { completionTime: '2027-01-01T00:00:05.123000Z', claim: CLAIM, attempts: 1 };

describe('explain gives one answer for', () => {
  test.each<[string, Situation, { readonly [Field in keyof Explanation]?: unknown }]>([
    [
      'one that has just been created',
      situation(execution(undefined), { now: Date.parse(CREATED) + 2000 }),
      { state: 'waiting', reason: 'Pending', advice: undefined },
    ],
    [
      'one that no operator has seen for minutes',
      situation(execution(undefined)),
      { reason: 'Unobserved', message: expect.stringContaining('10m ago'), advice: expect.stringContaining('"acme"') },
    ],
    [
      'one whose change no operator has seen',
      situation(execution(condition('Succeeded', 'True', 'Completed'), { observedGeneration: 0 })),
      { reason: 'Unobserved', message: expect.stringContaining('has been changed') },
    ],
    [
      'one that is being deleted',
      situation({ ...RUNNING, metadata: { ...RUNNING.metadata, deletionTimestamp: CREATED } }),
      { reason: 'Deleting' },
    ],
    [
      'a success',
      situation(
        execution(condition('Succeeded', 'True', 'Completed'), { ...ENDED, result: 1, usage: { wallMilliseconds: 7 } }),
      ),
      {
        state: 'succeeded',
        message: 'It succeeded at 2027-01-01T00:00:05Z in 7 ms on pod copepod-default-1.',
      },
    ],
    [
      'a success at the second attempt, without a result',
      situation(execution(condition('Succeeded', 'True', 'Completed'), { ...ENDED, attempts: 2 })),
      { message: expect.stringMatching(/, at attempt 2, without a result\.$/) },
    ],
    [
      'an error of a script, with its place',
      situation(
        execution(condition('Succeeded', 'False', 'RuntimeError', 'no luck'), {
          ...ENDED,
          error: { type: 'RuntimeError', message: 'no luck\nat all', line: 3, file: 'hello.js', retryable: false },
        }),
      ),
      { state: 'failed', reason: 'RuntimeError', message: 'Its script threw: no luck (hello.js, line 3).' },
    ],
    [
      'a time-out after three attempts',
      situation(
        execution(condition('Succeeded', 'False', 'TimeoutExceeded', 'took over 30 s'), { ...ENDED, attempts: 3 }),
      ),
      {
        message: 'It took longer than its time-out: took over 30 s. It was tried 3 times.',
        advice: expect.stringContaining('spec.limits.timeout'),
      },
    ],
    [
      'a failure of a newer operator',
      situation(execution(condition('Succeeded', 'False', 'MoonPhase', 'not now'), ENDED)),
      { state: 'failed', reason: 'MoonPhase', message: 'It failed: not now.' },
    ],
    [
      'one that runs',
      situation(RUNNING),
      {
        state: 'running',
        message: 'It has been running on pod copepod-default-1 for 42s of at most 30s.',
        advice: undefined,
      },
    ],
    ['one whose pod is ending', situation(RUNNING, { pods: [pod({ isEnding: true })] }), { reason: 'Running' }],
    ['one whose pod is gone', situation(RUNNING, { pods: [] }), { state: 'running', reason: 'PodGone' }],
    ['one whose pods may not be read', situation(RUNNING, { pods: 'unknown' }), { reason: 'Running' }],
    [
      'a suspended one',
      situation(waits('Suspended')),
      { reason: 'Suspended', advice: expect.stringContaining('kubectl patch sx hello -n acme') },
    ],
    [
      'a misspelt runtime',
      situation(
        execution(condition('Succeeded', 'Unknown', 'RuntimeNotFound'), {}, { runtimeRef: { name: 'defalt' } }),
        {
          runtime: undefined,
          runtimeNames: ['default', 'reports'],
        },
      ),
      {
        reason: 'RuntimeNotFound',
        message: 'There is no ScriptRuntime "defalt" in namespace "acme".',
        advice: expect.stringContaining('did you mean default?'),
      },
    ],
    [
      'a runtime in a namespace without any',
      situation(waits('RuntimeNotFound'), { runtime: undefined }),
      { advice: 'Create one: this namespace has none.' },
    ],
    [
      'a missing ConfigMap',
      situation(waits('SourceNotFound', 'ConfigMap "x" has no key "y" in its data.')),
      { reason: 'SourceNotFound', message: 'ConfigMap "x" has no key "y" in its data.' },
    ],
    [
      'a retry that is due later',
      situation(waits('Pending', 'Attempt 1 ended with PodLost; the next attempt is due at 2027-01-01T00:11:00Z.')),
      { reason: 'BackingOff' },
    ],
    [
      'a claim that fails',
      situation(waits('Pending', 'The claim failed and will be retried: etcd is slow')),
      { reason: 'ClaimFailed' },
    ],
    [
      'a stalled runtime, in the words of its condition',
      situation(NOT_READY, {
        runtime: runtime([
          condition('Ready', 'False', 'Progressing'),
          condition('Stalled', 'True', 'ImagePullFailed', 'ErrImagePull: no such image. Correct spec.image.'),
        ]),
      }),
      {
        reason: 'ImagePullFailed',
        message: 'ScriptRuntime "default" cannot run it: ErrImagePull: no such image. Correct spec.image.',
      },
    ],
    [
      'a runtime whose pods are refused by a quota',
      situation(NOT_READY, {
        runtime: runtime([condition('Ready', 'False', 'QuotaExceeded', 'No pod can be created.')]),
      }),
      { reason: 'QuotaExceeded' },
    ],
    [
      'values that do not exist',
      situation(waits('RuntimeNotReady', 'Secret "s" has no key "k".'), {
        runtime: runtime([
          condition('Ready', 'True', 'PodsReady'),
          condition('EnvMissing', 'True', 'EnvMissing', 'Secret "s" has no key "k".'),
        ]),
      }),
      { reason: 'EnvMissing' },
    ],
    [
      'a runtime that is scaled to zero',
      situation(NOT_READY, {
        runtime: runtime([condition('Ready', 'True', 'ScaledToZero')], {
          status: { replicas: 0 },
          spec: { replicas: 0 },
        }),
        pods: [],
      }),
      { reason: 'ScaledToZero', advice: 'kubectl scale srt default -n acme --replicas=1' },
    ],
    [
      'a runtime that is scaled up from zero',
      situation(NOT_READY, {
        runtime: runtime([condition('Ready', 'True', 'ScaledToZero')], {
          status: { replicas: 0 },
          spec: { autoscaling: { minReplicas: 0, maxReplicas: 3 } },
        }),
        pods: [],
      }),
      { reason: 'ScalingFromZero', advice: undefined },
    ],
    [
      'a quota that leaves no room for pods',
      situation(NOT_READY, {
        runtime: PROGRESSING,
        pods: [],
        quotas: [{ name: 'q', resource: 'pods', used: '10', hard: '10' }],
      }),
      { reason: 'QuotaExceeded', message: expect.stringContaining('"q" is used up: pods 10 of 10') },
    ],
    [
      'a pod in trouble',
      situation(NOT_READY, {
        runtime: PROGRESSING,
        pods: [pod({ isReady: false, trouble: { reason: 'Unschedulable', message: '0/1 nodes are available' } })],
      }),
      { reason: 'Unschedulable', advice: 'kubectl describe pod copepod-default-1 -n acme' },
    ],
    [
      'pods that start',
      situation(NOT_READY, { runtime: PROGRESSING, pods: [pod({ isReady: false })] }),
      { reason: 'PodsStarting', message: expect.stringContaining('copepod-default-1') },
    ],
    [
      'pods that have other limits',
      situation(waits('RuntimeNotReady', 'The pods of ScriptRuntime "default" still have the former, lower limits.')),
      { reason: 'RuntimeNotReady', message: expect.stringContaining('lower limits') },
    ],
    [
      'a runtime whose VMs are all busy',
      situation(waits('Pending'), {
        runtime: runtime([condition('Ready', 'True', 'PodsReady'), condition('Saturated', 'True', 'Saturated')], {
          status: { readyReplicas: 2, executions: { running: 8, pending: 3 } },
        }),
      }),
      {
        reason: 'NoFreeVM',
        message: 'ScriptRuntime "default" has no free VM: 8 of 8 busy, 3 executions waiting.',
        advice: expect.stringContaining('spec.replicas'),
      },
    ],
    [
      'VMs that are busy in pods that the status of the runtime does not count yet',
      situation(waits('Pending', 'It waits for a free VM of ScriptRuntime "default".'), {
        runtime: runtime([condition('Ready', 'True', 'PodsReady')], {
          status: { executions: { running: 2, pending: 1 } },
        }),
      }),
      { reason: 'NoFreeVM', message: 'ScriptRuntime "default" has no free VM: 2 busy, 1 execution waiting.' },
    ],
    [
      'one whose runtime may not be read: the condition of the execution',
      situation(NOT_READY, { runtime: 'unknown', pods: 'unknown', quotas: 'unknown' }),
      { reason: 'RuntimeNotReady', message: 'ScriptRuntime "default" has no ready pod.' },
    ],
  ])('%s', (_, given, expected) => {
    expect(explain(given)).toMatchObject(expected);
  });
});

test('a quota is used up where nothing is left of one of its resources, whatever the unit', () => {
  const quota = {
    metadata: { name: 'q' },
    status: { hard: { pods: '10', 'limits.memory': '1Gi', cpu: '2' }, used: { pods: '9', 'limits.memory': '1024Mi' } },
  };
  expect(usedUp(quota)).toEqual([{ name: 'q', resource: 'limits.memory', used: '1024Mi', hard: '1Gi' }]);
});

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
  [Number.NaN, 'an unknown time'],
])('%d ms as an age are %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
