/** Weight of the newest measurement. */
const WEIGHT = 0.1;
/** Maximum number of prefetched claims per VM of a pod. */
const MOST_AHEAD = 2;

/**
 * How many executions are claimed for a pod before one of its VMs is free, so that a VM finds its next run at once. A
 * claim is a write to the API server and takes tens of milliseconds under load; a script may take two. No claims are
 * prefetched if scripts take longer than claims: a claimed execution cannot move to another pod.
 */
export class Prefetch {
  #claimMs: number | undefined;
  readonly #runMs = new Map<string, number>();

  /** Records the duration of a claim, in milliseconds. */
  claimed(ms: number): void {
    this.#claimMs = smoothed(this.#claimMs, ms);
  }

  /** Records the duration of a run of a runtime, from the request to its pod, in milliseconds. */
  ran(runtime: string, ms: number): void {
    this.#runMs.set(runtime, smoothed(this.#runMs.get(runtime), ms));
  }

  /** The runtime has no executions: drops its measurements. */
  forget(runtime: string): void {
    this.#runMs.delete(runtime);
  }

  /** Maximum number of claims for a pod with this capacity, beyond its VMs. */
  ahead(runtime: string, capacity: number): number {
    const runMs = this.#runMs.get(runtime);
    if (runMs === undefined || this.#claimMs === undefined) return 0;
    return Math.floor(capacity * Math.min(MOST_AHEAD, this.#claimMs / Math.max(1, runMs)));
  }
}

const smoothed = (before: number | undefined, now: number): number =>
  before === undefined ? now : before + WEIGHT * (now - before);
