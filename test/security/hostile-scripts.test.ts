import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type HostBridge, type Runtime } from '../../src/index.ts';
import { ENDINGS } from './scripts/endings.ts';
import { ESCAPES } from './scripts/escapes.ts';
import { POLLUTION } from './scripts/pollution.ts';
import type { ScriptCase } from './scripts/script-case.ts';
import { SYNTAX } from './scripts/syntax.ts';
import { executeBesideNeighbour, serveNeighbour } from './support/neighbour.ts';
import { hostTracesIn } from './support/traces.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime({ pool: { size: 2 }, limits: { memoryBytes: 32 << 20, cpuTimeMs: 1000, timeoutMs: 50_000 } });
  await runtime.ready();
});
afterAll(() => runtime.close());

function exposeFunctions(host: HostBridge): void {
  host.expose('ask', async (_, value) => value);
  host.expose('fail', async () => {
    throw new Error(`cannot open ${import.meta.url}`);
  });
}

/** Runs a hostile script, and a neighbour's script during and after it. */
async function attack(script: ScriptCase): Promise<void> {
  const attacker = { tenant: { id: 'attacker' }, user: { permissions: ['read'] } };
  const options = { context: attacker, setup: exposeFunctions };
  const outcome = await executeBesideNeighbour(runtime, script.source, options);
  const { reason, result, error } = outcome;
  expect({ reason, result, message: error?.message }).toEqual({
    reason: script.reason,
    result: script.result,
    message: script.reason === 'Completed' ? undefined : expect.stringMatching(matcherOf(script.message)),
  });
  expect(hostTracesIn(outcome)).toEqual([]);
}

function matcherOf(message: string | RegExp | undefined): RegExp {
  return message instanceof RegExp ? message : new RegExp((message ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

describe.each([
  ['a script that tries to escape', ESCAPES],
  ['a script that modifies built-ins', POLLUTION],
  ['a script with an unusual result or error', ENDINGS],
  ['a source that breaks the compiler', SYNTAX],
])('%s', (_, scripts) => {
  test.each(scripts.map((script) => [script.tries, script] as const))('tries %s', (_, script) => attack(script));
});

test('code left running by a script calls no host function after its execution finished', async () => {
  let calls = 0;
  const source = '(async () => { for (;;) await count() })(); await count(); 1';
  const outcome = await runtime.execute(source, { setup: (host) => host.expose('count', () => void calls++) });
  expect(outcome).toMatchObject({ reason: 'Completed', result: 1 });
  const atTheEnd = calls;
  await serveNeighbour(runtime);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(calls).toBe(atTheEnd);
});

test('a source whose compiled code exceeds a frame runs', async () => {
  await using big = createRuntime({
    pool: { size: 1, spares: 0 },
    limits: { memoryBytes: 1 << 30, cpuTimeMs: 10_000 },
  });
  const source = `if (1) { ${'0;'.repeat(130_000)} 1 }`;
  for (let i = 0; i < 2; i++) expect(await big.execute(source)).toMatchObject({ reason: 'Completed', result: 1 });
});

test('a source that breaks the type stripper breaks it for nobody else', async () => {
  const options = { tenantKey: 'stripper' };
  const deep = `type A = ${'Array<'.repeat(10_000)}1${'>'.repeat(10_000)};`;
  const first = await runtime.execute({ source: deep, language: 'TypeScript' }, options);
  const second = await runtime.execute({ source: 'export default (1 as number)', language: 'TypeScript' }, options);
  expect([first.reason, second.reason]).toEqual(['CompilationError', 'Completed']);
});
