import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunOutcome } from '../../../../src/api/pod-protocol.ts';
import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import { ApiError, TransportError } from '../../../../src/kube/api-error.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import { ExecutionSpans } from '../../../../src/operator/executions/execution-spans.ts';
import { isFinished } from '../../../../src/operator/executions/finished.ts';
import type { TracedSpan } from '../../../../src/tracing/tracing.ts';
import { until } from '../../../support/until.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { Cluster, Leader, type Pod, type WriteFault } from './cluster.ts';
import { CLAIM, statusOf } from './objects.ts';

const timedOut: RunOutcome = {
  ...outcomeOf(''),
  reason: 'TimeoutExceeded',
  error: { type: 'TimeoutError', message: 'too slow', retryable: true },
};

let cluster: Cluster;
let pod: Pod;
let leader: Leader;

beforeEach(() => {
  cluster = new Cluster();
  pod = cluster.addPod('a');
  leader = new Leader(cluster);
});
afterEach(async () => await leader.stop());

const reads = async (key: string, reason: string): Promise<void> =>
  until(`${key} is ${reason}; it is ${cluster.reason(key)}`, () => cluster.reason(key) === reason);
const happened = async (what: string): Promise<void> => until(what, () => cluster.log.includes(what));
const rest = async (ms = 50): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Asserts that no slot is left taken and no finished attempt is followed. */
async function expectAllGivenBack(): Promise<void> {
  const { slots, dispatcher, reconciler } = leader;
  const left = (): number => slots.taken.byRuntime.of('acme/default') + dispatcher.waiting.total + reconciler.following;
  await until('all slots are released', () => left() === 0);
}

const another = async (): Promise<void> => {
  await leader.stop();
  leader = new Leader(cluster);
};

describe('an execution', () => {
  test('is claimed before its pod gets it, and recorded before its pod may forget it', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await happened('acknowledge uid-x.1.1');
    expect(cluster.log).toEqual(['write Running', 'start uid-x.1.1', 'write Completed', 'acknowledge uid-x.1.1']);
    expect(cluster.get(key).status).toMatchObject({ run: 1, attempts: 1, result: 'hello', claim: { podName: 'a' } });
    expect([leader.errors, leader.ended]).toEqual([[], ['x']]);
    await expectAllGivenBack();
  });

  test('releases its VM when it has finished, before the outcome is written', async () => {
    cluster.writeFault = ({ result }) => (result === undefined ? undefined : unavailable());
    cluster.apply('x');
    await happened('start uid-x.1.1');
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await until('the VM is free', () => leader.slots.taken.byRuntime.of('acme/default') === 0);
    cluster.writeFault = () => undefined;
    await happened('acknowledge uid-x.1.1');
  });

  test('waits in the queue without a free VM, and runs once there is one', async () => {
    pod.result = undefined;
    const keys = ['1', '2', '3'].map((name) => cluster.apply(name));
    await until('two run', () => pod.active === 2);
    await rest();
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(2);
    expect(leader.dispatcher.waiting.of('acme/default')).toBe(1);
    pod.end('uid-1.1.1');
    await happened('start uid-3.1.1');
    pod.end('uid-2.1.1');
    pod.end('uid-3.1.1');
    for (const key of keys) await reads(key, 'Completed');
    await expectAllGivenBack();
  });

  test('that a pod refuses is released, spends no attempt, and runs on another pod', async () => {
    pod.drain();
    const key = cluster.apply('x', { backoffLimit: 0 });
    await until('it is released', () => cluster.log.includes('write Pending'));
    expect(cluster.get(key).status).toMatchObject({ attempts: 0 });
    expect(cluster.get(key).status).not.toHaveProperty('claim');
    pod.isServing = false;
    cluster.addPod('b').result = () => outcomeOf('on b');
    leader.podsChanged();
    await reads(key, 'Completed');
    expect(cluster.get(key).status).toMatchObject({ attempts: 1, result: 'on b', claim: { podName: 'b' } });
    await expectAllGivenBack();
  });

  test('is retried up to backoffLimit', async () => {
    pod.result = () => timedOut;
    const key = cluster.apply('x', { backoffLimit: 1 });
    await reads(key, 'TimeoutExceeded');
    expect(cluster.get(key).status).toMatchObject({ attempts: 2, attemptHistory: [{ attempt: 1 }] });
    expect(cluster.log.filter((line) => line.startsWith('start'))).toEqual(['start uid-x.1.1', 'start uid-x.1.2']);
    await happened('acknowledge uid-x.1.2');
    expect(cluster.log).toContain('acknowledge uid-x.1.1');
    await expectAllGivenBack();
  });

  test('whose pod is gone is lost, and is not started again', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    leader.podGone(pod);
    pod.isCut = true;
    await reads(key, 'PodLost');
    cluster.addPod('b').result = () => outcomeOf('again');
    leader.look(key);
    await rest();
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
    await expectAllGivenBack();
  });
});

