/** Weight of the newest measurement. */
const WEIGHT = 0.1;
/** Claims beyond the free VMs, for each VM of a pod, at most. */
const MOST_AHEAD = 2;

/**
 * How many executions are claimed for a pod before it has a free VM, so that a VM that becomes free finds its next run there. A
 * claim is a write to the API server and takes tens of milliseconds under load; a script may take two. Where scripts take longer than
 * claims none is prefetched: a claimed execution cannot go to another pod.
 */
export class Prefetch {
  #claimMs: number | undefined;
  readonly #runMs = new Map<string, number>();

  /** A claim was written in so many milliseconds. */
  claimed(ms: number): void {
    this.#claimMs = smoothed(this.#claimMs, ms);
  }

  /** A run of a runtime took so many milliseconds, from the request to its pod. */
  ran(runtime: string, ms: number): void {
    this.#runMs.set(runtime, smoothed(this.#runMs.get(runtime), ms));
  }

  /** A runtime has no executions: what is known of them is dropped. */
  forget(runtime: string): void {
    this.#runMs.delete(runtime);
  }

  /** Claims that a pod with so many VMs may have beyond those VMs. */
  ahead(runtime: string, capacity: number): number {
    const runMs = this.#runMs.get(runtime);
    if (runMs === undefined || this.#claimMs === undefined) return 0;
    return Math.floor(capacity * Math.min(MOST_AHEAD, this.#claimMs / Math.max(1, runMs)));
  }
}

const smoothed = (before: number | undefined, now: number): number =>
  before === undefined ? now : before + WEIGHT * (now - before);
