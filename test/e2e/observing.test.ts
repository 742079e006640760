import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { tryKubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('observing');
let ended: Record<'good' | 'killed' | 'talkative', ScriptExecution>;

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 2 }, limits: { cpuTime: '5s' } });
  ended = await namespace.run({
    good: {
      source:
        'console.debug("a", 1); console.info({ b: [2] }); console.warn("c"); console.error("d"); for (let i = 0; i < 1e6; i++); [1]',
      context: { tenant: { id: 'tea-house' }, requestID: 'r-42' },
    },
    killed: { source: 'console.log("before"); for (;;);', limits: { timeout: '1s' } },
    talkative: { source: 'for (let i = 0; i < 5000; i++) console.log("line", i)', limits: { logs: '1Ki' } },
  });
});

/** The cells of a kubectl table, by column. */
async function table(...args: string[]): Promise<Record<string, string>[]> {
  const [head = '', ...rows] = (await namespace.kubectl('get', ...args)).trimEnd().split('\n');
  const columns = [...head.matchAll(/\S+ */g)].map(({ 0: text, index }) => ({ name: text.trim(), from: index }));
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, from }, at) => [name, row.slice(from, columns[at + 1]?.from).trim()])),
  );
}

describe('the logs of a script', () => {
  test('are in its status, line by line, with level and time', () => {
    const { logs = [], startTime = '', completionTime = '' } = ended.good.status;
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'a 1'],
      ['info', '{ b: [ 2 ] }'],
      ['warn', 'c'],
      ['error', 'd'],
    ]);
    for (const { time } of logs) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Date.parse(time)).toBeGreaterThanOrEqual(Date.parse(startTime));
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.parse(completionTime));
    }
  });

  test('are kept for a killed script', () => {
    expect(ended.killed.status.logs).toMatchObject([{ level: 'info', message: 'before' }]);
  });

  test('are the last lines if there are too many', () => {
    const { logs = [] } = ended.talkative.status;
    expect(logs.at(-1)?.message).toBe('line 4999');
    expect(logs.length).toBeGreaterThan(10);
    expect(logs.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThanOrEqual(1024);
  });

  test('are in the log of the pod, as JSON with execution and tenant', async () => {
    const lines = await namespace.until('the lines in the log of the pod', async () => {
      const text = await namespace.kubectl('logs', ended.good.status.claim?.podName ?? '');
      const all = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const own = all.filter(({ execution }) => execution === ended.good.metadata.uid);
      return own.length >= 5 ? own : undefined;
    });
    const whose = { execution: ended.good.metadata.uid, tenant: 'tea-house', requestID: 'r-42' };
    expect(lines).toMatchObject([
      { source: 'script', level: 'debug', message: 'a 1', ...whose },
      { source: 'script', level: 'info', message: '{ b: [ 2 ] }', ...whose },
      { source: 'script', level: 'warn', message: 'c', ...whose },
      { source: 'script', level: 'error', message: 'd', ...whose },
      { source: 'pod', message: 'run finished', reason: 'Completed', ...whose },
    ]);
  });
});

describe('the usage of a script', () => {
  test.each(['good', 'killed'] as const)('is in its status: %s', (name) => {
    const { usage } = ended[name].status;
    expect(usage?.cpuMilliseconds).toBeGreaterThan(0);
    expect(usage?.wallMilliseconds).toBeGreaterThan(0);
    expect(usage?.peakHeapBytes).toBeGreaterThan(0);
    expect(usage?.apiCalls).toBe(0);
  });

  test('is about the time-out for a script that exceeded it', () => {
    expect(ended.killed.status.usage?.wallMilliseconds).toBeGreaterThanOrEqual(1000);
  });
});

describe('kubectl', () => {
  test('get scriptexecutions', async () => {
    const rows = await table('scriptexecutions', '--sort-by=.metadata.name');
    expect(rows).toMatchObject([
      { NAME: 'good', RUNTIME: 'default', SUCCEEDED: 'True', REASON: 'Completed' },
      { NAME: 'killed', RUNTIME: 'default', SUCCEEDED: 'False', REASON: 'TimeoutExceeded' },
      { NAME: 'talkative', SUCCEEDED: 'True' },
    ]);
    for (const { COMPLETED, AGE } of rows)
      expect([COMPLETED, AGE]).toEqual([expect.stringMatching(/^\d+/), expect.stringMatching(/^\d+/)]);
  });

  test('get sx --output wide', async () => {
    const [row] = await table('sx', 'killed', '--output=wide');
    expect(row).toMatchObject({
      RUN: '1',
      ATTEMPTS: '1',
      'WALL-MS': String(ended.killed.status.usage?.wallMilliseconds),
      POD: ended.killed.status.claim?.podName,
      ERROR: ended.killed.status.error?.message,
    });
  });

  test('get srt', async () => {
    expect(await table('srt')).toMatchObject([{ NAME: 'default', READY: 'True', REPLICAS: '1', AVAILABLE: '1' }]);
  });

  test('get copepod, for both kinds', async () => {
    const names = (await namespace.kubectl('get', 'copepod', '--output=name')).trim().split('\n').sort();
    expect(names).toEqual([
      'scriptexecution.copepod.dev/good',
      'scriptexecution.copepod.dev/killed',
      'scriptexecution.copepod.dev/talkative',
      'scriptruntime.copepod.dev/default',
    ]);
  });

  test('wait --for=condition=Succeeded', async () => {
    await namespace.start({ awaited: { source: '1' } });
    const said = await namespace.kubectl('wait', 'sx/awaited', '--for=condition=Succeeded', '--timeout=60s');
    expect(said).toContain('condition met');
    await namespace.kubectl('wait', 'sx/killed', '--for=condition=Succeeded=false', '--timeout=10s');
    await namespace.kubectl('wait', 'srt/default', '--for=condition=Ready', '--timeout=10s');
    const vain = ['--namespace', namespace.name, 'wait', 'sx/killed', '--for=condition=Succeeded', '--timeout=1s'];
    expect((await tryKubectl(vain)).code).not.toBe(0);
  });
});

describe('Events', () => {
  const of = (name: string) =>
    namespace.kubectl(
      'get',
      'events',
      `--field-selector=involvedObject.name=${name}`,
      '--output=jsonpath={range .items[*]}{.type} {.reason} {.message}{"\\n"}{end}',
    );

  test('report a failure with its error', async () => {
    const text = await namespace.until('the Event', async () => (await of('killed')) || undefined);
    expect(text).toMatch(/^Warning TimeoutExceeded .*(1 ?s|1000 ?ms)/);
  });

  test('are not created for a success', async () => {
    expect(await of('good')).toBe('');
  });
});