test('an execution with nothing to write is never dispatched', async () => {
  pod.result = undefined;
  const keys = ['1', '2', '3'].map((name) => cluster.apply(name));
  await until('two run', () => pod.active === 2);
  for (const key of keys) leader.look(key);
  for (const name of ['1', '2', '3']) {
    await happened(`start uid-${name}.1.1`);
    pod.end(`uid-${name}.1.1`);
  }
  for (const key of keys) await reads(key, 'Completed');
  await expectAllGivenBack();
  for (const key of keys) leader.look(key);
  cluster.delete(cluster.apply('4', { suspend: true }));
  await rest();
  expect(leader.dispatches.map(({ kind, wrote }) => `${kind} ${wrote}`).toSorted()).toEqual([
    ...Array<string>(3).fill('claim true'),
    ...Array<string>(3).fill('outcome true'),
  ]);
});

test('each transition of an execution is a line of the log at level debug, with the id of its run', async () => {
  cluster.apply('x');
  await happened('start uid-x.1.1');
  pod.end('uid-x.1.1', outcomeOf('hello'));
  await happened('acknowledge uid-x.1.1');
  await until('its last line', () => leader.lines.some((line) => line.startsWith('execution acknowledged')));
  const lines = leader.lines.map((line) => line.replace(/,?"(?:execution|resourceVersion)":"[^"]*",?/g, ''));
  expect(lines).toEqual([
    'execution decided uid-x.1.1 {"step":"queue"}',
    'execution dispatched uid-x.1.1 {"class":"claim"}',
    'execution written uid-x.1.1 {"reason":"Running"}',
    'execution sent uid-x.1.1 {"pod":"a"}',
    'execution decided uid-x.1.1 {"step":"follow"}',
    'execution settled uid-x.1.1 {"verdict":"finished"}',
    'execution dispatched uid-x.1.1 {"class":"outcome"}',
    'execution written uid-x.1.1 {"reason":"Completed"}',
    'execution decided uid-x.1.1 {"step":"noop"}',
    'execution acknowledged uid-x.1.1 {}',
  ]);
});

describe('a changed manifest', () => {
  test('starts a new run after the previous run has finished', async () => {
    pod.result = ({ source = '' }) => outcomeOf(source);
    const key = cluster.apply('x', { source: 'one' });
    await reads(key, 'Completed');
    cluster.apply('x', { source: 'two' });
    await until('the second run', () => cluster.get(key).status.result === 'two');
    expect(cluster.get(key).status).toMatchObject({ run: 2, attempts: 1, observedGeneration: 2 });
    await expectAllGivenBack();
  });

  test('cancels the previous run and drops its outcome', async () => {
    const key = cluster.apply('x', { source: 'one' });
    await happened('start uid-x.1.1');
    cluster.apply('x', { source: 'two' });
    await happened('start uid-x.2.1');
    pod.end('uid-x.2.1', outcomeOf('two'));
    await reads(key, 'Completed');
    await happened('acknowledge uid-x.1.1');
    expect(cluster.get(key).status).toMatchObject({ run: 2, result: 'two' });
    await expectAllGivenBack();
  });

  test('ends the spans of the previous run once, also where its status is written in a second try', async () => {
    const sent: TracedSpan[] = [];
    const tracing = {
      isSampled: () => true,
      record: (span: TracedSpan) => void sent.push(span),
      close: async () => {},
    };
    await leader.stop();
    leader = new Leader(cluster, new ExecutionSpans(tracing));
    const key = cluster.apply('x', { source: 'one' });
    await happened('start uid-x.1.1');
    let conflicts = 0;
    cluster.writeFault = ({ run }) => {
      if (run !== 2 || conflicts > 0) return undefined;
      conflicts += 1;
      const { metadata, ...object } = cluster.get(key);
      cluster.put({ ...object, metadata: { ...metadata, labels: { a: 'b' } } });
      return { error: new ApiError(409, { reason: 'Conflict' }), isDone: false };
    };
    cluster.apply('x', { source: 'two' });
    await happened('start uid-x.2.1');
    pod.end('uid-x.2.1', outcomeOf('two'));
    await reads(key, 'Completed');
    const first = sent.filter(({ identity }) => identity['copepod.execution.run'] === 1);
    expect(first.map(({ span }) => span.name).toSorted()).toEqual(['claim', 'dispatch', 'execute default', 'wait']);
    expect(conflicts).toBe(1);
    await expectAllGivenBack();
  });

  test('that does not affect the run is observed, and starts no run', async () => {
    pod.result = () => ({ ...outcomeOf(''), result: { a: null } });
    const key = cluster.apply('x');
    await reads(key, 'Completed');
    cluster.apply('x', { priority: 5 });
    await until('it is observed', () => cluster.get(key).status.observedGeneration === 2);
    expect(cluster.get(key).status.result).toEqual({ a: null });
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
  });
});

describe('cancellation', () => {
  test('terminates a running execution', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    cluster.apply('x', { cancel: true });
    await reads(key, 'Cancelled');
    await happened('acknowledge uid-x.1.1');
    await expectAllGivenBack();
  });

  test('of a waiting execution prevents its start', async () => {
    pod.isServing = false;
    const key = cluster.apply('x');
    await rest(20);
    cluster.apply('x', { cancel: true });
    await reads(key, 'Cancelled');
    expect(cluster.log).toEqual(['write Cancelled']);
    await expectAllGivenBack();
  });

  test('followed by a deletion terminates the run, and the execution is forgotten', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    cluster.delete(key);
    await happened('acknowledge uid-x.1.1');
    expect(cluster.log).toContain('cancel uid-x.1.1');
    await expectAllGivenBack();
  });
});

