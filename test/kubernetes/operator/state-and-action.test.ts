import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { Cluster } from './support/cluster.ts';
import { eventually } from './support/eventually.ts';
import { type Spec, summary } from './support/executions.ts';

/** What people do to an execution, as patches one after the other; none: they delete it. */
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

/** What has become of it: its reason, its run, how often its script ran, and the params that its result tells. */
type End = readonly [reason: string, run: number, ran: number, result?: string];

/** A state, the way into it, and what each action makes of it. */
interface State {
  readonly state: string;
  /** Of its runtime. */
  readonly runtime: string;
  /** What its script does after it has counted itself. */
  readonly script: (name: string) => string;
  /** The reason that it has when the action comes. */
  readonly reason: string;
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

const STATES: readonly State[] = [
  { state: 'pending', runtime: 'late', script: () => '', reason: 'RuntimeNotFound', ends: NOT_STARTED },
  { state: 'waiting', runtime: 'busy', script: () => '', reason: 'Pending', ends: NOT_STARTED },
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

/** Actions that end a script that runs. */
const STOPPING: readonly Action[] = ['cancel', 'delete', 'rerun', 'params'];

let cluster: Cluster;
/** When each running script was cancelled, in milliseconds since the epoch. */
let cancelledAt: number;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('busy', { pool: { size: 1 } });
  await cluster.makeRuntime('wide', { pool: { size: 8 } });
  await Promise.all([cluster.startPod('busy'), cluster.startPod('wide')]);
  await cluster.executions.create('blocker', { runtimeRef: { name: 'busy' }, source: `await gate('blocker')` });
  await cluster.executions.reaches('blocker', 'Running');

  for (const { name, state } of all) await cluster.executions.create(name, specOf(name, state));
  for (const { name, state } of all) await cluster.executions.reaches(name, state.reason);
  await eventually(() => expect(cluster.journal.ran()).toHaveLength(3 * actions.length));
  cancelledAt = Date.now();
  for (const { name, action } of all) {
    if (action === 'delete') await cluster.executions.delete(name);
    for (const patch of ACTIONS[action]) await cluster.executions.patch(name, patch);
  }

  // What goes on may do so now.
  await cluster.makeRuntime('late', { pool: { size: 2 } });
  await cluster.startPod('late');
  for (const action of STOPPING) {
    await eventually(() => expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(true));
  }
  for (const action of actions) cluster.journal.open(`running-${action}`);
  cluster.journal.open('blocker');
}, 120_000);
afterAll(() => cluster?.close());

function specOf(name: string, { runtime, script }: State): Spec {
  const source = `export default async (params) => { await count('${name}'); ${script(name)} return params; }`;
  return { runtimeRef: { name: runtime }, source, params: 'old' };
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

describe('a script that runs', () => {
  test('and is cancelled ends soon, and its status says when', async () => {
    const { status } = await cluster.executions.get('running-cancel');
    expect(cluster.journal.wasStoppedAt('running-cancel')).toBe(true);
    expect(Date.parse(status.completionTime ?? '') - cancelledAt).toBeLessThan(10_000);
  });

  test.each(STOPPING)('is stopped on its pod: %s', (action) => {
    expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(true);
  });

  test.each(['suspend', 'resume', 'label'])('is left alone: %s', (action) => {
    expect(cluster.journal.wasStoppedAt(`running-${action}`)).toBe(false);
  });
});
