import { admitsTenant, tenantKey, tenantOf } from '../../api/defaults.ts';
import { runDigest } from '../../api/digest.ts';
import { executionLimits, limitsRefusedMessage, runtimeLimits } from '../../api/limits.ts';
import { REASONS } from '../../api/outcome.ts';
import { formatRunId, MAX_REQUEST_BYTES } from '../../api/pod-protocol.ts';
import { runRequest } from '../../api/run-request.ts';
import { filesExcess } from '../../api/script-files.ts';
import { finishedStatus, type OutcomeInput } from '../../api/status.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import type { Sources } from '../../cluster/sources.ts';
import { refKey } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import type { Executed, Executor } from '../execute/executor.ts';
import { Refusal } from '../refusal.ts';
import type { PodRuns } from './pod-runs.ts';

export interface PodExecutorParts {
  readonly runtimes: Pick<Store<KnownRuntime>, 'get'>;
  readonly sources: Pick<Sources, 'missing' | 'read'>;
  readonly runs: Pick<PodRuns, 'run'>;
  /** Maximum time to wait for a place on a pod, in milliseconds. */
  readonly maxWaitMs: number;
}

/** Executes scripts on the pods of a cluster: what the operator does for objects, without an object. */
export class PodExecutor implements Executor {
  readonly #parts: PodExecutorParts;

  constructor(parts: PodExecutorParts) {
    this.#parts = parts;
  }

  async execute(execution: ScriptExecution, signal: AbortSignal): Promise<Executed> {
    const { sources, runs, maxWaitMs } = this.#parts;
    const { metadata, spec } = execution;
    const runtime = this.#runtime(execution);
    const tenant = tenantOf(execution);
    const { limits, exceeded } = executionLimits(runtimeLimits(runtime.spec.limits), spec.limits);
    if (!admitsTenant(runtime, tenant)) {
      return unstarted(
        execution,
        'TenantRefused',
        `ScriptRuntime "${spec.runtimeRef.name}" does not admit tenant "${tenant}"`,
      );
    }
    if (exceeded.length > 0) return unstarted(execution, 'LimitsRefused', limitsRefusedMessage(exceeded));
    const missing = sources.missing(execution, runtime);
    if (missing !== undefined) throw new Refusal('NotFound', missing);
    const files = await sources.read(execution, runtime);
    if (files === undefined) throw new Refusal('NotFound', 'a ConfigMap of the script was just deleted or changed');
    const excess = filesExcess({ source: files.script?.text ?? '', files: files.files });
    if (excess !== undefined) return unstarted(execution, 'LimitsRefused', excess);
    const body = JSON.stringify(runRequest(execution, spec, { files, limits }));
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_REQUEST_BYTES) {
      const message = `the script, its params and its context have ${bytes} bytes, more than ${MAX_REQUEST_BYTES}`;
      return unstarted(execution, 'LimitsRefused', message);
    }
    const { namespace } = metadata;
    const { outcome, pod, waitMs } = await runs.run({
      runtime: refKey({ namespace, name: spec.runtimeRef.name }),
      tenantKey: tenantKey(namespace, tenant),
      limits,
      body,
      id: formatRunId({ uid: metadata.uid ?? '', run: 1, attempt: 1 }),
      waitMs: waitMsOf(execution, maxWaitMs),
      signal,
    });
    const info = {
      runDigest: runDigest(spec),
      ...(files.digest === undefined ? {} : { sourceDigest: files.digest }),
    };
    return { status: finishedStatus(execution, outcome, info), pod, waitMs };
  }

  #runtime({ metadata: { namespace }, spec }: ScriptExecution): KnownRuntime {
    const { name } = spec.runtimeRef;
    const runtime = this.#parts.runtimes.get({ namespace, name });
    if (runtime === undefined) {
      throw new Refusal('NotFound', `there is no ScriptRuntime "${name}" in namespace "${namespace}"`);
    }
    if (runtime.metadata.deletionTimestamp !== undefined) {
      throw new Refusal('NotFound', `ScriptRuntime "${name}" is being deleted`);
    }
    return runtime;
  }
}

/** The execution may want to start within less. */
function waitMsOf({ spec }: ScriptExecution, maxWaitMs: number): number {
  return Math.min(maxWaitMs, (spec.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000);
}

/** The status of an execution that its runtime does not admit, as the operator would write it. */
function unstarted(execution: ScriptExecution, reason: 'TenantRefused' | 'LimitsRefused', message: string): Executed {
  const now = new Date();
  const { errorType: type, retryable } = REASONS[reason];
  const outcome: OutcomeInput = {
    reason,
    error: { type, message, retryable },
    logs: [],
    startTime: now,
    completionTime: now,
  };
  const { startTime: _, ...status } = finishedStatus(execution, outcome, {
    runDigest: runDigest(execution.spec),
    attempts: 0,
  });
  return { status: status as ScriptExecutionStatus, waitMs: 0 };
}
