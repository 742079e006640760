import { describe, expect, test } from '@jest/globals';
import { REFUSAL_STATUS } from '../../../../src/api/pod-protocol.ts';
import { PodMetrics } from '../../../../src/runtime/server/prometheus.ts';
import type { ExecutionOutcome } from '../../../../src/runtime/types.ts';

const runtime = {
  metrics: () => ({
    executions: { total: 9, succeeded: 7, errors: 1, timeouts: 1, running: 2, pending: 3 },
    reasons: { Completed: 7, RuntimeError: 1, TimeoutExceeded: 1 },
    pool: { size: 4, idle: 1, busy: 2, waiting: 3, created: 11, destroyed: 8, failedStarts: 1 },
    compilation: { size: 5, hits: 6, misses: 3 },
    containment: { seccomp: 'Active' as const, permissionModel: 'Active' as const },
  }),
};
const bounds = { maxActive: 64, maxRuns: 17, maxBytes: 18, maxRemembered: 99 };
const ledger = { bounds, active: 5, unacknowledged: 12, bytes: 13, remembered: 14, rememberedBytes: 15 };

function metrics(): PodMetrics {
  return new PodMetrics({
    runtime,
    ledger,
    isReady: () => true,
    droppedLogLines: () => ({ pod: 1, script: 16 }),
    clockSkewMs: () => 1900,
  });
}

/** The samples of copepod's own metrics. */
async function samples(of: PodMetrics): Promise<Map<string, number>> {
  const { text } = await of.expose();
  const lines = text.split('\n').filter((line) => line.startsWith('copepod_'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
}

describe('the metrics of a pod', () => {
  test('are these', async () => {
    const { text } = await metrics().expose();
    expect(text.split('\n').filter((line) => line.startsWith('# TYPE copepod_'))).toEqual([
      '# TYPE copepod_executions_total counter',
      '# TYPE copepod_executions_running gauge',
      '# TYPE copepod_executions_pending gauge',
      '# TYPE copepod_vms gauge',
      '# TYPE copepod_vms_max gauge',
      '# TYPE copepod_vms_created_total counter',
      '# TYPE copepod_vms_destroyed_total counter',
      '# TYPE copepod_vms_failed_total counter',
      '# TYPE copepod_containment gauge',
      '# TYPE copepod_programs gauge',
      '# TYPE copepod_program_hits_total counter',
      '# TYPE copepod_program_misses_total counter',
      '# TYPE copepod_runs_active gauge',
      '# TYPE copepod_runs_unacknowledged gauge',
      '# TYPE copepod_runs_max gauge',
      '# TYPE copepod_runs_bytes gauge',
      '# TYPE copepod_runs_bytes_max gauge',
      '# TYPE copepod_runs_remembered gauge',
      '# TYPE copepod_runs_remembered_bytes gauge',
      '# TYPE copepod_ready gauge',
      '# TYPE copepod_clock_skew_seconds gauge',
      '# TYPE copepod_log_lines_dropped_total counter',
      '# TYPE copepod_execution_duration_seconds histogram',
      '# TYPE copepod_execution_wait_seconds histogram',
      '# TYPE copepod_execution_cpu_seconds_total counter',
      '# TYPE copepod_refusals_total counter',
      '# TYPE copepod_fetches_total counter',
      '# TYPE copepod_fetch_bytes_total counter',
      '# TYPE copepod_fetch_duration_seconds histogram',
    ]);
  });

  test('say what the engine and the ledger say, however often they are asked', async () => {
    const pod = metrics();
    await pod.expose();
    expect(Object.fromEntries(await samples(pod))).toMatchObject({
      'copepod_executions_total{reason="Completed"}': 7,
      'copepod_executions_total{reason="TimeoutExceeded"}': 1,
      copepod_executions_running: 2,
      copepod_executions_pending: 3,
      'copepod_vms{state="idle"}': 1,
      'copepod_containment{line="seccomp"}': 1,
      copepod_vms_failed_total: 1,
      'copepod_vms{state="busy"}': 2,
      copepod_vms_max: 4,
      copepod_vms_created_total: 11,
      copepod_vms_destroyed_total: 8,
      copepod_programs: 5,
      copepod_program_hits_total: 6,
      copepod_program_misses_total: 3,
      copepod_runs_active: 5,
      copepod_runs_unacknowledged: 12,
      copepod_runs_max: 17,
      copepod_runs_bytes: 13,
      copepod_runs_bytes_max: 18,
      copepod_clock_skew_seconds: 1.9,
      copepod_runs_remembered: 14,
      copepod_runs_remembered_bytes: 15,
      copepod_ready: 1,
      'copepod_log_lines_dropped_total{source="script"}': 16,
    });
  });

  test('have a zero for what has not happened yet: every reason of a pod, every refusal', async () => {
    const names = [...(await samples(metrics()))].filter(([, value]) => value === 0).map(([name]) => name);
    for (const reason of ['CompilationError', 'MemoryExceeded', 'SandboxLost', 'Cancelled', 'TenantRefused']) {
      expect(names).toContain(`copepod_executions_total{reason="${reason}"}`);
    }
    for (const code of Object.keys(REFUSAL_STATUS)) expect(names).toContain(`copepod_refusals_total{code="${code}"}`);
    expect(names.some((name) => /PodLost|DeadlineExceeded|Pending/.test(name))).toBe(false);
  });

  test('count executions in seconds, and refusals', async () => {
    const pod = metrics();
    const usage = { cpuMilliseconds: 20, wallMilliseconds: 40, peakHeapBytes: 0, apiCalls: 0 };
    pod.ended({ usage } as ExecutionOutcome, { waitMs: 3 });
    pod.ended({ usage } as ExecutionOutcome, { waitMs: 300 });
    pod.refused('Busy');
    const after = await samples(pod);
    expect(after.get('copepod_execution_duration_seconds_count')).toBe(2);
    expect(after.get('copepod_execution_duration_seconds_sum')).toBeCloseTo(0.08);
    expect(after.get('copepod_execution_duration_seconds_bucket{le="0.025"}')).toBe(0);
    expect(after.get('copepod_execution_duration_seconds_bucket{le="0.05"}')).toBe(2);
    expect(after.get('copepod_execution_wait_seconds_bucket{le="0.005"}')).toBe(1);
    expect(after.get('copepod_execution_cpu_seconds_total')).toBeCloseTo(0.04);
    expect(after.get('copepod_refusals_total{code="Busy"}')).toBe(1);
  });

  test('count the requests of scripts by rule and outcome', async () => {
    const of = metrics();
    const report = { method: 'GET', url: 'https://api.example.com/', bytesSent: 3, bytesReceived: 40, milliseconds: 5 };
    of.fetched({ ...report, rule: 'api', status: 200, outcome: '2xx' });
    of.fetched({ ...report, rule: 'api', status: 200, outcome: '2xx' });
    of.fetched({ ...report, outcome: 'refused', error: 'no egress rule', bytesSent: 0, bytesReceived: 0 });
    const found = await samples(of);
    expect(found.get('copepod_fetches_total{rule="api",outcome="2xx"}')).toBe(2);
    expect(found.get('copepod_fetches_total{rule="none",outcome="refused"}')).toBe(1);
    expect(found.get('copepod_fetch_bytes_total{direction="sent"}')).toBe(6);
    expect(found.get('copepod_fetch_bytes_total{direction="received"}')).toBe(80);
    expect(found.get('copepod_fetch_duration_seconds_count')).toBe(2);
  });
});
