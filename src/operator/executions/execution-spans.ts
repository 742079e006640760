import { clip, succeededCondition } from '../../api/conditions.ts';
import { tenantOf } from '../../api/defaults.ts';
import { attemptSpanID, type RunTrace, runTrace } from '../../api/execution-trace.ts';
import { type Attributes, MAX_SPAN_ERROR, type SpanRecord } from '../../api/span.ts';
import { newSpanID } from '../../api/span-ids.ts';
import { formatTraceparent } from '../../api/trace-context.ts';
import type { ExecutionClaim, ScriptExecution } from '../../api/types.generated.ts';
import { spansWithin } from '../../cluster/pods/span-check.ts';
import type { Tracing } from '../../tracing/tracing.ts';
import type { Attempt } from './attempt.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { waitingSince } from './waiting.ts';

/** A span of the operator, in milliseconds since the epoch. */
interface Times {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The spans of executions: each run is one, from the creation of its object to its recorded outcome, with its waits, claims and attempts
 * in it. Spans of a pod come with its outcome, and are sent from here with their namespace and pod.
 */
export class ExecutionSpans {
  readonly #tracing: Tracing;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Id of the trace of a run. */
  traceID(execution: ExecutionProjection, run: number): string {
    return this.#traceOf(execution, run).traceID;
  }

  /** The trace context of an attempt, for its pod. */
  traceparent(execution: ExecutionProjection, attempt: number): string {
    const { uid = '' } = execution.metadata;
    const { run = 1 } = execution.status;
    const trace = this.#traceOf(execution, run);
    const spanID = attemptSpanID(uid, run, attempt);
    return formatTraceparent({ traceID: trace.traceID, spanID, isSampled: this.#isSampled(trace) });
  }

  /** It has been claimed, as the object was before. */
  claimed(execution: ExecutionProjection, { podName, attempt }: ExecutionClaim, { startMs, endMs }: Times): void {
    const since = waitingSince(execution, startMs);
    const attributes = { 'copepod.attempt': attempt };
    this.#record(execution, { name: 'wait', attributes, startMs: since, endMs: startMs });
    this.#record(execution, { name: 'claim', attributes: { ...attributes, 'k8s.pod.name': podName }, startMs, endMs });
  }

  /**
   * An attempt is over.
   * @param error why its pod has not run the script to its end; undefined: it has
   * @param spans of its pod
   */
  attempted(
    execution: ExecutionProjection,
    { of, claim, startedMs, settledMs = startedMs }: Pick<Attempt, 'of' | 'claim' | 'startedMs' | 'settledMs'>,
    { error, spans = [] }: { readonly error?: string | undefined; readonly spans?: readonly SpanRecord[] | undefined },
  ): void {
    const { podName, podUID, attempt } = claim;
    const { run = 1 } = execution.status;
    const spanID = attemptSpanID(of.uid ?? '', run, attempt);
    const attributes = { 'copepod.attempt': attempt, 'k8s.pod.name': podName };
    const failure = error === undefined ? {} : { error };
    const times = { startMs: startedMs, endMs: settledMs };
    const recorded = this.#record(execution, {
      name: 'dispatch',
      kind: 'Client',
      spanID,
      attributes,
      ...times,
      ...failure,
    });
    if (recorded === undefined) return;
    const pod = { namespace: execution.metadata.namespace, name: podName, uid: podUID };
    for (const span of spansWithin(spans, spanID)) this.#tracing.record({ ...recorded, span, pod });
  }

  /**
   * A run has ended, and it is recorded how.
   * @param written the object with its outcome; undefined: what is run has changed meanwhile
   */
  ended(execution: ExecutionProjection, written: ScriptExecution | undefined, now: number): void {
    const { run = 1 } = written?.status ?? execution.status;
    const { rootID, parent } = this.#traceOf(execution, run);
    const { status = '', reason = 'Superseded', message = '' } = (written && succeededCondition(written.status)) ?? {};
    const hasFailed = status === 'False';
    this.#record(
      execution,
      {
        name: `execute ${execution.spec.runtimeRef.name}`,
        spanID: rootID,
        parentSpanID: parent?.spanID,
        startMs: Math.min(startOf(execution, run), now),
        endMs: now,
        attributes: {
          'copepod.reason': reason,
          'copepod.attempts': written?.status.attempts ?? 0,
          ...(hasFailed ? { 'error.type': reason } : {}),
        },
        ...(hasFailed ? { error: clip(message, MAX_SPAN_ERROR) } : {}),
      },
      run,
    );
  }

  /** @returns what other spans of the run are recorded with; undefined: it is not recorded */
  #record(
    execution: ExecutionProjection,
    span: Times &
      Partial<Omit<SpanRecord, 'parentSpanID'>> & { readonly name: string; readonly parentSpanID?: string | undefined },
    run = execution.status.run ?? 1,
  ): { readonly traceID: string; readonly identity: Attributes } | undefined {
    const trace = this.#traceOf(execution, run);
    if (!this.#isSampled(trace)) return undefined;
    const { traceID, rootID } = trace;
    const identity = identityOf(execution, run);
    const { parentSpanID, spanID = newSpanID(), ...rest } = { parentSpanID: rootID, ...span };
    const within = parentSpanID === undefined ? {} : { parentSpanID };
    this.#tracing.record({
      traceID,
      identity,
      span: { kind: 'Internal', attributes: {}, ...rest, spanID, ...within },
    });
    return { traceID, identity };
  }

  #traceOf({ metadata, trace }: ExecutionProjection, run: number): RunTrace {
    return runTrace(metadata.uid ?? '', run, trace);
  }

  #isSampled({ traceID, parent }: RunTrace): boolean {
    return this.#tracing.isSampled(traceID, parent);
  }
}

/** A later run begins when what is run has changed, which nothing keeps: its claim is what is known. */
function startOf({ metadata, status }: ExecutionProjection, run: number): number {
  const first =
    run === 1 ? metadata.creationTimestamp : (status.attemptHistory?.[0]?.startTime ?? status.claim?.claimTime);
  const startMs = Date.parse(first ?? '');
  return Number.isFinite(startMs) ? startMs : Number.POSITIVE_INFINITY;
}

const identityOf = (execution: ExecutionProjection, run: number): Attributes => ({
  'k8s.namespace.name': execution.metadata.namespace,
  'copepod.execution.name': execution.metadata.name,
  'copepod.execution.uid': execution.metadata.uid ?? '',
  'copepod.execution.run': run,
  'copepod.runtime.name': execution.spec.runtimeRef.name,
  'copepod.tenant.id': tenantOf(execution),
});
