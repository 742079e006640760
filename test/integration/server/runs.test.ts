import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_REQUEST_BYTES } from '../../../src/api/pod-protocol.ts';
import { until } from '../../support/until.ts';
import { outcomeOf, PodProcess, refusalOf, runRequest, stateOf } from './pod-process.ts';

const FOREVER = 'for (;;);';
/** Long enough to observe, short enough to wait for. */
const SLOW = 'const end = Date.now() + 500; while (Date.now() < end); "slow"';

let pod: PodProcess;
beforeAll(async () => {
  pod = await PodProcess.serving({ config: { limits: { cpuTime: '20s' }, tenants: [] } });
});
afterAll(async () => await pod[Symbol.asyncDispose]());

describe('a run', () => {
  test('is started by its request and answered with its outcome', async () => {
    const answer = await pod.run('a.1.1', {
      source: 'console.log("hi"); ({ n: params.n + 1, nothing: null })',
      params: { n: 41 },
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(outcomeOf(answer)).toMatchObject({
      reason: 'Completed',
      result: { n: 42, nothing: null },
      logs: [{ level: 'info', message: 'hi' }],
      usage: { apiCalls: 0 },
    });
  });

  test('starts before its log lines and completes after them, including the first TypeScript run', async () => {
    const source = 'console.log("a"); const b: string = "b"; console.log(b)';
    const { startTime, logs, completionTime } = outcomeOf(
      await pod.run('times.1.1', { language: 'TypeScript', source }),
    );
    const times = [startTime, ...logs.map(({ time }) => time), completionTime].map((time) => Date.parse(time));
    expect(times).toHaveLength(4);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test.each([
    ['JavaScript', 'export default (p, context) => context.user.email'],
    ['TypeScript', 'const f = (c: { user: { email: string } }): string => c.user.email; f(context)'],
  ] as const)('is of %s', async (language, source) => {
    expect(outcomeOf(await pod.run(`${language}.1.1`, { language, source })).result).toBe('u@example.com');
  });

  test('that fails has an error with its position', async () => {
    const { reason, error } = outcomeOf(await pod.run('b.1.1', { source: '\n  nothing()' }));
    expect(reason).toBe('RuntimeError');
    expect(error).toEqual({
      type: 'RuntimeError',
      message: expect.stringContaining('nothing'),
      file: 'script.js',
      line: 2,
      column: 3,
      retryable: false,
    });
  });

  test('with limits above those that this pod was started with is refused, and can start on another pod', async () => {
    const { status, text } = await pod.run('c.1.1', { limits: { memoryBytes: 1e12 } });
    expect([status, JSON.parse(text)]).toEqual([422, expect.objectContaining({ code: 'Unsuitable' })]);
    expect((await pod.get('c.1.1')).status).toBe(404);
  });

  test('requested again while it runs is awaited, and afterwards answered at once: it starts once', async () => {
    const source = `console.log('start'); ${SLOW}`;
    const answers = await Promise.all([1, 2, 3].map(() => pod.run('d.1.1', { source })));
    answers.push(await pod.run('d.1.1', { source: 'something else' }), await pod.get('d.1.1'));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(pod.log.filter((line) => line.run === 'd.1.1' && line.message === 'start')).toHaveLength(1);
  });

  test('can be read while it runs and when it is finished', async () => {
    const running = pod.run('e.1.1', { source: SLOW });
    await until('the run to be known', async () => (await pod.get('e.1.1')).status === 200);
    expect(stateOf(await pod.get('e.1.1'))).toEqual({ state: 'running' });
    expect(refusalOf(await pod.acknowledge('e.1.1'))).toEqual([409, 'StillRunning']);
    expect(outcomeOf(await running)).toEqual(outcomeOf(await pod.get('e.1.1')));
  });

  test('continues when its client disconnects', async () => {
    const gone = new AbortController();
    const running = pod.run('f.1.1', { source: SLOW }, { signal: gone.signal });
    await until('the run to be known', async () => (await pod.get('f.1.1')).status === 200);
    gone.abort();
    await expect(running).rejects.toThrow();
    await until('the run to finish', async () => stateOf(await pod.get('f.1.1')).state === 'finished');
    expect(outcomeOf(await pod.get('f.1.1')).result).toBe('slow');
  });

  test.each([
    ['runs', FOREVER],
    ['runs after an await', 'await null; for (;;);'],
  ])('that %s is cancelled within a second', async (what, source) => {
    const id = `${what.replaceAll(' ', '-')}.1.1`;
    const running = pod.run(id, { source });
    await until('the run to start', async () => (await pod.stats()).executions.running === 1);
    const asked = performance.now();
    expect((await pod.cancel(id)).status).toBe(202);
    const { reason, error } = outcomeOf(await running);
    expect([reason, error]).toEqual(['Cancelled', undefined]);
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  test('that waits for a VM can be cancelled, and never starts', async () => {
    const blockers = ['g1.1.1', 'g2.1.1'];
    const running = blockers.map((id) => pod.run(id, { source: FOREVER }));
    await until('the run to start', async () => (await pod.stats()).executions.running === 2);
    const waiting = pod.run('g3.1.1', { source: 'console.log("started")' });
    await until('the run to wait', async () => (await pod.stats()).executions.pending === 1);
    await pod.cancel('g3.1.1');
    expect(outcomeOf(await waiting)).toMatchObject({ reason: 'Cancelled', logs: [], usage: { wallMilliseconds: 0 } });
    for (const id of blockers) await pod.cancel(id);
    for (const each of await Promise.all(running)) expect(outcomeOf(each).reason).toBe('Cancelled');
  });

  test('that is finished is not changed by a late cancel', async () => {
    const answer = await pod.run('h.1.1');
    expect((await pod.cancel('h.1.1')).status).toBe(202);
    expect((await pod.get('h.1.1')).text).toBe(answer.text);
  });

  test('is forgotten once acknowledged: requested again it is 410, permanently', async () => {
    await pod.run('i.1.1');
    expect((await pod.acknowledge('i.1.1')).status).toBe(204);
    expect((await pod.acknowledge('i.1.1')).status).toBe(204);
    for (const answer of [await pod.run('i.1.1'), await pod.get('i.1.1'), await pod.cancel('i.1.1')]) {
      expect(refusalOf(answer)).toEqual([410, 'Acknowledged']);
    }
    expect(outcomeOf(await pod.run('i.1.2')).reason).toBe('Completed');
    expect(pod.log.filter(({ run, message }) => run === 'i.1.1' && message === 'run finished')).toHaveLength(1);
  });

  test('with an unknown id is 404', async () => {
    for (const answer of [await pod.get('z.1.1'), await pod.cancel('z.1.1'), await pod.acknowledge('z.1.1')]) {
      expect(refusalOf(answer)).toEqual([404, 'UnknownRun']);
    }
  });

  test('that crashes its sandbox does not affect others', async () => {
    const hog = pod.run('j.1.1', {
      source: 'const a = []; for (;;) a.push(new Array(1000).fill(1))',
      tenantKey: 'ns/hog',
    });
    const others = await Promise.all([1, 2, 3].map((n) => pod.run(`k${n}.1.1`, { source: String(n) })));
    expect(others.map((each) => outcomeOf(each).result)).toEqual([1, 2, 3]);
    expect(outcomeOf(await hog).reason).toBe('MemoryExceeded');
  });
});

describe('a request that cannot be served is answered in JSON with the boot id', () => {
  const json = JSON.stringify(runRequest());
  test.each<[string, string, string, string | undefined, [number, string]]>([
    ['a run without an attempt', 'POST', '/v1/runs/u.1', json, [400, 'BadRequest']],
    ['a run id with a path', 'GET', '/v1/runs/..%2f..%2fetc.1.1', undefined, [400, 'BadRequest']],
    ['a path that does not decode', 'GET', '/v1/runs/%ff.1.1', undefined, [400, 'BadRequest']],
    ['no body', 'POST', '/v1/runs/l.1.1', undefined, [400, 'BadRequest']],
    ['a body that is not JSON', 'POST', '/v1/runs/l.1.1', '{', [400, 'BadRequest']],
    ['a body that is not a run', 'POST', '/v1/runs/l.1.1', '{"source":1}', [400, 'BadRequest']],
    ['an unknown path', 'GET', '/v1/nothing', undefined, [400, 'BadRequest']],
    ['an unknown method', 'PUT', '/v1/runs/l.1.1', json, [400, 'BadRequest']],
    ['a body above the limit', 'POST', '/v1/runs/l.1.1', 'x'.repeat(MAX_REQUEST_BYTES + 1), [413, 'TooLarge']],
  ])('%s', async (_, method, path, body, expected) => {
    const answer = await pod.send(method, path, body);
    expect(refusalOf(answer)).toEqual(expected);
    expect(JSON.parse(answer.text)).toMatchObject({ bootID: pod.bootID });
    expect(refusalOf(await pod.get('l.1.1'))).toEqual([404, 'UnknownRun']);
  });

  test('the largest script of the API fits', async () => {
    const source = `'${'\\u0001'.repeat(10)}'; /*${'\u0001'.repeat((256 << 10) - 100)}*/ 7`;
    const { reason, result } = outcomeOf(await pod.run('m.1.1', { source, params: 'x'.repeat(200_000) }));
    expect([reason, result]).toEqual(['Completed', 7]);
  });
});

test('unread outcomes are kept up to a limit, above which new runs are refused', async () => {
  await using full = await PodProcess.serving({ config: { pool: { size: 1 }, limits: { result: '256Ki' } } });
  const source = '"x".repeat(250 * 1024)';
  let refused: [number, string] | undefined;
  let taken = 0;
  for (; refused === undefined && taken < 400; taken++) {
    const answer = await full.run(`n${taken}.1.1`, { source });
    if (answer.status !== 200) refused = refusalOf(answer);
  }
  expect(refused).toEqual([429, 'Busy']);
  expect(outcomeOf(await full.get('n0.1.1')).reason).toBe('Completed');
  expect((await full.stats()).unacknowledged).toBe(taken - 1);
  await full.acknowledge('n0.1.1');
  expect((await full.run('o.1.1')).status).toBe(200);
});

test('runs above the queue limit are refused and not started', async () => {
  await using small = await PodProcess.serving({ config: { pool: { size: 1 }, limits: { cpuTime: '20s' } } });
  const ids = Array.from({ length: 70 }, (_, i) => `p${i}.1.1`);
  const answers = ids.map(async (id) => ({ id, answer: await small.run(id, { source: FOREVER }) }));
  await until('the run to wait', async () => (await small.stats()).executions.pending === 63);
  const refused = await Promise.all(Array.from({ length: 6 }, () => Promise.race(answers)));
  expect(refusalOf(refused[0]?.answer as never)).toEqual([429, 'Busy']);
  for (const id of ids) await small.cancel(id);
  const byStatus = Map.groupBy(await Promise.all(answers), ({ answer }) => answer.status);
  expect([byStatus.get(200)?.length, byStatus.get(429)?.length]).toEqual([64, 6]);
  for (const { id } of byStatus.get(429) ?? []) expect(refusalOf(await small.get(id))).toEqual([404, 'UnknownRun']);
});
