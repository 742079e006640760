import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../src/api/defaults.ts';
import type { Serve } from '../../../src/gateway/execute/executor.ts';
import { requestedExecution } from '../../../src/gateway/execute/requested-execution.ts';
import { type Run, RuntimeExecutor } from '../../../src/gateway/execute/runtime-executor.ts';

const trace = { requestID: 'r-1', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const head = { method: 'GET', url: 'http://a.example/', headers: [] };
const SERVE: Serve = { request: { ...head, body: Buffer.alloc(0) }, respond: async () => {} };

/** What is run of a script. */
async function runOf(serve?: Serve): Promise<Run> {
  let ran: Run | undefined;
  const executor = new RuntimeExecutor({
    runtime: ({ namespace, name }) => defaultRuntime(name, namespace),
    sources: { missing: () => undefined, read: async () => ({ files: {}, imports: {} }) },
    runs: {
      run: async (run) => {
        ran = run;
        throw new Error('seen');
      },
    },
    maxWaitMs: 1000,
  });
  const spec = { source: 'export default () => 1' };
  const execution = requestedExecution({ namespace: 'acme', runtime: 'web', spec, uid: 'u-1', trace, username: '' });
  await expect(executor.execute(execution, new AbortController().signal, serve)).rejects.toThrow('seen');
  return ran as Run;
}

describe('a script that waits for a place', () => {
  test('has its JSON, which is sent as it is', async () => {
    const { body = '', request } = await runOf();
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(request)));
  });

  test('has none where a request for it is served: each would hold the script', async () => {
    const { body, request, serve } = await runOf(SERVE);
    expect([body, request.source, serve]).toEqual([undefined, 'export default () => 1', SERVE]);
  });
});
