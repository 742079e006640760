import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

/** Blocks the event loop of this process. */
function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

/** Waits until an execution runs, then blocks for longer than its time-out. */
async function blockWhileRunning(started: Promise<unknown>): Promise<void> {
  await started;
  await turn();
  block(1500);
}

describe('an embedding program that blocks its event loop for longer than a time-out', () => {
  let onStart = Promise.withResolvers<void>();
  const engine = engineForTests({
    limits: { cpuTimeMs: 60_000 },
    observer: { executionStarted: () => onStart.resolve() },
  });
  const run = async (...args: Parameters<typeof engine.run>): ReturnType<typeof engine.run> => {
    onStart = Promise.withResolvers();
    const outcome = engine.run(...args);
    await blockWhileRunning(onStart.promise);
    return outcome;
  };

  test('reads the answers of two executions before it enforces time-outs', async () => {
    const second = engine.run('21 * 2', { limits: { timeoutMs: 500 } });
    const [first, other] = await Promise.all([run('21 * 2', { limits: { timeoutMs: 500 } }), second]);
    expect([first, other]).toMatchObject([
      { reason: 'Completed', result: 42 },
      { reason: 'Completed', result: 42 },
    ]);
  });

  test.each([20, 100, 500])('a time-out of %d ms', async (timeoutMs) => {
    expect(await run('21 * 2', { limits: { timeoutMs } })).toMatchObject({ reason: 'Completed' });
  });

  test('time during which a host call waits for the blocked program is not counted', async () => {
    const outcome = await run('await ask() + 1', {
      limits: { timeoutMs: 500 },
      setup: (host) => host.expose('ask', () => 41),
    });
    expect(outcome).toMatchObject({ reason: 'Completed', result: 42 });
  });

  test('ends a script that is still running', async () => {
    expect(await run('for (;;);', { limits: { timeoutMs: 500 } })).toMatchObject({
      reason: 'TimeoutExceeded',
    });
  });
});