describe('a conflict', () => {
  test('on a claim causes a decision on the new object', async () => {
    let changed = false;
    cluster.writeFault = ({ claim }) => {
      if (claim === undefined || changed) return undefined;
      changed = true;
      cluster.apply('x', { source: 'two' });
      return { error: new ApiError(409, { reason: 'Conflict' }), isDone: false };
    };
    pod.result = ({ source = '' }) => outcomeOf(source);
    const key = cluster.apply('x', { source: 'one' });
    await reads(key, 'Completed');
    expect(cluster.get(key).status).toMatchObject({ run: 1, result: 'two' });
    expect([...pod.requests.values()].map(({ source }) => source)).toEqual(['two']);
    await expectAllGivenBack();
  });

  test('on an outcome drops it in favour of the new run', async () => {
    const key = cluster.apply('x', { source: 'one' });
    await happened('start uid-x.1.1');
    let changed = false;
    cluster.writeFault = ({ result }) => {
      if (result !== 'first' || changed) return undefined;
      changed = true;
      cluster.apply('x', { source: 'two' });
      return { error: new ApiError(409, { reason: 'Conflict' }), isDone: false };
    };
    pod.end('uid-x.1.1', outcomeOf('first'));
    await happened('start uid-x.2.1');
    await happened('acknowledge uid-x.1.1');
    pod.end('uid-x.2.1', outcomeOf('second'));
    await reads(key, 'Completed');
    expect(cluster.get(key).status).toMatchObject({ run: 2, result: 'second' });
    await expectAllGivenBack();
  });

  test('on an outcome because of a changed label is retried', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    const { metadata, ...object } = cluster.get(key);
    cluster.put({ ...object, metadata: { ...metadata, labels: { a: 'b' } } });
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await reads(key, 'Completed');
    await happened('acknowledge uid-x.1.1');
  });
});

