import { admitsTenant, tenantOf } from '../../api/defaults.ts';
import { runDigest } from '../../api/digest.ts';
import { executionLimits, type LimitValues, limitsRefusedMessage } from '../../api/limits.ts';
import { REASONS, type Reason } from '../../api/outcome.ts';
import type { RunRequest } from '../../api/pod-protocol.ts';
import { runRequest } from '../../api/run-request.ts';
import { filesExcess, type ScriptFiles } from '../../api/script-files.ts';
import { finishedStatus, type OutcomeInput } from '../../api/status.ts';
import type { ScriptExecution, ScriptExecutionStatus, ScriptRuntime } from '../../api/types.generated.ts';
import { knownLimits } from '../../cluster/known-limits.ts';
import { type NeededValues, neededValues } from '../../cluster/pods/pod-values.ts';
import { Refusal } from '../refusal.ts';
import { TracedRun } from '../tracing/traced-run.ts';
import type { Executed, Executor, Serve } from './executor.ts';

/** A script with all that it takes to run it. */
export interface Run {
  /** Key of its ScriptRuntime: `namespace/name`. */
  readonly runtime: string;
  readonly request: RunRequest;
  /** The request as JSON; undefined where it is served, or not sent. */
  readonly body: string | undefined;
  readonly limits: LimitValues;
  /** What it needs of its pod's Secrets and ConfigMaps. */
  readonly values: NeededValues | undefined;
  /** uid of the execution. */
  readonly uid: string;
  /** Maximum time to wait for a place, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** The request that the script's web handler answers; undefined: the script is run for its result. */
  readonly serve?: Serve | undefined;
}

export interface RunEnd {
  readonly outcome: OutcomeInput;
  /** Name of the pod. */
  readonly pod?: string;
  readonly podUID?: string;
  /** Until it had a place, in milliseconds. */
  readonly waitMs: number;
}

/** Runs scripts: on pods, or in this process. */
export interface Runs {
  /** The most bytes of a request as JSON, which it is sent as; undefined: it is not sent. */
  readonly maxRequestBytes?: number;
  /**
   * Runs a script at most once.
   * @throws Refusal if it was not started; the signal's reason
   */
  run(run: Run): Promise<RunEnd>;
}

export interface RuntimeExecutorParts {
  readonly runtime: (ref: { readonly namespace: string; readonly name: string }) => ScriptRuntime | undefined;
  /** What scripts read from ConfigMaps. */
  readonly sources: {
    /** What an execution needs and is not there, as a sentence. */
    missing(execution: ScriptExecution, runtime: ScriptRuntime): string | undefined;
    read(execution: ScriptExecution, runtime: ScriptRuntime): Promise<ScriptFiles | undefined>;
  };
  readonly runs: Runs;
  /** Maximum time to wait for a place, in milliseconds. */
  readonly maxWaitMs: number;
}

/** Executes scripts on their runtimes: what the operator does for objects, without an object. */
export class RuntimeExecutor implements Executor {
  readonly #parts: RuntimeExecutorParts;

  constructor(parts: RuntimeExecutorParts) {
    this.#parts = parts;
  }

  async execute(execution: ScriptExecution, signal: AbortSignal, serve?: Serve): Promise<Executed> {
    const { sources, runs, maxWaitMs } = this.#parts;
    const { metadata, spec } = execution;
    const { namespace, uid = '' } = metadata;
    const { name } = spec.runtimeRef;
    const runtime = this.#runtime(namespace, name);
    const tenant = tenantOf(execution);
    const { limits, exceeded } = executionLimits(knownLimits(runtime), spec.limits);
    if (!admitsTenant(runtime, tenant)) {
      return unstarted(execution, 'TenantRefused', `ScriptRuntime "${name}" does not admit tenant "${tenant}"`);
    }
    if (exceeded.length > 0) return unstarted(execution, 'LimitsRefused', limitsRefusedMessage(exceeded));
    const missing = sources.missing(execution, runtime);
    if (missing !== undefined) throw new Refusal('NotFound', missing);
    const files = await sources.read(execution, runtime);
    if (files === undefined) throw new Refusal('NotFound', 'a ConfigMap of the script was just deleted or changed');
    const excess = filesExcess({ source: files.script?.text ?? '', files: files.files });
    if (excess !== undefined) return unstarted(execution, 'LimitsRefused', excess);
    const traced = TracedRun.of({
      'k8s.namespace.name': namespace,
      'copepod.runtime.name': name,
      'copepod.execution.uid': uid,
      'copepod.tenant.id': tenant,
    });
    const { traceparent } = traced ?? {};
    const request = runRequest(execution, spec, { files, limits, env: runtime.spec.env, traceparent });
    const { maxRequestBytes } = runs;
    const json = maxRequestBytes === undefined ? undefined : JSON.stringify(request);
    const bytes = json === undefined ? 0 : Buffer.byteLength(json);
    if (maxRequestBytes !== undefined && bytes > maxRequestBytes) {
      const what = `the script, its params and its context have ${bytes} bytes, more than ${maxRequestBytes}`;
      return unstarted(execution, 'LimitsRefused', what);
    }
    const run: Run = {
      runtime: `${namespace}/${name}`,
      request,
      // What is served is written with its own request when it is sent: many of those wait, and each would hold its script until then.
      body: serve === undefined ? json : undefined,
      limits,
      values: neededValues(runtime.spec, spec.env, tenant),
      uid,
      waitMs: Math.min(maxWaitMs, (spec.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000),
      signal,
      serve,
    };
    const ended = await runs.run(run).catch((error: unknown) => {
      traced?.failed(error);
      throw error;
    });
    traced?.ended(ended, namespace);
    const { outcome, podUID: _, ...end } = ended;
    const statusOf = (): ScriptExecutionStatus =>
      finishedStatus(execution, outcome, {
        runDigest: runDigest(spec),
        ...(files.digest === undefined ? {} : { sourceDigest: files.digest }),
        traceID: traced?.traceID,
      });
    return executed(outcome.reason, statusOf, end);
  }

  #runtime(namespace: string, name: string): ScriptRuntime {
    const runtime = this.#parts.runtime({ namespace, name });
    if (runtime === undefined) {
      throw new Refusal('NotFound', `there is no ScriptRuntime "${name}" in namespace "${namespace}"`);
    }
    if (runtime.metadata.deletionTimestamp !== undefined) {
      throw new Refusal('NotFound', `ScriptRuntime "${name}" is being deleted`);
    }
    return runtime;
  }
}

/** @param statusOf makes the status, at most once */
function executed(
  reason: Reason,
  statusOf: () => ScriptExecutionStatus,
  end: Pick<Executed, 'pod' | 'waitMs'>,
): Executed {
  let status: ScriptExecutionStatus | undefined;
  return {
    reason,
    get status() {
      status ??= statusOf();
      return status;
    },
    ...end,
  };
}

/** The status of an execution that its runtime does not admit, as the operator would write it. */
function unstarted(execution: ScriptExecution, reason: 'TenantRefused' | 'LimitsRefused', message: string): Executed {
  const now = new Date();
  const { errorType: type, retryable } = REASONS[reason];
  const error = { type, message, retryable };
  const outcome: OutcomeInput = { reason, error, logs: [], startTime: now, completionTime: now };
  const info = { runDigest: runDigest(execution.spec), attempts: 0 };
  const { startTime: _, ...status } = finishedStatus(execution, outcome, info);
  return { reason, status: status as ScriptExecutionStatus, waitMs: 0 };
}
