import { formatRunId } from '../../api/pod-protocol.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { compareResourceVersions } from '../kube/object.ts';
import { Attempt, type AttemptInput, type AttemptParts } from './attempt.ts';
import type { KnownExecution } from './known-execution.ts';
import type { Places } from './places.ts';
import { runtimeKeyOf } from './run-request.ts';

export interface AttemptsParts {
  readonly attempt: Omit<AttemptParts, 'onSettled' | 'now'>;
  /** Milliseconds since the epoch, by the clock that the times in objects go by. */
  readonly now: () => number;
  readonly places: Places;
  /** It is known what has become of an execution's attempt. */
  readonly onSettled: (key: string) => void;
}

/** The attempts that this leader follows: one for each execution that is claimed. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #byKey = new Map<string, Attempt>();
  /** Those that are not over, the abandoned ones too. */
  readonly #running = new Map<Attempt, Promise<void>>();

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

  /** Follows a claimed execution, whose place is held, until it is known what has become of it. */
  start(key: string, execution: ScriptExecution, input: Omit<AttemptInput, 'of' | 'runID'>): void {
    const { places, onSettled, now, attempt: parts } = this.#parts;
    const { metadata, status } = execution;
    const runID = formatRunId({ uid: metadata.uid ?? '', run: status.run ?? 1, attempt: input.claim.attempt });
    const startedAt = performance.now();
    const settled = (): void => {
      if (input.byUsAlone) places.pace.ran(runtimeKeyOf(execution), performance.now() - startedAt);
      if (this.#byKey.get(key) !== attempt) return; // abandoned: its place went then
      onSettled(key);
      places.leave(key); // the VM is free, whatever there is still to write
    };
    const attempt = new Attempt({ ...parts, now, onSettled: settled }, { ...input, of: metadata, runID });
    this.#byKey.set(key, attempt);
    this.#running.set(
      attempt,
      attempt.run().finally(() => this.#running.delete(attempt)),
    );
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

  /** Nobody wants to know any more what becomes of it: it is ended, and forgotten then. */
  abandon(key: string): void {
    const attempt = this.#byKey.get(key);
    if (attempt === undefined) return;
    this.#byKey.delete(key);
    this.#parts.places.leave(key);
    attempt.abandon();
  }

  /** A pod is gone: who waits for its answer does so no longer than a moment. */
  podGone(podUID: string): void {
    for (const attempt of this.#running.keys()) if (attempt.claim.podUID === podUID) attempt.podGone();
  }

  /** Lets go of everything; what runs goes on, for another leader to find. */
  async close(): Promise<void> {
    for (const attempt of this.#running.keys()) attempt.close();
    await Promise.all(this.#running.values());
  }
}

/** Whether this is an attempt's object as it was before it was claimed for it. */
export function isBefore({ metadata }: KnownExecution, { of }: Attempt): boolean {
  const { uid, resourceVersion = '' } = metadata;
  return uid === of.uid && compareResourceVersions(resourceVersion, of.resourceVersion ?? '') < 0;
}

/** Whether an attempt is the one that an execution's status names, or spends next. */
export function isOf({ runID }: Attempt, { metadata, status }: KnownExecution): boolean {
  const { uid = '' } = metadata;
  const { run = 1, claim, attempts = 1 } = status;
  return runID === formatRunId({ uid, run, attempt: claim?.attempt ?? Math.max(1, attempts) });
}