describe('a write without a response', () => {
  const lost = (isDone: boolean): WriteFault => ({ error: new TransportError('reset', 'ECONNRESET'), isDone });

  test.each([
    ['was done', true],
    ['was not', false],
  ])('of a claim that %s starts the script once', async (_, isDone) => {
    let once = true;
    cluster.writeFault = ({ claim }) => {
      if (claim === undefined || !once) return undefined;
      once = false;
      return lost(isDone);
    };
    pod.result = () => outcomeOf('hello');
    const key = cluster.apply('x');
    await reads(key, 'Completed');
    await happened('acknowledge uid-x.1.1');
    expect(cluster.log.filter((line) => line.startsWith('start'))).toEqual(['start uid-x.1.1']);
    expect(cluster.get(key).status.attempts).toBe(1);
    await expectAllGivenBack();
  });

  test.each([
    ['was done', true],
    ['was not', false],
  ])('of an outcome that %s is stored eventually, and acknowledged', async (_, isDone) => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    let once = true;
    cluster.writeFault = ({ result }) => {
      if (result === undefined || !once) return undefined;
      once = false;
      return lost(isDone);
    };
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await happened('acknowledge uid-x.1.1');
    expect(cluster.get(key).status.result).toBe('hello');
    await expectAllGivenBack();
  });
});

describe('an outcome that is too large for its object', () => {
  test.each<[string, ApiError]>([
    ['of the API server', new ApiError(413, { message: 'limit is 3145728' })],
    ['of etcd', new ApiError(500, { message: 'etcdserver: request is too large' })],
    [
      'of etcd’s client',
      new ApiError(500, {
        message:
          'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2381239 vs. 2097152)',
      }),
    ],
  ])('by the limit %s is reduced until it is accepted', async (_, error) => {
    cluster.writeFault = ({ result }) => (result === undefined ? undefined : { error, isDone: false });
    pod.result = () => outcomeOf('large');
    const key = cluster.apply('x');
    await reads(key, 'ResultTooLarge');
    expect(cluster.get(key).status.error).toMatchObject({ type: 'ResourceError' });
    await happened('acknowledge uid-x.1.1');
    await expectAllGivenBack();
  });
});

describe('the next leader', () => {
  test('waits for a running execution, and records its outcome', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await another();
    await until('it is followed', () => leader.reconciler.following === 1);
    expect(leader.slots.taken.byRuntime.of('acme/default')).toBe(1);
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await reads(key, 'Completed');
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
    await expectAllGivenBack();
  });

  test('counts the busy VMs before it reserves any', async () => {
    const names = ['1', '2', '3', '4', '5', '6'];
    for (const name of names) cluster.apply(name);
    await until('two run', () => pod.active === 2);
    await another();
    await until('they are followed', () => leader.reconciler.following === 2);
    await rest();
    expect([pod.active, leader.slots.taken.byRuntime.of('acme/default')]).toEqual([2, 2]);
    pod.result = () => outcomeOf('done');
    pod.end('uid-1.1.1');
    pod.end('uid-2.1.1');
    for (const name of names) await reads(`acme/${name}`, 'Completed');
    await expectAllGivenBack();
  });

  test('holds no VM for an execution in deletion, however long a finalizer delays it', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    const { metadata, ...object } = cluster.get(key);
    cluster.put({ ...object, metadata: { ...metadata, deletionTimestamp: '2026-11-22T10:00:00Z' } });
    leader = new Leader(cluster);
    await expectAllGivenBack();
  });

  test('records an outcome that is not yet recorded', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    pod.end('uid-x.1.1', outcomeOf('hello'));
    leader = new Leader(cluster);
    await reads(key, 'Completed');
    expect(cluster.get(key).status.result).toBe('hello');
  });

  test('claims an execution again whose request never arrived, and spends no attempt', async () => {
    pod.isCut = true;
    const key = cluster.apply('x', { source: 'one' });
    await reads(key, 'Running');
    await leader.stop();
    pod.isCut = false;
    leader = new Leader(cluster);
    await happened('start uid-x.1.1');
    expect(pod.requests.get('uid-x.1.1')).toMatchObject({ source: 'one' });
    pod.end('uid-x.1.1');
    await reads(key, 'Completed');
    expect(cluster.get(key).status.attempts).toBe(1);
  });

  test('reports a run of another boot of the pod as lost', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    pod.restart();
    leader = new Leader(cluster);
    await reads(key, 'PodLost');
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
  });

  test.each<[string, Partial<ScriptExecution['spec']>, string]>([
    ['was cancelled', { source: 'one', cancel: true }, 'Cancelled'],
    ['has a changed script', { source: 'two' }, 'Completed'],
  ])('never starts an execution whose request never arrived and that %s meanwhile', async (_, spec, reason) => {
    pod.isCut = true;
    const key = cluster.apply('x', { source: 'one' });
    await reads(key, 'Running');
    await leader.stop();
    pod.isCut = false;
    pod.result = ({ source = '' }) => outcomeOf(source);
    cluster.apply('x', spec);
    leader = new Leader(cluster);
    await reads(key, reason);
    // With the previous run id it would start a wrong script, or one script twice.
    expect(cluster.log).not.toContain('start uid-x.1.1');
    expect([...pod.requests.keys()]).toEqual(reason === 'Cancelled' ? [] : ['uid-x.2.1']);
  });

  test('terminates a running execution that was cancelled while there was no leader', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    cluster.apply('x', { cancel: true });
    leader = new Leader(cluster);
    await reads(key, 'Cancelled');
    expect(cluster.log).toContain('cancel uid-x.1.1');
  });

  test('reads the object again if a pod reports that the outcome is recorded', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    pod.end('uid-x.1.1');
    await rest(10);
    pod.acknowledge('uid-x.1.1');
    leader = new Leader(cluster);
    await reads(key, 'PodLost');
    expect(cluster.get(key).status.error?.message).toContain('the result of the script is unknown');
  });
});

