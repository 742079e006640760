import type { ExecutionOutcome } from '../../src/runtime/types.ts';
import type { SoakScript } from './script.ts';

/** One execution of the soak. */
export interface Job {
  readonly id: string;
  readonly tenantKey: string;
  readonly script: SoakScript;
  readonly params: { readonly n: number; readonly a: number; readonly b: number };
}

/** Tolerance in milliseconds between the time-out and the end of an execution. */
export const GRACE_MS = 500;

/** The deviations of an outcome from the expected one; empty if there are none. */
export function problemsOf(job: Job, outcome: ExecutionOutcome, timeoutMs: number, logsBytes: number): string[] {
  const { script } = job;
  const problems: string[] = [];
  if (!script.reasons.includes(outcome.reason)) {
    problems.push(`ended ${outcome.reason} (${outcome.error?.message}), not ${script.reasons.join(' or ')}`);
    return problems;
  }
  if (script.line !== undefined && outcome.error?.line !== script.line) {
    problems.push(`error in line ${outcome.error?.line}, not ${script.line}`);
  }
  if (script.line !== undefined && !outcome.error?.message.includes(`refused ${job.params.n}`)) {
    problems.push(`error of another execution: ${outcome.error?.message}`);
  }
  if (script.logLines !== undefined && outcome.logs.length !== script.logLines) {
    problems.push(`${outcome.logs.length} lines of log, not ${script.logLines}`);
  }
  const logged = outcome.logs.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
  if (logged > logsBytes) problems.push(`${logged} bytes of logs kept, over ${logsBytes}`);
  const tookMs = outcome.completionTime.getTime() - outcome.startTime.getTime();
  if (tookMs > timeoutMs + GRACE_MS) problems.push(`took ${tookMs} ms with a time-out of ${timeoutMs} ms`);

  if (!script.hostile && outcome.reason === 'Completed') {
    const expected = JSON.stringify({
      found: [],
      tenant: job.tenantKey,
      user: `user of ${job.tenantKey}`,
      n: job.params.n,
      value: job.params.a * job.params.b,
    });
    const actual = JSON.stringify(outcome.result);
    if (actual !== expected) problems.push(`result ${actual}, not ${expected}`);
  }
  return problems;
}
