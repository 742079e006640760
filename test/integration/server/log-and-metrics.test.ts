import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT, Workspace } from '../support/cli.ts';
import { outcomeOf, PodProcess, runRequest } from './pod-process.ts';

const HOST_FUNCTIONS = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { HostError } from '${pathToFileURL(ROOT)}/dist/index.js';
  export async function refuses() {
    throw new HostError('not on Sundays');
  }
  export async function whoCalls(call, suffix) {
    return call.tenantKey + ' ' + call.context.user.email + suffix;
  }
  export const prices = {
    async lookup(call, sku) {
      throw Object.assign(new Error('the database is down'), { password: 'hunter2' });
    },
    async slow() {
      await sleep(5);
      return 1;
    },
  };
  export function letsGo() {
    void Promise.reject(new Error('nobody waits for this'));
    return null;
  }
`;

const files = new Workspace({ 'host.mjs': HOST_FUNCTIONS });
let pod: PodProcess;
beforeAll(async () => {
  pod = await PodProcess.serving({
    config: { pool: { size: 2 }, limits: { timeout: '300ms', apiCalls: 3 } },
    args: ['--host-functions', `${files.path}/host.mjs`],
  });
});
afterAll(async () => {
  await pod[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

const IDENTITY = { tenant: 'acme', tenantKey: 'ns/acme', requestID: 'r-1' };

describe('host functions of a file', () => {
  test("can be called, and get the caller's identity from the host", async () => {
    const { result, usage } = outcomeOf(await pod.run('hf1.1.1', { source: 'await whoCalls("!")' }));
    expect([result, usage.apiCalls]).toEqual(['ns/acme u@example.com!', 1]);
  });

  test('that fail log the error, and reveal nothing to the script', async () => {
    const { error } = outcomeOf(await pod.run('hf2.1.1', { source: 'await prices.lookup("a")' }));
    expect(error?.message).not.toContain('database');
    const line = await pod.logged(({ run, level }) => run === 'hf2.1.1' && level === 'error');
    expect(line).toMatchObject({ ...IDENTITY, message: "host function 'prices.lookup' failed" });
    expect(line.error).toMatchObject({ message: 'the database is down', stack: expect.stringContaining('host.mjs') });
    expect(JSON.stringify(pod.log)).not.toContain('hunter2');
  });

  test('that throw a HostError show its message to the script, and log nothing', async () => {
    const { error } = outcomeOf(await pod.run('refuses.1.1', { source: 'refuses()' }));
    expect(error?.message).toContain('not on Sundays');
    expect(pod.log.filter(({ run, level }) => run === 'refuses.1.1' && level === 'error')).toEqual([]);
  });

  test('with an unhandled rejection do not crash the pod', async () => {
    expect(outcomeOf(await pod.run('hf3.1.1', { source: 'await letsGo()' })).result).toBe(null);
    await pod.logged(({ message }) => message === 'unhandled rejection');
    expect((await pod.open('/healthz')).status).toBe(200);
  });

  test('above the limit end the run', async () => {
    const source = 'for (;;) await prices.slow()';
    expect(outcomeOf(await pod.run('hf4.1.1', { source })).reason).toBe('APICallsExceeded');
  });
});

describe('the log', () => {
  test('has each line of a script, with execution and tenant, including lines of killed runs', async () => {
    const source = `console.log('one'); console.warn('two\\n"three"'); console.error('100% %s'); for (;;);`;
    expect(outcomeOf(await pod.run('log1.1.1', { source })).reason).toBe('TimeoutExceeded');
    await pod.logged(({ run, message }) => run === 'log1.1.1' && message === 'run finished');
    const lines = pod.log.filter(({ run }) => run === 'log1.1.1');
    expect(lines.map(({ source: from, level, message }) => [from, level, message])).toEqual([
      ['script', 'info', 'one'],
      ['script', 'warn', 'two\n"three"'],
      ['script', 'error', '100% %s'],
      ['pod', 'info', 'run finished'],
    ]);
    for (const line of lines) expect(line).toMatchObject({ ...IDENTITY, execution: 'log1', run: 'log1.1.1' });
    expect(lines[0]?.time).toMatch(/^20..-..-..T..:..:..\....Z$/);
    expect(lines[3]).toMatchObject({ reason: 'TimeoutExceeded', errorType: 'TimeoutError', apiCalls: 0 });
  });

  test('has all lines of a script, including those its outcome does not keep', async () => {
    const source = 'for (let i = 0; i < 200; i++) console.log(i)';
    const { logs } = outcomeOf(await pod.run('log2.1.1', { source, limits: { logsBytes: 100 } }));
    expect(logs.length).toBeLessThan(50);
    await pod.logged(({ run, message }) => run === 'log2.1.1' && message === 'run finished');
    const lines = pod.log.filter(({ run, source: from }) => run === 'log2.1.1' && from === 'script');
    expect(lines.map(({ message }) => Number(message))).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('has no source, params, result or token, and is JSON only', async () => {
    const source = '"SECRET-result " + params.length // SECRET-source';
    const authorization = await pod.sign({ method: 'POST', path: '/v1/runs/log3.1.1', body: body(source) });
    await pod.send('POST', '/v1/runs/log3.1.1', body(source), { authorization });
    await pod.send('POST', '/v1/runs/log3.1.1', body(source), { authorization });
    await pod.logged(({ run, message }) => run === 'log3.1.1' && message === 'run finished');
    const log = JSON.stringify(pod.log);
    expect(log).not.toContain('SECRET');
    expect(log).not.toContain(authorization.slice(-20));
    expect([pod.noise, pod.stderr]).toEqual([[], '']);
  });

  const body = (source: string): string => JSON.stringify(runRequest({ source, params: 'SECRET-params' }));
});

describe('the metrics', () => {
  test('are valid Prometheus text, and count the runs', async () => {
    await using other = await PodProcess.serving({ config: { pool: { size: 2 } } });
    for (let i = 0; i < 5; i++) await other.run(`m${i}.1.1`, { source: '1' });
    await other.run('n1.1.1', { source: 'throw 1' });
    await other.run('n2.1.1', { source: 'for (;;);', limits: { timeoutMs: 200 } });
    await other.run('n3.1.1', { source: 'a b' });
    await other.acknowledge('m0.1.1');
    await other.acknowledge('m1.1.1');
    await other.run('m0.1.1');
    await other.get('none.1.1');
    await other.open('/v1/stats');

    const { headers, text } = await other.open('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const values = parseMetrics(text);
    const { executions, pool, unacknowledged } = await other.stats();
    expect(executions).toEqual({ total: 8, succeeded: 5, errors: 2, timeouts: 1, running: 0, pending: 0 });
    expect(unacknowledged).toBe(6);
    expect(Object.fromEntries(values)).toMatchObject({
      'copepod_executions_total{reason="Completed"}': 5,
      'copepod_executions_total{reason="RuntimeError"}': 1,
      'copepod_executions_total{reason="TimeoutExceeded"}': 1,
      'copepod_executions_total{reason="CompilationError"}': 1,
      'copepod_executions_total{reason="Cancelled"}': 0,
      copepod_execution_duration_seconds_count: 8,
      copepod_execution_wait_seconds_count: 8,
      copepod_runs_active: 0,
      copepod_runs_unacknowledged: 6,
      copepod_runs_remembered: 2,
      copepod_program_misses_total: 4,
      copepod_program_hits_total: 4,
      copepod_vms_max: pool.size,
      copepod_ready: 1,
      'copepod_refusals_total{code="Acknowledged"}': 1,
      'copepod_refusals_total{code="UnknownRun"}': 1,
      'copepod_refusals_total{code="Unauthenticated"}': 1,
    });
    expect(values.get('copepod_execution_duration_seconds_sum')).toBeGreaterThan(0.2);
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });
});

/** Parses the text format, and throws if it is invalid. */
function parseMetrics(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true);
  const typed = new Set<string>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const type = /^# TYPE ([a-z_:][a-z0-9_:]*) (?:counter|gauge|histogram|summary)$/.exec(line);
    if (type !== null) {
      if (typed.has(type[1] as string)) throw new Error(`typed twice: ${line}`);
      typed.add(type[1] as string);
      continue;
    }
    if (line === '' || /^# HELP [a-z_:][a-z0-9_:]* ./.test(line)) continue;
    const sample = /^(([a-z_:][a-z0-9_:]*)(?:\{[a-z_]+="[^"\n]*"(?:,[a-z_]+="[^"\n]*")*\})?) (\S+)$/.exec(line);
    const [, name = '', metric = '', value] = sample ?? [];
    const family = typed.has(metric) ? metric : metric.replace(/_(?:bucket|sum|count)$/, '');
    if (sample === null || !typed.has(family) || values.has(name)) throw new Error(`no sample: ${line}`);
    values.set(name, Number(value));
  }
  return values;
}