describe('an execution that was deleted and created again', () => {
  test('has no fields of the previous one', async () => {
    const key = cluster.apply('x', {}, 'uid-old');
    await happened('start uid-old.1.1');
    cluster.delete(key);
    cluster.apply('x', {}, 'uid-new');
    await happened('start uid-new.1.1');
    await happened('acknowledge uid-old.1.1');
    pod.end('uid-new.1.1', outcomeOf('new'));
    await reads(key, 'Completed');
    expect(cluster.get(key).status.result).toBe('new');
    await expectAllGivenBack();
  });

  test('keeps its VM when the previous one releases its own', async () => {
    const key = cluster.apply('x', {}, 'uid-old');
    await happened('start uid-old.1.1');
    pod.isCut = true;
    pod.isServing = false;
    cluster.delete(key);
    await until('it is abandoned', () => leader.reconciler.following === 0);
    const other = cluster.addPod('b', { capacity: 1 });
    cluster.apply('x', {}, 'uid-new');
    await happened('start uid-new.1.1');
    pod.isCut = false;
    await happened('acknowledge uid-old.1.1');
    expect([other.active, leader.slots.taken.byRuntime.of('acme/default')]).toEqual([1, 1]);
  });
});

describe('a list that is older than a write', () => {
  /** Puts the cache back to the state of a list that began before the write and arrived after it. */
  const relist = (key: string, before: ScriptExecution): void => {
    cluster.cache.set(projectExecution(before));
    leader.look(key);
  };

  test('of a claim does not cause a second claim', async () => {
    const key = cluster.apply('x');
    const before = cluster.get(key);
    await happened('start uid-x.1.1');
    relist(key, before);
    await rest(150);
    expect(leader.slots.taken.byRuntime.of('acme/default')).toBe(1);
    pod.end('uid-x.1.1', outcomeOf('hello'));
    await reads(key, 'Completed');
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
    await expectAllGivenBack();
  });

  test('of a second attempt does not terminate it', async () => {
    const key = cluster.apply('x', { backoffLimit: 1 });
    await happened('start uid-x.1.1');
    pod.end('uid-x.1.1', timedOut);
    await until('it waits', () => cluster.get(key).status.attemptHistory?.length === 1, { everyMs: 0 });
    const before = cluster.get(key);
    await happened('start uid-x.1.2');
    relist(key, before);
    await rest(400);
    expect(cluster.log).not.toContain('cancel uid-x.1.2');
    pod.end('uid-x.1.2', outcomeOf('hello'));
    await reads(key, 'Completed');
  });
});

