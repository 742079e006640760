import { parseRunId, type RunId } from '../../api/pod-protocol.ts';
import { keyOf } from '../kube/object.ts';
import type { KnownPod } from '../pods/known-pod.ts';
import type { PodClient } from '../pods/pod-client.ts';
import type { KnownExecution } from './known-execution.ts';
import { hasEnded } from './next-step.ts';

export interface LeftoversParts {
  readonly client: Pick<PodClient, 'unacknowledged' | 'acknowledge'>;
  readonly findByUID: (uid: string) => KnownExecution | undefined;
  /** Whether this leader waits for that run, or has it to record. */
  readonly isFollowed: (key: string, runID: string) => boolean;
}

/**
 * Outcomes that pods keep and nobody asks for: whoever recorded them ended before it could say so, or their execution is
 * gone. A pod never lets go of an outcome by itself, and takes no runs when it is full of them.
 */
export class Leftovers {
  readonly #parts: LeftoversParts;
  /** Pods that are being seen to. */
  readonly #busy = new Set<string>();

  constructor(parts: LeftoversParts) {
    this.#parts = parts;
  }

  /** Acknowledges what a pod keeps for nobody. Never throws: the pod is asked again soon. */
  async settle({ metadata, address }: KnownPod, bootID: string): Promise<void> {
    const podUID = metadata.uid ?? '';
    if (address === undefined || this.#busy.has(podUID)) return;
    this.#busy.add(podUID);
    const pod = { podUID, bootID, address };
    try {
      for (const id of await this.#parts.client.unacknowledged(pod)) {
        if (this.#isLeftOver(id)) await this.#parts.client.acknowledge(pod, id);
      }
    } catch {
      // asked again when the pod next says how it is
    } finally {
      this.#busy.delete(podUID);
    }
  }

  #isLeftOver(id: string): boolean {
    const run = parseRunId(id);
    if (run === undefined) return false;
    const execution = this.#parts.findByUID(run.uid);
    if (execution !== undefined && this.#parts.isFollowed(keyOf(execution), id)) return false;
    return isSettled(execution, run);
  }
}

/** Whether nothing more will come of a run's outcome: it is recorded, its run is over, or its execution is gone. Pure. */
export function isSettled(execution: KnownExecution | undefined, { run, attempt }: RunId): boolean {
  if (execution === undefined) return true;
  const { status } = execution;
  const current = status.run ?? 1;
  if (current !== run) return current > run;
  if (hasEnded(status)) return true;
  // Claimed: an earlier attempt is over. Not claimed: every attempt that was spent is over.
  return status.claim === undefined ? (status.attempts ?? 0) >= attempt : status.claim.attempt > attempt;
}
