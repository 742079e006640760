import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { type Spec, summary } from './support/executions.ts';
import { counted } from './support/journal.ts';

/** User actions on an execution, as a sequence of patches; none: deletion. */
const ACTIONS = {
  cancel: [{ spec: { cancel: true } }],
  suspend: [{ spec: { suspend: true } }],
  resume: [{ spec: { suspend: true } }, { spec: { suspend: false } }],
  rerun: [{ spec: { rerunToken: 'again' } }],
  params: [{ spec: { params: 'new' } }],
  label: [{ metadata: { labels: { team: 'a' } }, spec: { priority: 7 } }],
  delete: [],
} as const satisfies Readonly<Record<string, readonly object[]>>;
type Action = keyof typeof ACTIONS;

/** The result: reason, run, number of script starts, and the params in its result. */
type End = readonly [reason: string, run: number, ran: number, result?: string];

/** A state, how it is reached, and the result of each action. */
interface State {
  readonly state: string;
  /** Name of its runtime. */
  readonly runtime: string;
  /** Code of its script after it has counted itself. */
  readonly script: (name: string) => string;
  /** Additional spec fields. */
  readonly spec?: Spec;
  /** Its reason when the action happens. */
  readonly reason: string;
  /** Failed attempts by then. */
  readonly failed?: number;
  readonly ends: Readonly<Record<Action, End>>;
}

const NOT_STARTED: State['ends'] = {
  cancel: ['Cancelled', 1, 0],
  suspend: ['Suspended', 1, 0],
  resume: ['Completed', 1, 1, 'old'],
  rerun: ['Completed', 2, 1, 'old'],
  params: ['Completed', 2, 1, 'new'],
  label: ['Completed', 1, 1, 'old'],
  delete: ['Gone', 0, 0],
};

/** Cancelled: a change starts nothing while `cancel` is true. */
const CANCELLED: State['ends'] = {
  cancel: ['Cancelled', 1, 0],
  suspend: ['Cancelled', 1, 0],
  resume: ['Cancelled', 1, 0],
  rerun: ['Cancelled', 1, 0],
  params: ['Cancelled', 1, 0],
  label: ['Cancelled', 1, 0],
  delete: ['Gone', 0, 0],
};

/** Number of attempts after which the next is 8 s away: enough time for the action. */
const FAILED = 4;

const STATES: readonly State[] = [
  { state: 'pending', runtime: 'late', script: () => '', reason: 'RuntimeNotFound', ends: NOT_STARTED },
  { state: 'waiting', runtime: 'busy', script: () => '', reason: 'Pending', ends: NOT_STARTED },
  { state: 'unready', runtime: 'unready', script: () => '', reason: 'RuntimeNotReady', ends: NOT_STARTED },
  {
    state: 'without-source',
    runtime: 'wide',
    script: () => '',
    spec: { source: undefined, sourceFrom: { configMapKeyRef: { name: 'late', key: 'counted' } } },
    reason: 'SourceNotFound',
    // They share one script, which counts itself under one name.
    ends: {
      ...NOT_STARTED,
      resume: ['Completed', 1, 0, 'old'],
      rerun: ['Completed', 2, 0, 'old'],
      params: ['Completed', 2, 0, 'new'],
      label: ['Completed', 1, 0, 'old'],
    },
  },
  {
    state: 'suspended',
    runtime: 'wide',
    script: () => '',
    spec: { suspend: true },
    reason: 'Suspended',
    ends: {
      ...NOT_STARTED,
      rerun: ['Suspended', 2, 0],
      params: ['Suspended', 2, 0],
      label: ['Suspended', 1, 0],
    },
  },
  {
    state: 'backing-off',
    runtime: 'wide',
    script: (name) => `await gate('${name}');`,
    // Long enough for each attempt to be counted before it times out, even on a slow machine.
    spec: { limits: { timeout: '400ms' }, backoffLimit: 9 },
    reason: 'Pending',
    failed: FAILED,
    ends: {
      cancel: ['Cancelled', 1, FAILED],
      suspend: ['Suspended', 1, FAILED],
      resume: ['Completed', 1, FAILED + 1, 'old'],
      rerun: ['Completed', 2, FAILED + 1, 'old'],
      params: ['Completed', 2, FAILED + 1, 'new'],
      label: ['Completed', 1, FAILED + 1, 'old'],
      delete: ['Gone', 0, FAILED],
    },
  },
  {
    state: 'cancelled',
    runtime: 'wide',
    script: () => '',
    spec: { cancel: true },
    reason: 'Cancelled',
    ends: CANCELLED,
  },
  {
    state: 'too-late',
    runtime: 'none',
    script: () => '',
    spec: { startingDeadlineSeconds: 1 },
    reason: 'DeadlineExceeded',
    ends: {
      cancel: ['DeadlineExceeded', 1, 0],
      suspend: ['DeadlineExceeded', 1, 0],
      resume: ['DeadlineExceeded', 1, 0],
      rerun: ['DeadlineExceeded', 2, 0],
      params: ['DeadlineExceeded', 2, 0],
      label: ['DeadlineExceeded', 1, 0],
      delete: ['Gone', 0, 0],
    },
  },
  {
    state: 'running',
    runtime: 'wide',
    script: (name) => `await gate('${name}');`,
    reason: 'Running',
    ends: {
      cancel: ['Cancelled', 1, 1],
      suspend: ['Completed', 1, 1, 'old'],
      resume: ['Completed', 1, 1, 'old'],
      rerun: ['Completed', 2, 2, 'old'],
      params: ['Completed', 2, 2, 'new'],
      label: ['Completed', 1, 1, 'old'],
      delete: ['Gone', 0, 1],
    },
  },
  {
    state: 'completed',
    runtime: 'wide',
    script: () => '',
    reason: 'Completed',
    ends: {
      cancel: ['Completed', 1, 1, 'old'],
      suspend: ['Completed', 1, 1, 'old'],
      resume: ['Completed', 1, 1, 'old'],
      rerun: ['Completed', 2, 2, 'old'],
      params: ['Completed', 2, 2, 'new'],
      label: ['Completed', 1, 1, 'old'],
      delete: ['Gone', 0, 1],
    },
  },
  {
    state: 'failed',
    runtime: 'wide',
    script: () => `throw new Error('as it should');`,
    reason: 'RuntimeError',
    ends: {
      cancel: ['RuntimeError', 1, 1],
      suspend: ['RuntimeError', 1, 1],
      resume: ['RuntimeError', 1, 1],
      rerun: ['RuntimeError', 2, 2],
      params: ['RuntimeError', 2, 2],
      label: ['RuntimeError', 1, 1],
      delete: ['Gone', 0, 1],
    },
  },
];