describe('a waiting execution', () => {
  test('reports the reason after a while, once', async () => {
    pod.isServing = false;
    const key = cluster.apply('x');
    await reads(key, 'RuntimeNotReady');
    await rest(1200);
    expect(cluster.log).toEqual(['write RuntimeNotReady']);
  });

  test('that is suspended past its deadline is not reconciled continuously', async () => {
    const key = cluster.apply('x', { suspend: true, startingDeadlineSeconds: 1 });
    const { metadata, ...object } = cluster.get(key);
    cluster.put({ ...object, metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' } });
    await rest(500);
    expect(leader.reconciles).toBeLessThan(10);
    await reads(key, 'Suspended');
  });

  test('starts after spec.suspend is cleared, however long it was suspended', async () => {
    pod.result = () => outcomeOf('hello');
    const key = cluster.apply('x', { suspend: true, startingDeadlineSeconds: 1 });
    await reads(key, 'Suspended');
    await rest(1100);
    cluster.apply('x', { suspend: false, startingDeadlineSeconds: 1 });
    await reads(key, 'Completed');
  });

  test('finishes at its deadline', async () => {
    pod.isServing = false;
    const key = cluster.apply('x', { startingDeadlineSeconds: 1 });
    await reads(key, 'DeadlineExceeded');
    await until('its end is told', () => leader.ended.includes('x'));
    await expectAllGivenBack();
  });
});

describe('a script in a ConfigMap', () => {
  const sourceFrom = { configMapKeyRef: { name: 'scripts', key: 'a.js' } };
  const script = (text: string): void => cluster.setSource('scripts', { 'a.js': text });

  test('is read at the claim, and its digest is in the status', async () => {
    script('one');
    pod.result = ({ source = '' }) => outcomeOf(source);
    const key = cluster.apply('x', { sourceFrom });
    await reads(key, 'Completed');
    expect(cluster.get(key).status).toMatchObject({ result: 'one', sourceDigest: expect.stringMatching(/^sha256:/) });
  });

  test('that has changed is not retried, and the end is reported', async () => {
    script('one');
    pod.result = () => {
      script('two');
      return timedOut;
    };
    const key = cluster.apply('x', { sourceFrom, backoffLimit: 3 });
    await reads(key, 'SourceChanged');
    expect(cluster.get(key).status.attemptHistory).toHaveLength(1);
    expect(cluster.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
    await until('its end is told', () => leader.ended.includes('x'));
    await expectAllGivenBack();
  });

  test.each([0, 3])(
    'that is gone at the claim neither runs nor finishes the execution: after %i attempts',
    async (attempts) => {
      script('one');
      cluster.setSource('scripts');
      const key = cluster.apply('x', { sourceFrom, backoffLimit: 5 });
      if (attempts > 0)
        cluster.put({ ...cluster.get(key), status: statusOf('Pending', { attempts, sourceDigest: 'd' }) });
      await rest(300);
      expect(cluster.log.filter((line) => line.startsWith('start'))).toEqual([]);
      expect(isFinished(cluster.get(key).status)).toBe(false);
      if (attempts > 0) return;
      pod.result = ({ source = '' }) => outcomeOf(source);
      script('again');
      await reads(key, 'Completed');
      expect(cluster.get(key).status.result).toBe('again');
    },
  );

  test('that has changed is not sent by the next leader, which looks up the run in the pod', async () => {
    script('one');
    const key = cluster.apply('x', { sourceFrom });
    await happened('start uid-x.1.1');
    await leader.stop();
    script('two');
    pod.end('uid-x.1.1', outcomeOf('of one'));
    leader = new Leader(cluster);
    await reads(key, 'Completed');
    expect(cluster.get(key).status.result).toBe('of one');
  });
});

describe('the end of a term', () => {
  test('does not wait for running executions', async () => {
    cluster.apply('x');
    await happened('start uid-x.1.1');
    await leader.stop();
    expect(pod.active).toBe(1);
  });

  test('does not wait for an abandoned attempt whose pod does not respond', async () => {
    const key = cluster.apply('x');
    await happened('start uid-x.1.1');
    cluster.delete(key);
    pod.isCut = true;
    await until('it is abandoned', () => leader.reconciler.following === 0);
    await leader.stop(); // otherwise it hangs for a minute
  });
});

test('a claim with an unknown pod is lost, and not started on another pod', async () => {
  await leader.stop();
  const key = cluster.apply('x');
  cluster.put({ ...cluster.get(key), status: statusOf('Running', { attempts: 1, claim: CLAIM }) });
  leader = new Leader(cluster);
  await reads(key, 'PodLost');
  expect(cluster.log.filter((line) => line.startsWith('start'))).toEqual([]);
});

function unavailable(): WriteFault {
  return { error: new ApiError(429, { message: 'try later' }), isDone: false };
}
