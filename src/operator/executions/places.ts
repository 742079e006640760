import type { ServingPod } from '../pods/pod-directory.ts';
import { add } from './count.ts';
import { FairQueue, type Waiting } from './fair-queue.ts';
import { Pace } from './pace.ts';

/** A place on a pod, for one run. */
export interface Place {
  readonly podName: string;
  readonly podUID: string;
  readonly bootID: string;
}

export interface PlacesOptions {
  /** The pods that take runs of a runtime. */
  readonly serving: (runtime: string) => Iterable<ServingPod>;
  /** A place is kept for an execution that waits: it is to take it, or to leave. */
  readonly onGranted: (key: string) => void;
  /** Nothing has a place on a pod any more. */
  readonly onIdle?: (runtime: string, podUID: string) => void;
}

interface Granted {
  readonly to: Waiting;
  readonly place: Place;
}

interface Holder {
  readonly podUID: string;
  readonly runtime: string;
  /** As another leader has it: its runtime may be another than its pod's by now. */
  readonly isJoined: boolean;
}

/**
 * Places that are kept for executions and not taken yet. Few, so that who is next is decided when it can be acted upon:
 * one that comes later takes its turn before those who merely came first. A tenant that has none of them gets one beyond.
 */
const MAX_GRANTED = 16;
/** A line in which nobody has moved for so long stands still. */
const MOVING_MS = 1000;

/** Which execution gets which place: the pod with the most free VMs, in fair turns. */
export class Places {
  /** Told how long claims and runs take. */
  readonly pace = new Pace();
  readonly #options: PlacesOptions;
  readonly #queue = new FairQueue();
  /** Kept for, and not taken yet. */
  readonly #granted = new Map<string, Granted>();
  readonly #grantedByRuntime = new Map<string, number>();
  /** Executions that have a place, with their pod: the granted ones too. */
  readonly #holders = new Map<string, Holder>();
  readonly #usedByPod = new Map<string, number>();
  readonly #usedByRuntime = new Map<string, number>();
  /** Runtimes that had no place when we last looked: none has come since. So many of them cost no look each. */
  readonly #full = new Set<string>();
  /** When a place of a runtime was last given out, by our steady clock. */
  readonly #grantedAt = new Map<string, number>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** How many wait for a runtime. */
  waiting(runtime: string): number {
    return this.#queue.count(runtime);
  }

  /** How many of a namespace wait, or of a tenant of it. */
  waitingOf(namespace: string, tenant?: string): number {
    return this.#queue.countOf(namespace, tenant);
  }

  /**
   * How many executions a runtime has to do with: those on pods and, where no VM is free, those that wait for one. Where one is
   * free they wait for us, and more pods would not help.
   */
  demand(runtime: string): number {
    return this.running(runtime) + (this.isShort(runtime) ? this.waiting(runtime) : 0);
  }

  /** Whether executions wait for a runtime because it has no free VM. */
  isShort(runtime: string): boolean {
    return this.waiting(runtime) > 0 && this.#freest(runtime, 0) === undefined;
  }

  /** How many run, or are about to, on pods of a runtime. */
  running(runtime: string): number {
    return this.#usedByRuntime.get(runtime) ?? 0;
  }

  /** How many have a place on a pod. */
  runsOn(podUID: string): number {
    return this.#usedByPod.get(podUID) ?? 0;
  }

  /** Whether a place is kept for an execution, which it has not taken yet. */
  isGranted(key: string): boolean {
    return this.#granted.has(key);
  }

