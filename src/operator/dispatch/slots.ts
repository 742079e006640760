import { EventEmitter } from 'node:events';
import type { ExecutionClaim } from '../../api/types.generated.ts';
import { Counts, type ReadonlyCounts } from '../../cluster/counts.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import { isSuitable } from '../../cluster/pods/suitable-pod.ts';
import { Prefetch } from './prefetch.ts';
import type { SlotRequest } from './work.ts';

/** The pod of a claim. */
export type ClaimedPod = Pick<ExecutionClaim, 'podName' | 'podUID' | 'bootID'>;

/** A VM of a pod, for one run. It is taken until it is disposed. */
export interface Slot extends ClaimedPod, Disposable {}

/**
 * The VMs of the pods as slots: reserved before a claim is written, and released when the run is finished. Emits
 * `released` with the run's ScriptRuntime and the pod's uid, and `free` when there may be a free slot.
 */
export class Slots extends EventEmitter<{ released: [runtime: string, podUID: string]; free: [] }> {
  readonly prefetch = new Prefetch();
  readonly #serving: (runtime: string) => Iterable<ServingPod>;
  readonly #taken = { byRuntime: new Counts(), byPod: new Counts() };
  /** Slots that are taken, by the key of the run's ScriptRuntime and by the uid of the pod. */
  readonly taken: Readonly<Record<'byRuntime' | 'byPod', ReadonlyCounts>> = this.#taken;
  /** Runtimes that have had no free slot since a slot became free: with thousands of them, each costs one check. */
  readonly #full = new Set<string>();

  /** @param serving returns the pods that accept runs of a ScriptRuntime */
  constructor(serving: (runtime: string) => Iterable<ServingPod>) {
    super();
    this.#serving = serving;
  }

  hasFree(request: SlotRequest): boolean {
    if (this.#full.has(request.runtime)) return false;
    const isFree = this.#freest(request) !== undefined;
    // If only some pods fit, another request may still find a slot.
    if (!isFree && request.fits === 'all') this.#full.add(request.runtime);
    return isFree;
  }

  /** Reserves a slot on the pod with the most free slots; undefined if there is none. */
  reserve(request: SlotRequest): Slot | undefined {
    const pod = this.#freest(request);
    return pod && this.adopt(request.runtime, { podName: pod.name, podUID: pod.uid, bootID: pod.bootID });
  }

  /** Takes a slot of this pod, regardless of its free slots: for a run that is already claimed. */
  adopt(runtime: string, { podName, podUID, bootID }: ClaimedPod): Slot {
    const { byRuntime, byPod } = this.#taken;
    byRuntime.add(runtime, 1);
    byPod.add(podUID, 1);
    const release = new DisposableStack(); // disposed twice, it releases once
    release.defer(() => {
      byRuntime.add(runtime, -1);
      byPod.add(podUID, -1);
      if (byRuntime.of(runtime) === 0) this.prefetch.forget(runtime);
      this.emit('released', runtime, podUID);
      this.podsChanged(); // its pod may be another runtime's by now
    });
    return { podName, podUID, bootID, [Symbol.dispose]: () => release.dispose() };
  }

  /** The serving pods, or their free slots, have changed. */
  podsChanged(): void {
    this.#full.clear();
    this.emit('free');
  }

  /** The pod with the most free slots among those that suit it. */
  #freest(request: SlotRequest): ServingPod | undefined {
    const { runtime } = request;
    let best: ServingPod | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const pod of this.#serving(runtime)) {
      const free = pod.capacity - this.taken.byPod.of(pod.uid);
      if (free <= most || free + this.prefetch.ahead(runtime, pod.capacity) <= 0 || !isSuitable(pod, request)) continue;
      most = free;
      best = pod;
    }
    return best;
  }
}
