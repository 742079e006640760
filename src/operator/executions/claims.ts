import { MAX_REQUEST_BYTES } from '../../api/pod-protocol.ts';
import { runRequest } from '../../api/run-request.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import type { Sources } from '../../cluster/sources.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Store } from '../../kube/store.ts';
import type { Slots } from '../dispatch/slots.ts';
import type { SlotRequest } from '../dispatch/work.ts';
import type { Attempts } from './attempts.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { ExecutionSpans } from './execution-spans.ts';
import type { ExecutionObserver } from './observer.ts';
import { requeueAfter, SOON } from './requeue.ts';
import type { RunContents } from './run-contents.ts';
import { runtimeKeyOf } from './runtime-of.ts';
import { type UnusableSource, unusableSource } from './source-rules.ts';
import type { StatusWriter } from './status-writer.ts';
import { claimedStatus } from './statuses.ts';

export interface ClaimsParts {
  readonly runtimes: Store<KnownRuntime>;
  readonly slots: Pick<Slots, 'reserve' | 'prefetch'>;
  readonly sources: Sources;
  readonly contents: RunContents;
  readonly writer: StatusWriter;
  readonly attempts: Attempts;
  readonly observer: Pick<ExecutionObserver, 'claimed'>;
  /** Undefined: nothing is traced. */
  readonly spans?: ExecutionSpans | undefined;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly now: () => number;
}

/** The result of a claim: when to reconcile the execution again, or why it can never run. */
export type Claimed = { readonly requeue: ReconcileResult } | { readonly refused: UnusableSource };

/** Claims executions for pods. */
export class Claims {
  readonly #parts: ClaimsParts;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  /**
   * Claims an execution: reserves a slot, builds the request, writes the claim, and only then sends the request. Any
   * failure on the way releases the slot. Returns undefined if there is no slot.
   */
  async claim(key: string, execution: ExecutionProjection, request: SlotRequest): Promise<Claimed | undefined> {
    const { slots, writer, attempts, observer, spans, now } = this.#parts;
    using reservation = new DisposableStack();
    const slot = slots.reserve(request);
    if (slot === undefined) return undefined;
    reservation.use(slot);
    const run = await this.#build(execution, request);
    if ('requeue' in run || 'refused' in run) return run;
    const status = claimedStatus(execution, slot, { sourceDigest: run.sourceDigest, now: new Date(now()) });
    const startMs = now();
    const startedAt = performance.now();
    const written = await writer.write(execution, status);
    slots.prefetch.claimed(performance.now() - startedAt);
    if (written.kind !== 'written') return { requeue: requeueAfter(written) };
    const { object } = written;
    const input = { claim: status.claim, body: run.body, timeoutMs: request.limits.timeoutMs, byUsAlone: true };
    attempts.start(key, object, input, slot);
    reservation.move(); // confirmed: the slot belongs to the attempt
    observer.claimed(object);
    spans?.claimed(execution, status.claim, { startMs, endMs: now() });
    return { requeue: undefined };
  }

  /** Builds the request for the pod. */
  async #build(
    execution: ExecutionProjection,
    { limits }: SlotRequest,
  ): Promise<{ readonly body: string; readonly sourceDigest: string | undefined } | Claimed> {
    const { sources, contents, writer, spans } = this.#parts;
    const runtime = this.#parts.runtimes.get(runtimeKeyOf(execution));
    const files = await sources.read(execution, runtime);
    // It is gone, as the cache will show in a moment.
    if (files === undefined) return { requeue: SOON };
    const unusable = unusableSource(execution, files);
    if (unusable !== undefined) return { refused: unusable };
    const content = contents.get(execution.digest) ?? (await writer.whole(execution))?.spec;
    if (content === undefined) return { requeue: SOON };
    const traceparent = spans?.traceparent(execution, (execution.status.attempts ?? 0) + 1);
    const body = JSON.stringify(runRequest(execution, content, { files, limits, env: runtime?.spec.env, traceparent }));
    const bytes = Buffer.byteLength(body);
    if (bytes <= MAX_REQUEST_BYTES) return { body, sourceDigest: files.digest };
    const message = `the script, its params and its context have ${bytes} bytes, more than ${MAX_REQUEST_BYTES}`;
    return { refused: { reason: 'LimitsRefused', message } };
  }
}
