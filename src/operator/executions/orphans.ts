import { parseRunId, type RunId } from '../../api/pod-protocol.ts';
import type { KnownPod } from '../../cluster/pods/known-pod.ts';
import type { PodClient } from '../../cluster/pods/pod-client.ts';
import { keyOf } from '../../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { isFinished } from './finished.ts';

export interface OrphansParts {
  readonly client: Pick<PodClient, 'unacknowledged' | 'acknowledge'>;
  readonly findByUID: (uid: string) => ExecutionProjection | undefined;
  /** Whether this leader waits for the outcome of the run, or has it to record. */
  readonly isFollowed: (key: string, runID: string) => boolean;
}

/**
 * Grace period of outcomes without a cached execution: a new leader's cache can be behind, and then the outcome is
 * needed.
 */
const UNKNOWN_MS = 60_000;

/**
 * Acknowledges outcomes that no attempt will fetch: their recorder failed before the acknowledgement, or their
 * execution is deleted. A pod never drops an outcome by itself, and refuses runs when it is full.
 */
export class Orphans {
  readonly #parts: OrphansParts;
  /** Pods in progress. */
  readonly #busy = new Set<string>();
  /** When an outcome of an unknown execution was first seen, by pod and run. */
  readonly #unknownSince = new Map<string, Map<string, number>>();

  constructor(parts: OrphansParts) {
    this.#parts = parts;
  }

  /** The pod and its outcomes are gone. */
  podGone(podUID: string): void {
    this.#unknownSince.delete(podUID);
  }

  /** Acknowledges the orphans of a pod. Never throws: it is repeated soon. */
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
      // retried with the pod's next stats
    } finally {
      this.#busy.delete(podUID);
    }
  }

  /** Keeps the first-seen times of outcomes that the pod still has. */
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

/** Whether a run's outcome is settled: it is recorded, its run is over, or its execution is deleted. Pure. */
export function isSettled(execution: ExecutionProjection | undefined, { run, attempt }: RunId): boolean {
  if (execution === undefined) return true;
  const { status } = execution;
  const current = status.run ?? 1;
  if (current !== run) return current > run;
  if (isFinished(status)) return true;
  // Claimed: earlier attempts are over. Not claimed: all counted attempts are over.
  return status.claim === undefined ? (status.attempts ?? 0) >= attempt : status.claim.attempt > attempt;
}
