import { describe, expect, test } from '@jest/globals';
import { defaultRuntime, makeExecution } from '../../../src/api/defaults.ts';
import { REASONS, type Reason } from '../../../src/api/outcome.ts';
import type { ExecutionClaim, ScriptExecution, ScriptRuntime } from '../../../src/api/types.generated.ts';
import { projectExecution } from '../../../src/operator/executions/execution-projection.ts';
import { isFinished } from '../../../src/operator/executions/finished.ts';
import { nextStep, RECORDED_WITHIN_MS, type Situation } from '../../../src/operator/executions/next-step.ts';

const CLAIM: ExecutionClaim = {
  podName: 'copepod-default-1',
  podUID: 'pod-1',
  bootID: 'boot-1',
  attempt: 1,
  claimTime: '2026-01-01T00:00:00.000000Z',
};

/** States an execution can be in, by its status. */
const STATES = {
  new: {},
  pending: { reason: 'Pending' },
  suspended: { reason: 'Suspended' },
  running: { reason: 'Running', claim: CLAIM },
  completed: { reason: 'Completed', claim: CLAIM },
  failed: { reason: 'RuntimeError', claim: CLAIM },
  cancelled: { reason: 'Cancelled' },
} satisfies Record<string, { reason?: Reason; claim?: ExecutionClaim }>;
type State = keyof typeof STATES;

/** Changes of the object. */
const ACTIONS = {
  nothing: {},
  label: { generation: 1 },
  'ttl, priority or backoffLimit': { generation: 2 },
  'another script': { generation: 2, digest: 'v1:new' },
  suspend: { generation: 2, spec: { suspend: true } },
  cancel: { generation: 2, spec: { cancel: true } },
  'cancel, then another script': { generation: 3, spec: { cancel: true }, digest: 'v1:new' },
  delete: { deletionTimestamp: '2026-01-01T00:00:00Z' },
} satisfies Record<string, ActionInput>;
type Action = keyof typeof ACTIONS;
interface ActionInput {
  generation?: number;
  digest?: string;
  spec?: Partial<ScriptExecution['spec']>;
  deletionTimestamp?: string;
}

