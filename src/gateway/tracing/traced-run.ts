import type { SpanRecord } from '../../api/span.ts';
import { newSpanID } from '../../api/span-ids.ts';
import { spansWithin } from '../../cluster/pods/span-check.ts';
import { activeSpan, type RequestSpan } from './request-span.ts';

/** How a run has ended. */
interface EndedRun {
  readonly outcome: { readonly error?: unknown; readonly spans?: readonly SpanRecord[] | undefined };
  /** Its pod, if one ran it. */
  readonly pod?: string;
  readonly podUID?: string;
  /** Until it had a place, in milliseconds. */
  readonly waitMs: number;
}

/** The run of a request, in its trace. */
export class TracedRun {
  /** Trace context for what runs it. */
  readonly traceparent: string;
  readonly #span: RequestSpan;
  readonly #spanID = newSpanID();
  readonly #startMs = Date.now();

  /** Undefined where the request is not traced. */
  static of(identity: Readonly<Record<string, string>>): TracedRun | undefined {
    const span = activeSpan();
    if (span === undefined) return undefined;
    span.identity = { ...span.identity, ...identity };
    return new TracedRun(span);
  }

  private constructor(span: RequestSpan) {
    this.#span = span;
    this.traceparent = span.traceparentOf(this.#spanID);
  }

  get traceID(): string {
    return this.#span.context.traceID;
  }

  /** @param namespace of its pod */
  ended({ outcome, pod, podUID, waitMs }: EndedRun, namespace: string): void {
    const sentMs = this.#startMs + waitMs;
    this.#wait(sentMs);
    this.#span.within({
      name: 'dispatch',
      kind: 'Client',
      spanID: this.#spanID,
      startMs: sentMs,
      endMs: Math.max(sentMs, Date.now()),
      attributes: pod === undefined ? {} : { 'k8s.pod.name': pod },
      error: outcome.error === undefined ? undefined : '',
    });
    const of = pod === undefined || podUID === undefined ? undefined : { namespace, name: pod, uid: podUID };
    for (const span of spansWithin(outcome.spans ?? [], this.#spanID)) this.#span.record(span, of);
  }

  /** No pod has run it. */
  failed(error: unknown): void {
    this.#wait(Date.now(), error instanceof Error ? error.message : '');
  }

  #wait(endMs: number, error?: string): void {
    this.#span.within({ name: 'wait', kind: 'Internal', startMs: this.#startMs, endMs, attributes: {}, error });
  }
}
