import { parseRunId, type RunId } from '../../api/pod-protocol.ts';
import { keyOf } from '../kube/object.ts';
import type { KnownPod } from '../pods/known-pod.ts';
import type { PodClient } from '../pods/pod-client.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { isFinished } from './finished.ts';

export interface OrphansParts {
  readonly client: Pick<PodClient, 'unacknowledged' | 'acknowledge'>;
  readonly findByUID: (uid: string) => ExecutionProjection | undefined;
  /** Whether this leader waits for that run, or has it to record. */
  readonly isFollowed: (key: string, runID: string) => boolean;
}

/**
 * An execution that is not in the cache may be there all the same: a new leader's cache can be behind, and then the outcome is
 * wanted. So long it is given to come.
 */
const UNKNOWN_MS = 60_000;

/**
 * Outcomes that pods keep and nobody asks for: whoever recorded them ended before it could say so, or their execution is
 * gone. A pod never lets go of an outcome by itself, and takes no runs when it is full of them.
 */
export class Orphans {
  readonly #parts: OrphansParts;
  /** Pods that are being seen to. */
  readonly #busy = new Set<string>();
  /** Since when outcomes are known of executions that are not, by pod and run. */
  readonly #unknownSince = new Map<string, Map<string, number>>();

  constructor(parts: OrphansParts) {
    this.#parts = parts;
  }

  /** A pod is gone, and what it kept. */
  podGone(podUID: string): void {
    this.#unknownSince.delete(podUID);
  }

  /** Acknowledges what a pod keeps for nobody. Never throws: the pod is asked again soon. */
  async settle({ metadata, address }: KnownPod, bootID: string, signal: AbortSignal): Promise<void> {
    const podUID = metadata.uid ?? '';
    if (address === undefined || this.#busy.has(podUID)) return;
    this.#busy.add(podUID);
    const pod = { podUID, bootID, address };
    try {
      const ids = await this.#parts.client.unacknowledged(pod);
      this.#note(podUID, ids);
      for (const id of ids) {
        if (signal.aborted) return;
        if (this.#isLeftOver(podUID, id)) await this.#parts.client.acknowledge(pod, id);
      }
    } catch {
      // asked again when the pod next says how it is
    } finally {
      this.#busy.delete(podUID);
    }
  }

  /** Keeps since when it is so, of those outcomes of unknown executions that the pod still has. */
  #note(podUID: string, ids: readonly string[]): void {
    const before = this.#unknownSince.get(podUID);
    const unknown = ids.filter((id) => this.#parts.findByUID(parseRunId(id)?.uid ?? '') === undefined);
    const now = performance.now();
    if (unknown.length === 0) this.#unknownSince.delete(podUID);
    else this.#unknownSince.set(podUID, new Map(unknown.map((id) => [id, before?.get(id) ?? now])));
  }

  #isLeftOver(podUID: string, id: string): boolean {
    const run = parseRunId(id);
    if (run === undefined) return false;
    const execution = this.#parts.findByUID(run.uid);
    if (execution === undefined) {
      const since = this.#unknownSince.get(podUID)?.get(id) ?? Number.POSITIVE_INFINITY;
      return performance.now() - since >= UNKNOWN_MS;
    }
    return !this.#parts.isFollowed(keyOf(execution), id) && isSettled(execution, run);
  }
}

/** Whether nothing more will come of a run's outcome: it is recorded, its run is over, or its execution is gone. Pure. */
export function isSettled(execution: ExecutionProjection | undefined, { run, attempt }: RunId): boolean {
  if (execution === undefined) return true;
  const { status } = execution;
  const current = status.run ?? 1;
  if (current !== run) return current > run;
  if (isFinished(status)) return true;
  // Claimed: an earlier attempt is over. Not claimed: every attempt that was spent is over.
  return status.claim === undefined ? (status.attempts ?? 0) >= attempt : status.claim.attempt > attempt;
}
