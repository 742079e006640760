import { hasValues, valuesProblem } from '../../cluster/pods/pod-values.ts';
import { hasLimits, type ServingPod } from '../../cluster/pods/serving-pod.ts';
import { addCount } from './count.ts';
import { Prefetch } from './prefetch.ts';
import type { SlotRequest } from './work.ts';

/** A VM of a pod, for one run. It is taken until it is disposed. */
export interface Slot extends Disposable {
  readonly podName: string;
  readonly podUID: string;
  readonly bootID: string;
}

/** Callbacks of the slots. */
export interface SlotsHandler {
  /** A slot has become free. */
  readonly onFree: () => void;
  /** No slot of a pod is taken any more. */
  readonly onIdle: (runtime: string, podUID: string) => void;
}

/** The VMs of the pods as slots: reserved before a claim is written, and released when the run is finished. */
export class Slots {
  readonly prefetch = new Prefetch();
  readonly #serving: (runtime: string) => Iterable<ServingPod>;
  #handler: SlotsHandler | undefined;
  readonly #takenByPod = new Map<string, number>();
  readonly #takenByRuntime = new Map<string, number>();
  /** Runtimes without a free slot since their last check: with thousands of them, each costs one check. */
  readonly #full = new Set<string>();

  /** @param serving returns the pods that accept runs of a ScriptRuntime */
  constructor(serving: (runtime: string) => Iterable<ServingPod>) {
    this.#serving = serving;
  }

  /** Sets the callbacks. */
  handle(handler: SlotsHandler): void {
    this.#handler = handler;
  }

  /** Runs of a runtime that have a slot. */
  takenOf(runtime: string): number {
    return this.#takenByRuntime.get(runtime) ?? 0;
  }

  /** Runs that have a slot on a pod. */
  takenOn(podUID: string): number {
    return this.#takenByPod.get(podUID) ?? 0;
  }

  /** Whether a pod of a runtime has a VM with nothing to do; prefetched claims are no such VM. */
  hasIdle(runtime: string): boolean {
    for (const { uid, capacity } of this.#serving(runtime)) if (this.takenOn(uid) < capacity) return true;
    return false;
  }

  /** How many of a runtime's serving pods have at least these limits, and these values; all where it has no pod. */
  fits(runtime: string, needed: Omit<SlotRequest, 'runtime' | 'fits'>): SlotRequest['fits'] {
    const fit = new Set<boolean>();
    for (const pod of this.#serving(runtime)) fit.add(isSuitable(pod, needed));
    if (!fit.has(false)) return 'all';
    return fit.has(true) ? 'some' : 'none';
  }

  /** Why no serving pod has the values that a run needs, as a sentence; undefined if one has. */
  missingValues({ runtime, values }: SlotRequest): string | undefined {
    return valuesProblem(this.#serving(runtime), values);
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
    const unblock = (): unknown => this.#full.delete(request.runtime);
    return pod && this.#take(request.runtime, { podName: pod.name, podUID: pod.uid, bootID: pod.bootID }, unblock);
  }

  /** Takes the slot of a run that is already claimed, regardless of the pod's free slots. */
  adopt(runtime: string, pod: Omit<Slot, keyof Disposable>): Slot {
    // The pod may belong to another runtime by now.
    return this.#take(runtime, pod, () => this.#full.clear());
  }

  /** The serving pods have changed. */
  podsChanged(): void {
    this.#full.clear();
    this.#handler?.onFree();
  }

  #take(runtime: string, { podName, podUID, bootID }: Omit<Slot, keyof Disposable>, unblock: () => unknown): Slot {
    const count = (change: 1 | -1): void => {
      addCount(this.#takenByPod, podUID, change);
      addCount(this.#takenByRuntime, runtime, change);
    };
    let isTaken = true;
    count(1);
    const release = (): void => {
      if (!isTaken) return;
      isTaken = false;
      count(-1);
      if (this.takenOf(runtime) === 0) this.prefetch.forget(runtime);
      if (this.takenOn(podUID) === 0) this.#handler?.onIdle(runtime, podUID);
      unblock();
      this.#handler?.onFree();
    };
    return { podName, podUID, bootID, [Symbol.dispose]: release };
  }

  /** The pod with the most free slots among those that suit it. */
  #freest({ runtime, ...needed }: SlotRequest): ServingPod | undefined {
    let best: ServingPod | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const pod of this.#serving(runtime)) {
      const free = pod.capacity - this.takenOn(pod.uid);
      if (free <= most || free + this.prefetch.ahead(runtime, pod.capacity) <= 0 || !isSuitable(pod, needed)) continue;
      most = free;
      best = pod;
    }
    return best;
  }
}

/** Whether a pod has all that a run needs. */
const isSuitable = (pod: ServingPod, { limits, values }: Pick<SlotRequest, 'limits' | 'values'>): boolean =>
  hasLimits(pod, limits) && hasValues(pod, values);