function situation(state: State, action: ActionInput = {}, more: Partial<Situation> = {}): Situation {
  const { reason, claim } = STATES[state] as { reason?: Reason; claim?: ExecutionClaim };
  const { generation = 1, digest = 'v1:old', spec = {}, deletionTimestamp } = action;
  const made = makeExecution({ name: 'x', namespace: 'acme' }, { source: '1' });
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const object: ScriptExecution = {
    ...made,
    metadata: { ...made.metadata, generation, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { ...made.spec, ...spec },
    status:
      reason === undefined
        ? { observedGeneration: -1 }
        : {
            observedGeneration: 1,
            runDigest: 'v1:old',
            conditions: [{ type: 'Succeeded', status: 'Unknown', reason, message: '', lastTransitionTime }],
            ...(claim === undefined ? {} : { claim }),
          },
  };
  const runtime = defaultRuntime('default', 'acme');
  const execution = { ...projectExecution(object), digest };
  return { execution, runtime, readyPods: 1, now: 10_000, waitedMs: 10_000, ...more };
}

const said = (step: ReturnType<typeof nextStep>): string =>
  'reason' in step ? `${step.kind} ${step.reason}` : step.kind;

describe('every action in every state', () => {
  test.each<[State, Record<Action, string>]>([
    [
      'new',
      {
        nothing: 'queue',
        label: 'queue',
        'ttl, priority or backoffLimit': 'queue',
        'another script': 'queue',
        suspend: 'wait Suspended',
        cancel: 'finish Cancelled',
        'cancel, then another script': 'finish Cancelled',
        delete: 'noop',
      },
    ],
    ...(['pending', 'suspended'] as const).map((state): [State, Record<Action, string>] => [
      state,
      {
        nothing: 'queue',
        label: 'queue',
        'ttl, priority or backoffLimit': 'queue',
        'another script': 'restart',
        suspend: 'wait Suspended',
        cancel: 'finish Cancelled',
        'cancel, then another script': 'finish Cancelled',
        delete: 'noop',
      },
    ]),
    [
      'running',
      {
        nothing: 'follow',
        label: 'follow',
        'ttl, priority or backoffLimit': 'follow',
        'another script': 'stop',
        suspend: 'follow',
        cancel: 'stop',
        'cancel, then another script': 'stop',
        delete: 'stop',
      },
    ],
    ...(['completed', 'failed', 'cancelled'] as const).map((state): [State, Record<Action, string>] => [
      state,
      {
        nothing: 'noop',
        label: 'noop',
        'ttl, priority or backoffLimit': 'observe',
        'another script': 'restart',
        suspend: 'observe',
        cancel: 'observe',
        'cancel, then another script': 'observe',
        delete: 'noop',
      },
    ]),
  ])('%s', (state, expected) => {
    const steps = Object.entries(ACTIONS).map(([action, input]) => [action, said(nextStep(situation(state, input)))]);
    expect(Object.fromEntries(steps)).toEqual(expected);
  });
});

describe('obstacles to the start of a pending execution', () => {
  const ending = (runtime: ScriptRuntime): ScriptRuntime => ({
    ...runtime,
    metadata: { ...runtime.metadata, deletionTimestamp: '2026-11-22T10:00:00Z' },
  });
  const ofTenants = (...tenants: string[]) => {
    const runtime = defaultRuntime('default', 'acme');
    return { ...runtime, spec: { ...runtime.spec, tenants } };
  };
  test.each<[string, ActionInput, Partial<Situation>, string, RegExp]>([
    [
      'no runtime',
      {},
      { runtime: undefined },
      'wait RuntimeNotFound',
      /no ScriptRuntime "default" in namespace "acme"/,
    ],
    ['no source', {}, { missingSource: 'It is not there.' }, 'wait SourceNotFound', /^It is not there\.$/],
    [
      'a runtime that is being deleted',
      {},
      { runtime: ending(defaultRuntime('default', 'acme')) },
      'wait RuntimeNotFound',
      /"default" is being deleted/,
    ],
    [
      'a namespace that is being deleted',
      {},
      { isNamespaceEnding: true },
      'wait RuntimeNotReady',
      /Namespace "acme" is being deleted/,
    ],
    ['no pod', {}, { readyPods: 0 }, 'queue RuntimeNotReady', /no ready pod/],
    ['a tenant not admitted', {}, { runtime: ofTenants('other') }, 'finish TenantRefused', /tenant "acme"/],
    ['limits', { spec: { limits: { timeout: '1h' } } }, {}, 'finish LimitsRefused', /limits.timeout asks for 1h/],
    ['its deadline', { spec: { startingDeadlineSeconds: 10 } }, {}, 'finish DeadlineExceeded', /within 10 s/],
  ])('%s', (_, action, more, step, message) => {
    const next = nextStep(situation('pending', action, more));
    expect(said(next)).toBe(step);
    expect('message' in next && next.message).toMatch(message);
  });

  test.each<[string, ActionInput, Partial<Situation>]>([
    ['a deadline to come', { spec: { startingDeadlineSeconds: 11 } }, {}],
    ['a tenant that is admitted', {}, { runtime: ofTenants('acme') }],
    ['limits within the runtime’s', { spec: { limits: { timeout: '1s' } } }, {}],
  ])('not %s', (_, action, more) => {
    expect(nextStep(situation('pending', action, more)).kind).toBe('queue');
  });

  test('a running execution is stopped if its namespace is being deleted', () => {
    const step = nextStep(situation('running', {}, { isNamespaceEnding: true }));
    expect(step).toEqual({ kind: 'stop', claim: CLAIM });
  });

  test('none affects a running execution', () => {
    const all = { runtime: undefined, missingSource: 'It is not there.', readyPods: 0 };
    const step = nextStep(situation('running', { spec: { suspend: true, startingDeadlineSeconds: 1 } }, all));
    expect(step).toEqual({ kind: 'follow', claim: CLAIM });
  });
});

describe('a deadline', () => {
  const late = { spec: { startingDeadlineSeconds: 5 } };

  test.each([
    [4999, 'queue'],
    [5000, 'finish DeadlineExceeded'],
  ])('after %d ms of waiting: %s', (waitedMs, expected) => {
    expect(said(nextStep(situation('pending', late, { waitedMs })))).toBe(expected);
  });

  test('applies to the first start only', () => {
    const before = situation('pending', late);
    const execution = { ...before.execution, status: { ...before.execution.status, attempts: 1 } };
    expect(said(nextStep({ ...before, execution }))).toBe('queue');
  });

  test('does not apply to a suspended execution', () => {
    const step = nextStep(situation('pending', { spec: { ...late.spec, suspend: true } }));
    expect(said(step)).toBe('wait Suspended');
  });
});

describe('the next attempt', () => {
  const afterwards = (attemptHistory: { attempt: number; reason: string }[], more: Partial<Situation>): Situation => {
    const before = situation('pending', {}, more);
    return { ...before, execution: { ...before.execution, status: { ...before.execution.status, attemptHistory } } };
  };

  test('waits until it is due, and the message has the reason', () => {
    const step = nextStep(afterwards([{ attempt: 2, reason: 'PodLost' }], { nextAttempt: { at: 10_500, inMs: 500 } }));
    expect(step).toEqual({
      kind: 'wait',
      reason: 'Pending',
      message: 'Attempt 2 ended with PodLost; the next attempt is due at 1970-01-01T00:00:10.500Z.',
      forMs: 500,
    });
  });

  test('has the refusal of a pod in the message', () => {
    expect(nextStep(afterwards([], { nextAttempt: { at: 10_500, inMs: 500 } }))).toMatchObject({
      message: expect.stringContaining('A pod refused it'),
    });
  });

  test.each([[0], [-1]])('that is due (in %d ms) is queued', (inMs) => {
    const nextAttempt = { at: 10_500, inMs };
    expect(said(nextStep(afterwards([{ attempt: 1, reason: 'PodLost' }], { nextAttempt })))).toBe('queue');
  });

  test('can be cancelled while it waits', () => {
    const step = nextStep(situation('pending', { spec: { cancel: true } }, { nextAttempt: { at: 10_500, inMs: 500 } }));
    expect(said(step)).toBe('finish Cancelled');
  });
});

describe('a finished execution', () => {
  const COMPLETION = Date.parse('2026-01-01T00:00:00Z');
  const ended = (spec: Partial<ScriptExecution['spec']>, afterMs: number, more: ActionInput = {}): Situation => {
    const before = situation('completed', { ...more, spec }, { now: COMPLETION + afterMs });
    const status = { ...before.execution.status, completionTime: '2026-01-01T00:00:00.000000Z' };
    return { ...before, execution: { ...before.execution, status } };
  };

  test.each<[string, Partial<ScriptExecution['spec']>, number, ActionInput, string]>([
    ['stays by default', {}, 1e12, {}, 'noop'],
    ['stays until its TTL', { ttlSecondsAfterFinished: 60 }, 59_999, {}, 'noop'],
    ['is deleted at its TTL', { ttlSecondsAfterFinished: 60 }, 60_000, {}, 'delete'],
    ['is deleted at once with a TTL of 0', { ttlSecondsAfterFinished: 0 }, 0, {}, 'delete'],
    ['runs again if its script has changed', { ttlSecondsAfterFinished: 60 }, 1e9, { digest: 'v1:new' }, 'restart'],
    [
      'is deleted if cancelled, even if its script has changed',
      { ttlSecondsAfterFinished: 60, cancel: true },
      1e9,
      { digest: 'v1:new' },
      'delete',
    ],
    [
      'is not deleted twice',
      { ttlSecondsAfterFinished: 60 },
      1e9,
      { deletionTimestamp: '2026-01-01T00:00:00Z' },
      'noop',
    ],
  ])('%s', (_, spec, afterMs, more, expected) => {
    expect(said(nextStep(ended(spec, afterMs, more)))).toBe(expected);
  });

  test('stays without a completion time', () => {
    const { execution, ...rest } = ended({ ttlSecondsAfterFinished: 0 }, 1e9);
    const { completionTime: _, ...status } = execution.status;
    expect(said(nextStep({ ...rest, execution: { ...execution, status } }))).toBe('noop');
  });
});

test.each(Object.entries(REASONS))('%s is final or not, by the table of reasons', (reason, { succeeded }) => {
  const condition = { type: 'Succeeded', status: succeeded, reason, message: '', lastTransitionTime: '' };
  expect(isFinished({ conditions: [condition] })).toBe(succeeded !== 'Unknown');
});

test.each([
  ['True', true],
  ['False', true],
  ['Unknown', false],
] as const)('an unknown reason with the status %s is final: %s', (status, expected) => {
  const condition = { type: 'Succeeded', status, reason: 'OfALaterVersion', message: '', lastTransitionTime: '' };
  expect(isFinished({ conditions: [condition] })).toBe(expected);
});

test('an execution without a status has not finished', () => {
  expect(isFinished({})).toBe(false);
});

describe("a gateway's record", () => {
  const recorded = (state: State, action: ActionInput = {}, waitedMs = 0) => {
    const given = situation(state, action, { waitedMs });
    return nextStep({ ...given, execution: { ...given.execution, isRecord: true } });
  };

  test.each<[State, ActionInput]>([
    ['new', {}],
    ['pending', {}],
    ['completed', {}],
    ['failed', {}],
    ['completed', ACTIONS['another script']],
  ])('is never run: %s', (state, action) => expect(recorded(state, action).kind).toBe('noop'));

  test('is looked at again, and finished as lost a minute after its gateway should have written it', () => {
    expect(recorded('new', {}, RECORDED_WITHIN_MS - 1000)).toEqual({ kind: 'noop', forMs: 1000 });
    expect(recorded('new', {}, RECORDED_WITHIN_MS)).toMatchObject({ kind: 'finish', reason: 'PodLost' });
  });

  test('that was marked while it ran is followed', () => expect(recorded('running').kind).toBe('follow'));
});
