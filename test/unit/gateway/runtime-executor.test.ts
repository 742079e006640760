import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../src/api/defaults.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import type { Serve } from '../../../src/gateway/execute/executor.ts';
import { requestedExecution } from '../../../src/gateway/execute/requested-execution.ts';
import { type Run, type Runs, RuntimeExecutor } from '../../../src/gateway/execute/runtime-executor.ts';

const trace = { requestID: 'r-1', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const head = { method: 'GET', url: 'http://a.example/', headers: [] };
const SERVE: Serve = { request: { ...head, body: Buffer.alloc(0) }, respond: async () => {} };

const SPEC = { source: 'export default () => 1' };

/** An executor whose runs are what is given. */
function executorOf(runs: Runs): RuntimeExecutor {
  return new RuntimeExecutor({
    runtime: ({ namespace, name }) => defaultRuntime(name, namespace),
    sources: { missing: () => undefined, read: async () => ({ files: {}, imports: {} }) },
    runs,
    maxWaitMs: 1000,
  });
}

const executionOf = (spec: JsonValue = SPEC) =>
  requestedExecution({ namespace: 'acme', runtime: 'web', spec, uid: 'u-1', trace, username: '' });
const { signal } = new AbortController();

/** What is run of a script. */
async function runOf(serve?: Serve, maxRequestBytes?: number): Promise<Run> {
  let ran: Run | undefined;
  const run = async (given: Run): Promise<never> => {
    ran = given;
    throw new Error('seen');
  };
  const executor = executorOf({ run, ...(maxRequestBytes === undefined ? {} : { maxRequestBytes }) });
  await expect(executor.execute(executionOf(), signal, serve)).rejects.toThrow('seen');
  return ran as Run;
}

describe('a script that waits for a place', () => {
  test('has its JSON, which is sent as it is', async () => {
    const { body = '', request } = await runOf(undefined, 1 << 20);
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(request)));
  });

  test('has none where a request for it is served: each would hold the script', async () => {
    const { body, request, serve } = await runOf(SERVE, 1 << 20);
    expect([body, request.source, serve]).toEqual([undefined, 'export default () => 1', SERVE]);
  });

  test('has none where it is not sent', async () => {
    expect((await runOf()).body).toBeUndefined();
  });
});

const OUTCOME = {
  reason: 'Completed',
  result: 1,
  logs: [],
  startTime: new Date(),
  completionTime: new Date(),
} as const;

describe('a script that is run', () => {
  test.each([
    ['for its result', undefined],
    ['for a request', SERVE],
  ])('%s is refused where what is sent of it would be too long', async (_, serve) => {
    const run = async () => ({ outcome: OUTCOME, waitMs: 0 });
    const executor = executorOf({ run, maxRequestBytes: 1000 });
    expect((await executor.execute(executionOf(), signal, serve)).reason).toBe('Completed');
    const { reason, status } = await executor.execute(executionOf({ source: '"'.repeat(500) }), signal, serve);
    expect([reason, status.error?.message]).toEqual([
      'LimitsRefused',
      expect.stringMatching(/^the script, its params and its context have \d+ bytes, more than 1000$/),
    ]);
  });

  test('has one status, however often it is asked for', async () => {
    const executor = executorOf({ run: async () => ({ outcome: OUTCOME, waitMs: 3, pod: 'p' }) });
    const executed = await executor.execute(executionOf(), signal);
    expect(executed).toMatchObject({ reason: 'Completed', waitMs: 3, pod: 'p' });
    expect(executed.status).toMatchObject({ result: 1, runDigest: expect.stringMatching(/^v1:[0-9a-f]{64}$/) });
    expect(executed.status).toBe(executed.status);
  });
});
