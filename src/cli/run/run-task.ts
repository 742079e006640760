import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from '../../api/defaults.ts';
import { runDigest } from '../../api/digest.ts';
import { executionLimits, runtimeLimits } from '../../api/limits.ts';
import { REASONS } from '../../api/outcome.ts';
import { finishedStatus } from '../../api/status.ts';
import type { ExecutionAttempt, ScriptExecution } from '../../api/types.generated.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ScriptError } from '../../runtime/script-error.ts';
import type { ExecuteOptions, ExecutionOutcome } from '../../runtime/types.ts';
import { concealed } from '../input/concealed.ts';
import { engineScript } from '../input/engine-script.ts';
import { executionEnv } from '../input/env-values.ts';
import type { Task } from '../input/workload.ts';
import type { Inspection } from '../inspect/inspection.ts';

/** The earlier attempts that a status keeps. */
const MAX_HISTORY = 5;
/** How long the news of a Ctrl-C may lag behind its effect on a sandbox. */
const INTERRUPT_LAG_MS = 100;

/** An execution that has run, or has not. */
export interface Finished {
  readonly execution: ScriptExecution;
  /** With the stack and the causes, which a status has no place for. */
  readonly error?: ScriptError;
}

export interface RunTaskOptions {
  readonly signal: AbortSignal;
  readonly setup: Setup | undefined;
  /** Of a run under a debugger. */
  readonly inspection?: Inspection | undefined;
}

/** Runs a task to its end, and again where its outcome may be retried. Never rejects for what a script does. */
export async function runTask(
  task: Task,
  runtime: Runtime,
  { signal, setup, inspection }: RunTaskOptions,
): Promise<Finished> {
  const { execution, script } = task;
  const { metadata, spec } = execution;
  const context = fillContext(execution, { requestID: randomUUID() });
  const { limits } = executionLimits(runtimeLimits(task.runtime.spec.limits), spec.limits);
  const options: ExecuteOptions = {
    context,
    env: executionEnv(task.runtime, execution),
    limits: inspection?.limits(limits) ?? limits,
    tenantKey: tenantKey(metadata.namespace, context.tenant.id),
    signal,
    ...(spec.params === undefined ? {} : { params: spec.params }),
    ...(setup === undefined ? {} : { setup }),
    ...(script.imported === undefined ? {} : { readFile: script.imported.read }),
  };
  const source = engineScript(script);
  const digest = runDigest(spec);
  const history: ExecutionAttempt[] = [];
  for (let attempt = 1; ; attempt++) {
    const ended = await settled(await runtime.execute(source, options), signal);
    const outcome = ended.error === undefined ? ended : { ...ended, error: concealed(ended.error, script) };
    const info = {
      runDigest: digest,
      attempts: attempt,
      ...(script.digest === undefined ? {} : { sourceDigest: script.digest }),
    };
    const status = finishedStatus(execution, outcome, info);
    if (REASONS[outcome.reason].retryable && attempt <= spec.backoffLimit && !signal.aborted) {
      const { startTime, completionTime, error } = status;
      history.push({ attempt, startTime, completionTime, reason: outcome.reason, error } as ExecutionAttempt);
      continue;
    }
    const attemptHistory = history.length === 0 ? {} : { attemptHistory: history.slice(-MAX_HISTORY) };
    return {
      execution: { ...execution, status: { ...status, ...attemptHistory } },
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
    };
  }
}

/**
 * A terminal sends Ctrl-C to every process in front of it: a sandbox may be gone before this process has heard of it, and
 * was not lost for that.
 */
async function settled(outcome: ExecutionOutcome, signal: AbortSignal): Promise<ExecutionOutcome> {
  if (outcome.reason !== 'SandboxLost') return outcome;
  if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, INTERRUPT_LAG_MS));
  if (!signal.aborted) return outcome;
  const { error: _, ...rest } = outcome;
  return { ...rest, reason: 'Cancelled' };
}
