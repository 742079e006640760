import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf } from './support/executions.ts';
import { type Answer, ForeignPod, statsOf } from './support/foreign-pod.ts';

let cluster: Cluster;
const foreign: ForeignPod[] = [];

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterAll(async () => {
  for (const pod of foreign) await pod.close();
  await cluster?.close();
});

async function runtimeOf(
  name: string,
  answer: (method: string, path: string) => Answer,
  limits: Record<string, unknown> = {},
): Promise<ForeignPod> {
  await cluster.makeRuntime(name, { pool: { size: 1 }, limits });
  const pod = await ForeignPod.start(await cluster.makePodObject(name), answer);
  foreign.push(pod);
  return pod;
}

/** What takes fifty times its size once it is parsed. */
const nothings = (bytes: number): string => `[${'[],'.repeat(bytes / 3)}[]]`;
const now = new Date().toISOString();
const fine = { reason: 'Completed', logs: [], usage: {}, startTime: now, completionTime: now };
const takesRuns = (finished: string) => (method: string, path: string) => {
  if (method === 'POST') return { status: 200, body: finished };
  return method === 'GET' && path === '/v1/stats' ? statsOf(1) : { status: 204, body: '' };
};

test('statistics of megabytes are not read, and their pod is asked ever more seldom', async () => {
  const pod = await runtimeOf('stats', () => ({ status: 200, body: nothings(4 << 20) }));
  await eventually(() => expect(pod.asked.length).toBeGreaterThan(4));
  const before = pod.asked.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(pod.asked.length - before).toBeLessThan(4);
});

test('an outcome larger than its runtime allows is not read, is not asked for again, and its pod gets nothing new', async () => {
  const finished = `{"state":"finished","outcome":{"reason":"Completed","result":${nothings(4 << 20)}}}`;
  const pod = await runtimeOf('outcomes', takesRuns(finished));
  await cluster.executions.create('outcomes', { runtimeRef: { name: 'outcomes' }, source: '1' });
  await cluster.executions.reaches('outcomes', 'ResultTooLarge');
  expect(pod.sent).toBe(1);
});

test('a result is judged by the limit of its runtime, on its text', async () => {
  const finished = JSON.stringify({ state: 'finished', outcome: { ...fine, result: 'x'.repeat(2000) } });
  await runtimeOf('results', takesRuns(finished), { result: '1Ki' });
  await cluster.executions.create('results', { runtimeRef: { name: 'results' }, source: '1' });
  const ended = await cluster.executions.reaches('results', 'ResultTooLarge');
  expect(conditionOf(ended, 'Succeeded')?.message).toContain('1024 bytes');
});
