import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../src/api/defaults.ts';
import { executionLimits, limitsRefusedMessage, runtimeLimits } from '../../../src/api/limits.ts';
import type { ScriptExecutionLimits } from '../../../src/api/types.generated.ts';

const runtime = runtimeLimits(defaultRuntime('default', 'acme').spec.limits);

test("a runtime's default limits as numbers", () => {
  expect(runtime).toEqual({
    memoryBytes: 64 * 2 ** 20,
    cpuTimeMs: 1000,
    timeoutMs: 30_000,
    apiCalls: 100,
    fetchBytes: 10 * 2 ** 20,
    resultBytes: 32 * 1024,
    logsBytes: 16 * 1024,
  });
});

describe("an execution's limits", () => {
  test("default to its runtime's", () => {
    expect(executionLimits(runtime)).toEqual({ limits: runtime, exceeded: [] });
  });

  test.each<[ScriptExecutionLimits, object]>([
    [{ timeout: '2s' }, { timeoutMs: 2000 }],
    [
      { memory: '8Mi', apiCalls: 0 },
      { memoryBytes: 8 * 2 ** 20, apiCalls: 0 },
    ],
    [{ memory: 67_108_864 }, { memoryBytes: 64 * 2 ** 20 }],
    [
      { result: '1k', logs: '0', cpuTime: '1s' },
      { resultBytes: 1000, logsBytes: 0, cpuTimeMs: 1000 },
    ],
  ])('%j lower them', (own, expected) => {
    expect(executionLimits(runtime, own)).toEqual({ limits: { ...runtime, ...expected }, exceeded: [] });
  });

  test.each<[ScriptExecutionLimits, string]>([
    [{ memory: '1Gi' }, 'limits.memory asks for 1Gi, and the runtime allows 64Mi'],
    [{ timeout: '31s' }, 'limits.timeout asks for 31s, and the runtime allows 30s'],
    [{ apiCalls: 101 }, 'limits.apiCalls asks for 101, and the runtime allows 100'],
    [
      { cpuTime: '1s1ms', result: 40_000 },
      'limits.cpuTime asks for 1s1ms, and the runtime allows 1s; limits.result asks for 40000, and the runtime allows 32Ki',
    ],
  ])("%j are refused above the runtime's limits", (own, message) => {
    expect(limitsRefusedMessage(executionLimits(runtime, own).exceeded)).toBe(message);
  });
});
