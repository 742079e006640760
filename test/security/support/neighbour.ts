import { expect } from '@jest/globals';
import type { ExecuteOptions, ExecutionOutcome, Runtime } from '../../../src/index.ts';
import { HANDLERS, MEMBERS, TIMERS } from '../../../src/runtime/guest/web/names.ts';

let served = 0;

/** Looks at what a hostile script would have changed, and works something out. */
const SOURCE = `
export default async ({ n }, context) => {
  const lines = [];
  for (const [i, name] of ['a', 'b', 'c'].entries()) lines.push(await ask({ name, i }));
  console.log('served', n);
  return {
    n: n * 2,
    tenant: context.tenant.id,
    lines,
    foreign: [Object.prototype, Array.prototype, Function.prototype, globalThis].flatMap((o) => Object.keys(o)).sort().join(),
    tampered: typeof leaked !== 'undefined' || 'polluted' in {} || JSON.stringify([1]) !== '[1]',
  };
};`;

/** The enumerable globals of a script, and its one host function. */
const ENUMERABLE_GLOBALS = [...['ask', 'context', 'env', 'params'], ...[...TIMERS, ...MEMBERS, ...HANDLERS, 'self']]
  .sort()
  .join();

/** Runs a script of another tenant, which must get its own right result whatever goes on beside it. */
export async function serveNeighbour(runtime: Runtime): Promise<ExecutionOutcome> {
  const n = ++served;
  const outcome = await runtime.execute(SOURCE, {
    params: { n },
    context: { tenant: { id: 'neighbour' } },
    setup: (host) => host.expose('ask', async (call, question) => ({ of: call.tenantKey, question: question ?? null })),
  });
  expect(outcome).toMatchObject({
    reason: 'Completed',
    result: {
      n: n * 2,
      tenant: 'neighbour',
      lines: ['a', 'b', 'c'].map((name, i) => ({ of: 'neighbour', question: { name, i } })),
      foreign: ENUMERABLE_GLOBALS,
      tampered: false,
    },
    logs: [{ message: `served ${n}` }],
  });
  return outcome;
}

/** Runs a hostile script while a neighbour is served; after its end the neighbour is served again. */
export async function executeBesideNeighbour(
  runtime: Runtime,
  source: Parameters<Runtime['execute']>[0],
  options?: ExecuteOptions,
): Promise<ExecutionOutcome> {
  const [outcome] = await Promise.all([runtime.execute(source, options), serveNeighbour(runtime)]);
  await serveNeighbour(runtime);
  return outcome;
}
