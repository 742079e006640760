import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { encodeFrame } from '../../../../src/api/frame.ts';
import { MAX_LOG_LINES } from '../../../../src/api/pod-protocol.ts';
import { GivenValues } from '../../../../src/runtime/env/value-source.ts';
import { HostError, type HostFunction } from '../../../../src/runtime/host-bridge.ts';
import type { Setup } from '../../../../src/runtime/host-functions-file.ts';
import { DEFAULT_LIMITS } from '../../../../src/runtime/options.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import { ScriptError } from '../../../../src/runtime/script-error.ts';
import { Runner } from '../../../../src/runtime/server/runner.ts';
import type { ExecuteOptions, ExecutionOutcome } from '../../../../src/runtime/types.ts';
import { runRequest } from './run-requests.ts';

const COMPLETED: ExecutionOutcome = {
  reason: 'Completed',
  logs: [],
  usage: { cpuMilliseconds: 1.5, wallMilliseconds: 250, peakHeapBytes: 7, apiCalls: 2 },
  startTime: new Date('2026-01-01T00:00:00.100Z'),
  completionTime: new Date('2026-01-01T00:00:00.360Z'),
};

/** A runner over an engine that is a function. */
function runnerOf(execute: (options: ExecuteOptions) => Promise<Partial<ExecutionOutcome>>, setup?: Setup) {
  const seen: string[] = [];
  const runtime = {
    execute: async (_, options = {}) => ({ ...COMPLETED, ...(await execute(options)) }),
    compile: () => Promise.reject(new Error('unused')),
  } as Pick<Runtime, 'execute' | 'compile'>;
  const runner = new Runner(
    runtime,
    setup,
    { ceiling: DEFAULT_LIMITS, tenants: [], values: new GivenValues({ secrets: { hook: { key: 'k-1' } } }) },
    {
      logged: ({ id }, { message }) => seen.push(`${id} logged ${message}`),
      ended: ({ id }, { reason }) => seen.push(`${id} ended ${reason}`),
      fetched: () => {},
      hostFunctionFailed: ({ id }, name, error) => seen.push(`${id} ${name}: ${(error as Error).message}`),
    },
  );
  const run = (changes: Parameters<typeof runRequest>[0] = {}, signal = new AbortController().signal) =>
    runner.prepare('u.1.1', Buffer.from(JSON.stringify(runRequest(changes)))).run(signal);
  return { runner, run, seen };
}

describe('a run that exceeds the limits or tenants of the pod', () => {
  const runner = new Runner(
    {
      execute: () => Promise.reject(new Error('it was started')),
      compile: () => Promise.reject(new Error('unused')),
    },
    undefined,
    { ceiling: DEFAULT_LIMITS, tenants: ['acme'], values: new GivenValues({}) },
    { logged: () => {}, ended: () => {}, fetched: () => {}, hostFunctionFailed: () => {} },
  );
  const context = (id: string) => ({ ...runRequest().context, tenant: { id, name: id } });

  test.each<[string, Parameters<typeof runRequest>[0]]>([
    ['limits', { context: context('acme'), limits: { memoryBytes: DEFAULT_LIMITS.memoryBytes + 1 } }],
    ['its tenant', { context: context('globex') }],
  ])('is refused before it starts: %s', (_, request) => {
    const body = Buffer.from(JSON.stringify(runRequest(request)));
    expect(() => runner.prepare('u.1.1', body)).toThrow('this pod');
  });
});

