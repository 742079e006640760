import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { conditionOf } from './support/executions.ts';
import { type Answer, ForeignPod, refusing, statsOf } from './support/foreign-pod.ts';
import { counted } from './support/journal.ts';

let cluster: Cluster;
const foreign: ForeignPod[] = [];

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterEach(async () => {
  for (const pod of foreign.splice(0)) {
    await pod.object.remove();
    await pod.close();
  }
});
afterAll(() => cluster?.close());

/** A runtime of this name, with a foreign pod. */
async function runtimeOf(name: string, answer: (method: string, path: string) => Answer): Promise<ForeignPod> {
  await cluster.makeRuntime(name, { pool: { size: 1 } });
  const pod = await ForeignPod.start(await cluster.makePodObject(name), answer);
  foreign.push(pod);
  return pod;
}

/** Refuses every run with this code, and reports ready. */
const refusesRuns = (code: 'Busy' | 'Unauthenticated' | 'BadRequest' | 'NotReady') => (method: string, path: string) =>
  method === 'GET' && path === '/v1/stats' ? statsOf(4) : refusing(code);

describe('a pod that does not implement the protocol', () => {
  test.each<[string, Answer]>([
    ['answers with a web page', { status: 200, body: '<html>hello</html>' }],
    ['answers with JSON of another kind', { status: 200, body: { hello: 'world' } }],
    ['answers 404 to every request', { status: 404, body: 'not found' }],
    ['has another key', refusing('Unauthenticated')],
  ])('and %s gets no executions, is polled slowly, and does not delay other pods', async (what, answer) => {
    const name = `garbage-${what.replaceAll(/[^a-z]+/g, '-')}`;
    const pod = await runtimeOf(name, () => answer);
    await cluster.executions.create(name, { runtimeRef: { name }, source: counted(name) });
    const waiting = await cluster.executions.reaches(name, 'RuntimeNotReady');
    expect(conditionOf(waiting, 'Succeeded')?.message).toContain('no ready pod');
    expect(pod.asked.length).toBeGreaterThan(0);
    expect(pod.sent).toBe(0);
    expect(pod.askedWithin(1000)).toBeLessThan(25);

    await cluster.startPod(name);
    expectOnce([await cluster.executions.reaches(name, 'Completed')], cluster.journal);
    expect(pod.sent).toBe(0);
  });
});

describe('a pod that reports ready and refuses every run', () => {
  test.each(['Busy', 'NotReady', 'BadRequest', 'Unauthenticated'] as const)(
    'as %s is retried with back-off, without using attempts',
    async (code) => {
      const name = `refused-${code.toLowerCase()}`;
      const pod = await runtimeOf(name, refusesRuns(code));
      const names = [1, 2, 3].map((index) => `${name}-${index}`);
      for (const each of names) await cluster.executions.create(each, { runtimeRef: { name }, source: counted(each) });
      await eventually(() => expect(pod.sent).toBeGreaterThan(9));
      await sleep(3000);
      expect(pod.askedWithin(1000)).toBeLessThan(30);
      const { status } = await cluster.executions.get(names[0] as string);
      expect({ attempts: status.attempts, run: status.run }).toEqual({ attempts: status.claim ? 1 : 0, run: 1 });
    },
  );

  test('does not prevent another pod from running them', async () => {
    await runtimeOf('mixed', refusesRuns('Busy'));
    await cluster.startPod('mixed');
    const names = Array.from({ length: 10 }, (_, index) => `mixed-${index}`);
    for (const name of names)
      await cluster.executions.create(name, { runtimeRef: { name: 'mixed' }, source: counted(name) });

    const ended = await cluster.executions.ended(names);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => status.attempts)).toEqual(names.map(() => 1));
  });
});

describe('a pod that returns invalid outcomes', () => {
  const lies = (outcome: unknown) => (method: string, path: string) => {
    if (method === 'POST') return { status: 200, body: { state: 'finished', outcome } };
    return method === 'GET' && path === '/v1/stats' ? statsOf(1) : { status: 204, body: '' };
  };
  const now = new Date().toISOString();
  const fine = { reason: 'Completed', logs: [], usage: {}, startTime: now, completionTime: now };

  test.each<[string, unknown, string]>([
    ['an unknown reason', { reason: 'Splendid' }, 'SandboxLost'],
    ['no outcome', undefined, 'SandboxLost'],
    ['a result larger than an object', { ...fine, result: 'x'.repeat(3 << 20) }, 'ResultTooLarge'],
    ['NULs and lone surrogates', { ...fine, result: '\u0000\ud800', logs: [{ message: '\u0000' }] }, 'Completed'],
  ])('such as %s: the execution finishes, and the operator continues', async (what, outcome, reason) => {
    const name = `lies-${what.replaceAll(/[^a-z]+/g, '-')}`;
    const pod = await runtimeOf(name, lies(outcome));
    await cluster.executions.create(name, { runtimeRef: { name }, source: '1' });

    await cluster.executions.reaches(name, reason);
    expect(pod.sent).toBe(1);
    await eventually(() => expect(pod.asked).toContainEqual(expect.objectContaining({ method: 'DELETE' })));
  });
});