const actions = Object.keys(ACTIONS) as Action[];
const all = STATES.flatMap((state) => actions.map((action) => ({ state, action, name: `${state.state}-${action}` })));

/** Actions that stop a running script. */
const STOPPING: readonly Action[] = ['cancel', 'delete', 'rerun', 'params'];

let cluster: Cluster;
/** When all running scripts were cancelled, in milliseconds since the epoch. */
let cancelledAt: number;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('busy', { pool: { size: 1 } });
  await cluster.makeRuntime('wide', { pool: { size: 8 } });
  await cluster.makeRuntime('unready', { pool: { size: 2 } });
  await Promise.all([cluster.startPod('busy'), cluster.startPod('wide')]);
  await cluster.executions.create('blocker', { runtimeRef: { name: 'busy' }, source: `await gate('blocker')` });
  await cluster.executions.reaches('blocker', 'Running');

  for (const { name, state } of all) await cluster.executions.create(name, specOf(name, state));
  for (const { name, state } of all) await cluster.executions.reaches(name, state.reason);
  for (const { name, state } of all) {
    if (state.state === 'running') await eventually(() => expect(cluster.journal.runsOf(name)).toBe(1));
  }
  for (const { name, state } of all) {
    await eventually(async () => {
      const { status } = await cluster.executions.get(name);
      expect(status.attemptHistory ?? []).toHaveLength(state.failed ?? 0);
    });
  }
  // Attempts succeed from now on.
  for (const action of actions) cluster.journal.open(`backing-off-${action}`);
  cancelledAt = Date.now();
  for (const { name, action } of all.toSorted(byFailures)) {
    if (action === 'delete') await cluster.executions.delete(name);
    for (const patch of ACTIONS[action]) await cluster.executions.patch(name, patch);
  }

  // Unblocks the executions that can continue.
  await cluster.makeSource('late', { counted: counted('late') });
  await cluster.startPod('unready');
  await cluster.makeRuntime('late', { pool: { size: 2 } });
  await cluster.startPod('late');
  for (const action of STOPPING) {
    await eventually(() => expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(true));
  }
  for (const action of actions) cluster.journal.open(`running-${action}`);
  cluster.journal.open('blocker');
}, 120_000);
afterAll(() => cluster?.close());

/** Executions with back-off come first. */
const byFailures = (a: { state: State }, b: { state: State }): number => (b.state.failed ?? 0) - (a.state.failed ?? 0);

function specOf(name: string, { runtime, script, spec }: State): Spec {
  const source = `export default async (params) => { await count('${name}'); ${script(name)} return params; }`;
  return { runtimeRef: { name: runtime }, source, params: 'old', ...spec };
}

function endOf(execution: ScriptExecution | undefined, ran: number): End {
  if (execution === undefined) return ['Gone', 0, ran];
  const { reason, isObserved } = summary(execution);
  const { run = 0, result } = execution.status;
  const end = [isObserved ? String(reason) : 'not observed', run, ran] as const;
  return result === undefined ? end : [...end, String(result)];
}

describe.each(STATES)('an execution that is $state', ({ state, ends }) => {
  test.each(actions)('%s', async (action) => {
    const name = `${state}-${action}`;
    await eventually(async () => {
      const execution = await cluster.executions.find(name);
      expect(endOf(execution, cluster.journal.runsOf(name))).toEqual(ends[action]);
    });
  });
});

describe('a running script', () => {
  test('finishes soon after it is cancelled, with its completion time', async () => {
    const { status } = await cluster.executions.get('running-cancel');
    expect(cluster.journal.wasStoppedAt('running-cancel')).toBe(true);
    expect(Date.parse(status.completionTime ?? '') - cancelledAt).toBeLessThan(10_000);
  });

  test.each(STOPPING)('is stopped on its pod: %s', (action) => {
    expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(true);
  });

  test.each(['suspend', 'resume', 'label'])('is not affected: %s', (action) => {
    expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(false);
  });
});