describe('a run', () => {
  test('passes the request to the engine', async () => {
    let given: ExecuteOptions | undefined;
    const { run } = runnerOf(async (options) => {
      given = options;
      return {};
    });
    await run({ params: [null], limits: { timeoutMs: 5 }, tenantKey: 'ns/t' });
    const { context } = runRequest();
    expect(given).toMatchObject({ params: [null], limits: { timeoutMs: 5 }, tenantKey: 'ns/t', context });
  });

  test('has an outcome as JSON', async () => {
    const { run } = runnerOf(async () => ({ result: null }));
    expect(await run()).toEqual({
      reason: 'Completed',
      result: null,
      logs: [],
      usage: COMPLETED.usage,
      startTime: '2026-01-01T00:00:00.100Z',
      completionTime: '2026-01-01T00:00:00.360Z',
    });
  });

  test('has no result if the script has none, and an error without a stack', async () => {
    const error = new ScriptError('RuntimeError', {
      message: 'no',
      file: 'a.js',
      line: 2,
      column: 3,
      stack: 'at /secret',
    });
    const { run } = runnerOf(async () => ({ reason: 'RuntimeError', error }));
    const outcome = await run();
    expect(outcome).not.toHaveProperty('result');
    expect(outcome.error).toEqual({
      type: 'RuntimeError',
      message: 'no',
      file: 'a.js',
      line: 2,
      column: 3,
      retryable: false,
    });
  });

  test('keeps the last lines of its log', async () => {
    const lines = Array.from({ length: MAX_LOG_LINES + 5 }, (_, i) => String(i));
    const time = new Date('2026-01-01T00:00:00Z');
    const logs = lines.map((message) => ({ time, level: 'info' as const, message }));
    const { run } = runnerOf(async () => ({ logs }));
    expect((await run()).logs.map(({ message }) => message)).toEqual(lines.slice(5));
  });

  test('that the engine aborts without a cancellation is lost, not cancelled', async () => {
    const { run, seen } = runnerOf(async () => ({ reason: 'Cancelled' }));
    const lost = await run();
    expect([lost.reason, lost.error?.type, lost.error?.retryable]).toEqual(['SandboxLost', 'InternalError', true]);
    const cancelled = await run({}, AbortSignal.abort());
    expect([cancelled.reason, cancelled.error]).toEqual(['Cancelled', undefined]);
    expect(seen).toEqual(['u.1.1 ended SandboxLost', 'u.1.1 ended Cancelled']);
  });

  test('is observed at its logs and at its end', async () => {
    const { run, seen } = runnerOf(async ({ onLog }) => {
      onLog?.({ time: new Date(), level: 'info', message: 'hi' });
      return {};
    });
    await run();
    expect(seen).toEqual(['u.1.1 logged hi', 'u.1.1 ended Completed']);
  });

  test('holds the bytes of its request', () => {
    const body = Buffer.from(JSON.stringify(runRequest()));
    expect(runnerOf(async () => ({})).runner.prepare('u.1.1', body).requestBytes).toBe(body.length);
  });
});

describe('a delivery of a webhook', () => {
  const body = Buffer.from('{"event":1}');
  const signature = `sha256=${createHmac('sha256', 'k-1').update(body).digest('hex')}`;
  const request = { method: 'POST', url: 'http://x/', headers: [['x-hub-signature-256', signature]] };
  const secretKeyRef = { name: 'hook', key: 'key' };
  const auth = { type: 'Webhook', endpoint: 'e-1', format: 'GitHub', secretKeyRef, toleranceSeconds: 300 };
  const frame = encodeFrame({ ...runRequest(), request, auth }, body);
  const answer = { head: { status: 200, statusText: '', headers: [] }, bytes: Buffer.alloc(0), isLast: true };

  test.each<[string, (options: ExecuteOptions) => Promise<Partial<ExecutionOutcome>>]>([
    ['whose script has failed', async () => ({ reason: 'RuntimeError' })],
    ['that the engine has not run', () => Promise.reject(new Error('no process'))],
  ])('%s is taken again, and once it is answered never more', async (_, failing) => {
    let execute = failing;
    const { runner } = runnerOf((options) => execute(options));
    const streamed = (async function* () {})();
    const deliver = async () =>
      await runner.prepareServe('u.1.1', frame, { respond: () => {}, streamed }).run(new AbortController().signal);
    await deliver().catch(() => {});
    execute = async ({ serve }) => {
      await serve?.respond(answer);
      return {};
    };
    expect(await deliver()).toMatchObject({ reason: 'Completed' });
    await expect(deliver()).rejects.toMatchObject({ code: 'Replayed' });
  });
});

describe('a host function that fails', () => {
  test('is reported unless the error is meant for the script, and rethrown', async () => {
    const bug: HostFunction = () => Promise.reject(new Error('a bug'));
    const told: HostFunction = () => {
      throw new HostError('no such price');
    };
    const fine: HostFunction = (_, ...args) => args;
    const functions = new Map<string, HostFunction>();
    const { run, seen } = runnerOf(
      async ({ setup }) => {
        setup?.({ expose: (name, fn) => functions.set(name, fn) });
        return {};
      },
      (host) => {
        for (const [name, fn] of Object.entries({ bug, told, fine })) host.expose(name, fn);
      },
    );
    await run();
    const call = { redact: (text: string) => text.replace('tok-1', '***') } as never;
    await expect(functions.get('bug')?.(call)).rejects.toThrow('a bug');
    await expect(functions.get('told')?.(call)).rejects.toBeInstanceOf(HostError);
    await expect(functions.get('fine')?.(call, 1, 'a')).resolves.toEqual([1, 'a']);
    expect(seen).toEqual(['u.1.1 ended Completed', 'u.1.1 bug: a bug']);
  });
});
