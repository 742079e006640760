import { formatRunId } from '../../api/pod-protocol.ts';
import { compareResourceVersions } from '../../kube/object.ts';
import type { Slot, Slots } from '../dispatch/slots.ts';
import { Attempt, type AttemptInput, type AttemptParts } from './attempt.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { runtimeKeyOf } from './runtime-of.ts';
import type { ExecutionTrace } from './trace.ts';

export interface AttemptsParts {
  readonly attempt: Omit<AttemptParts, 'onSettled' | 'now' | 'trace'>;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly now: () => number;
  readonly slots: Pick<Slots, 'adopt' | 'prefetch'>;
  readonly trace: Pick<ExecutionTrace, 'record'>;
  /** The result of an execution's attempt is known. */
  readonly onSettled: (key: string) => void;
}

/** The attempts this leader follows: one per claimed execution, with its slot. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #byKey = new Map<string, Attempt>();
  /** Attempts in progress, including abandoned ones. */
  readonly #running = new Map<Attempt, Promise<void>>();
  /** Slots of runs claimed by a former leader, until they are followed. */
  readonly #adopted = new Map<string, Slot>();

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The attempt of an execution. */
  get(key: string): Attempt | undefined {
    return this.#byKey.get(key);
  }

  /** Takes the slot of a run claimed by a former leader, before any slot is reserved. */
  adopt(key: string, execution: ExecutionProjection): void {
    const { claim } = execution.status;
    if (claim !== undefined) this.#adopted.set(key, this.#parts.slots.adopt(runtimeKeyOf(execution), claim));
  }

  /** An execution claimed by a former leader is no longer claimed. */
  release(key: string): void {
    this.#adopted.get(key)?.[Symbol.dispose]();
    this.#adopted.delete(key);
  }

  /**
   * Follows a claimed execution until its result is known.
   * @param reserved the slot of its claim; omitted for a former leader's claim
   */
  start(
    key: string,
    execution: Pick<ExecutionProjection, 'metadata' | 'status'> & Parameters<typeof runtimeKeyOf>[0],
    input: Omit<AttemptInput, 'of' | 'runID'>,
    reserved?: Slot,
  ): void {
    const { slots, onSettled, now, trace, attempt: parts } = this.#parts;
    const { metadata, status } = execution;
    const runtime = runtimeKeyOf(execution);
    const runID = formatRunId({ uid: metadata.uid ?? '', run: status.run ?? 1, attempt: input.claim.attempt });
    const startedAt = performance.now();
    const settled = (): void => {
      if (input.byUsAlone) slots.prefetch.ran(runtime, performance.now() - startedAt);
      if (this.#byKey.get(key) === attempt) onSettled(key); // otherwise it was abandoned
    };
    const told: AttemptParts['trace'] = (transition, fields) => trace.record(transition, { metadata, status }, fields);
    const attempt = new Attempt({ ...parts, now, onSettled: settled, trace: told }, { ...input, of: metadata, runID });
    const slot = reserved ?? this.#adopted.get(key) ?? slots.adopt(runtime, input.claim);
    this.#adopted.delete(key);
    this.#byKey.set(key, attempt);
    this.#running.set(attempt, this.#run(attempt, slot));
  }

  /** Its result is recorded: its pod may drop it. */
  drop(key: string): void {
    this.#byKey.get(key)?.acknowledge();
    this.#byKey.delete(key);
  }

  /** It was never started, and its pod has no outcome of it. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Its outcome is not needed any more: the run is cancelled, then acknowledged. */
  abandon(key: string): void {
    this.#byKey.get(key)?.abandon();
    this.#byKey.delete(key);
  }

  /** A pod is deleted: requests to it get a moment for their last answer. */
  podGone(podUID: string): void {
    for (const attempt of this.#running.keys()) if (attempt.claim.podUID === podUID) attempt.podGone();
  }

  /** Stops all work; the runs continue for the next leader to adopt. */
  async close(): Promise<void> {
    for (const attempt of this.#running.keys()) attempt.close();
    await Promise.all(this.#running.values());
  }

  /** The slot is released when the run is finished, whatever remains to be written. */
  async #run(attempt: Attempt, slot: Slot): Promise<void> {
    using _slot = slot;
    await attempt.run();
    this.#running.delete(attempt);
  }
}

/** Whether this is an attempt's object as it was before the claim. */
export function isBefore({ metadata }: ExecutionProjection, { of }: Attempt): boolean {
  const { uid, resourceVersion = '' } = metadata;
  return uid === of.uid && compareResourceVersions(resourceVersion, of.resourceVersion ?? '') < 0;
}

/** Whether an attempt is the current or next one of an execution's status. */
export function isOf({ runID }: Attempt, { metadata, status }: ExecutionProjection): boolean {
  const { uid = '' } = metadata;
  const { run = 1, claim, attempts = 1 } = status;
  return runID === formatRunId({ uid, run, attempt: claim?.attempt ?? Math.max(1, attempts) });
}
