import type { RunOutcome, RunRequest } from '../../../../src/api/pod-protocol.ts';

/** A request as the operator sends it. */
export function runRequest(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    source: '1 + 1',
    language: 'JavaScript',
    name: 'script.js',
    params: {},
    context: {
      tenant: { id: 'acme', name: 'Acme' },
      user: { id: 'u-1', email: 'u@example.com', permissions: [] },
      execution: { id: '6f1f9d2e', type: 'one_off', triggeredBy: 'user' },
      requestID: 'r-1',
    },
    tenantKey: 'ns/acme',
    limits: {},
    ...changes,
  };
}

/** An outcome that its result identifies. */
export function outcomeOf(result: string): RunOutcome {
  return {
    reason: 'Completed',
    result,
    logs: [],
    usage: { cpuMilliseconds: 1, wallMilliseconds: 2, peakHeapBytes: 3, apiCalls: 0 },
    startTime: '2026-01-01T00:00:00.000Z',
    completionTime: '2026-01-01T00:00:00.002Z',
  };
}
