import { formatRunId } from '../../api/pod-protocol.ts';
import type { Slot, Slots } from '../dispatch/slots.ts';
import { compareResourceVersions } from '../kube/object.ts';
import { Attempt, type AttemptInput, type AttemptParts } from './attempt.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { runtimeKeyOf } from './run-request.ts';
import type { ExecutionTrace } from './trace.ts';

export interface AttemptsParts {
  readonly attempt: Omit<AttemptParts, 'onSettled' | 'now' | 'trace'>;
  /** Milliseconds since the epoch, by the clock that the times in objects go by. */
  readonly now: () => number;
  readonly slots: Pick<Slots, 'adopt' | 'prefetch'>;
  readonly trace: Pick<ExecutionTrace, 'record'>;
  /** It is known what has become of an execution's attempt. */
  readonly onSettled: (key: string) => void;
}

/** The attempts that this leader follows: one for each execution that is claimed, each with its slot. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #byKey = new Map<string, Attempt>();
  /** Those that are not over, the abandoned ones too. */
  readonly #running = new Map<Attempt, Promise<void>>();
  /** Slots of runs that an earlier leader has claimed, until they are followed. */
  readonly #adopted = new Map<string, Slot>();

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The attempt that is followed for an execution. */
  get(key: string): Attempt | undefined {
    return this.#byKey.get(key);
  }

  /** Takes the slot of a run that an earlier leader has claimed, before any is given away. */
  adopt(key: string, execution: ExecutionProjection): void {
    const { claim } = execution.status;
    if (claim !== undefined) this.#adopted.set(key, this.#parts.slots.adopt(runtimeKeyOf(execution), claim));
  }

  /** An execution that was claimed by an earlier leader is not any more. */
  release(key: string): void {
    this.#adopted.get(key)?.[Symbol.dispose]();
    this.#adopted.delete(key);
  }

  /**
   * Follows a claimed execution until it is known what has become of it.
   * @param reserved the slot that the claim was written for; left out: that of an earlier leader's claim
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
      if (this.#byKey.get(key) === attempt) onSettled(key); // else it was abandoned
    };
    const told: AttemptParts['trace'] = (transition, fields) => trace.record(transition, { metadata, status }, fields);
    const attempt = new Attempt({ ...parts, now, onSettled: settled, trace: told }, { ...input, of: metadata, runID });
    const slot = reserved ?? this.#adopted.get(key) ?? slots.adopt(runtime, input.claim);
    this.#adopted.delete(key);
    this.#byKey.set(key, attempt);
    this.#running.set(attempt, this.#run(attempt, slot));
  }

  /** What has become of it is recorded: its pod may forget it. */
  drop(key: string): void {
    this.#byKey.get(key)?.acknowledge();
    this.#byKey.delete(key);
  }

  /** It was never started, and its pod has nothing to forget. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Its outcome is not wanted any more: the run is ended, and forgotten then. */
  abandon(key: string): void {
    this.#byKey.get(key)?.abandon();
    this.#byKey.delete(key);
  }

  /** A pod is gone: requests to it are given a moment for their last answer. */
  podGone(podUID: string): void {
    for (const attempt of this.#running.keys()) if (attempt.claim.podUID === podUID) attempt.podGone();
  }

  /** Lets go of everything; what runs goes on, for another leader to find. */
  async close(): Promise<void> {
    for (const attempt of this.#running.keys()) attempt.close();
    await Promise.all(this.#running.values());
  }

  /** The slot is free when the run has ended, however much there is still to write. */
  async #run(attempt: Attempt, slot: Slot): Promise<void> {
    using _slot = slot;
    await attempt.run();
    this.#running.delete(attempt);
  }
}

/** Whether this is an attempt's object as it was before it was claimed for it. */
export function isBefore({ metadata }: ExecutionProjection, { of }: Attempt): boolean {
  const { uid, resourceVersion = '' } = metadata;
  return uid === of.uid && compareResourceVersions(resourceVersion, of.resourceVersion ?? '') < 0;
}

/** Whether an attempt is the one that an execution's status names, or spends next. */
export function isOf({ runID }: Attempt, { metadata, status }: ExecutionProjection): boolean {
  const { uid = '' } = metadata;
  const { run = 1, claim, attempts = 1 } = status;
  return runID === formatRunId({ uid, run, attempt: claim?.attempt ?? Math.max(1, attempts) });
}