  /** Whether an execution waits in a line that moves: a place of its runtime is kept for another, or was just now. */
  isMoving(key: string): boolean {
    const runtime = this.#queue.get(key)?.runtime;
    if (runtime === undefined) return false;
    if (this.#grantedByRuntime.has(runtime)) return true;
    const at = this.#grantedAt.get(runtime);
    return at !== undefined && performance.now() - at < MOVING_MS;
  }

  get waitingInAll(): number {
    return this.#queue.size;
  }

  /** The place that is kept for an execution; undefined: it waits in turn. */
  ask(item: Waiting): Place | undefined {
    const granted = this.#granted.get(item.key)?.place;
    if (granted !== undefined && this.#isOpen(item.runtime, granted)) return granted;
    // Whoever waits has no place: neither one that is closed, nor one that it had taken and, as it seems, lost again.
    this.#release(item.key);
    this.#queue.set(item);
    this.#giveOut(item.key);
    if (this.#queue.has(item.key) && !this.#hasGranted(item) && this.#hasPlace(item.runtime)) {
      this.#queue.delete(item.key);
      this.#grant(item);
    }
    return this.#granted.get(item.key)?.place;
  }

  /** It has taken its place: written down, and the pod gets it. */
  taken(key: string): void {
    if (this.#endGrant(key)) this.#giveOut();
  }

  /** It runs there already, as an earlier leader has it, or a write of ours that seemed to fail: no other place is kept for it. */
  hold(key: string, podUID: string, runtime: string): void {
    const wasGranted = this.#granted.has(key) && this.#release(key);
    if (this.#holders.has(key)) return;
    this.#queue.delete(key);
    this.#occupy(key, { podUID, runtime, isJoined: true });
    if (wasGranted) this.#giveOut();
  }

  /** It waits no more and holds no place. */
  leave(key: string): void {
    this.#queue.delete(key);
    if (this.#release(key)) this.#giveOut();
  }

  /** The pods that take runs have changed: gives out what places there are. */
  pump(): void {
    this.#full.clear();
    this.#giveOut();
  }

  /** The holder of `asking` is not told: it asks right now. */
  #giveOut(asking?: string): void {
    while (this.#granted.size < MAX_GRANTED) {
      const next = this.#queue.take((runtime) => this.#hasPlace(runtime));
      if (next === undefined) return;
      this.#grant(next);
      if (next.key !== asking) this.#options.onGranted(next.key);
    }
  }

  /** The runtime has a place. */
  #grant(to: Waiting): void {
    const { name, uid, bootID } = this.#freest(to.runtime) as ServingPod;
    this.#occupy(to.key, { podUID: uid, runtime: to.runtime, isJoined: false });
    this.#grantedAt.set(to.runtime, performance.now());
    this.#granted.set(to.key, { to, place: { podName: name, podUID: uid, bootID } });
    add(this.#grantedByRuntime, to.runtime, 1);
  }

  /** A place that was kept is taken, or given up. */
  #endGrant(key: string): boolean {
    const granted = this.#granted.get(key);
    if (granted === undefined) return false;
    this.#granted.delete(key);
    add(this.#grantedByRuntime, granted.to.runtime, -1);
    return true;
  }

  #hasGranted({ namespace, tenant }: Waiting): boolean {
    for (const { to } of this.#granted.values()) if (to.namespace === namespace && to.tenant === tenant) return true;
    return false;
  }

  #hasPlace(runtime: string): boolean {
    if (this.#full.has(runtime)) return false;
    const hasPlace = this.#freest(runtime) !== undefined;
    if (!hasPlace) this.#full.add(runtime);
    return hasPlace;
  }

  /** The pod with the most free VMs, or with the fewest claims ahead of them where that many are allowed. */
  #freest(runtime: string, mostAhead = Number.POSITIVE_INFINITY): ServingPod | undefined {
    let best: ServingPod | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const pod of this.#options.serving(runtime)) {
      const free = pod.capacity - this.runsOn(pod.uid);
      const ahead = Math.min(mostAhead, this.pace.ahead(runtime, pod.capacity));
      if (free + ahead > 0 && free > most) {
        most = free;
        best = pod;
      }
    }
    return best;
  }

  #isOpen(runtime: string, { podUID, bootID }: Place): boolean {
    for (const pod of this.#options.serving(runtime)) if (pod.uid === podUID && pod.bootID === bootID) return true;
    return false;
  }

  #occupy(key: string, holder: Holder): void {
    this.#holders.set(key, holder);
    add(this.#usedByPod, holder.podUID, 1);
    add(this.#usedByRuntime, holder.runtime, 1);
  }

  #release(key: string): boolean {
    const holder = this.#holders.get(key);
    if (holder === undefined) return false;
    this.#endGrant(key);
    this.#holders.delete(key);
    if (holder.isJoined) this.#full.clear();
    else this.#full.delete(holder.runtime);
    add(this.#usedByPod, holder.podUID, -1);
    add(this.#usedByRuntime, holder.runtime, -1);
    if (!this.#usedByRuntime.has(holder.runtime) && this.#queue.count(holder.runtime) === 0) {
      this.#grantedAt.delete(holder.runtime);
      this.pace.forget(holder.runtime);
    }
    if (this.runsOn(holder.podUID) === 0) this.#options.onIdle?.(holder.runtime, holder.podUID);
    return true;
  }
}
