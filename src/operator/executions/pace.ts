/** Weight of the newest measurement. */
const WEIGHT = 0.1;
/** Claims under way beyond the free VMs, for each VM, at most. */
const MOST_AHEAD = 2;

/**
 * How long claims and runs take, so that a VM that becomes free finds its next run at the pod. A claim is a write to the API
 * server and takes tens of milliseconds where many are under way; a script may take two. Where scripts take longer than
 * claims nothing is claimed ahead: what is claimed can't go to another pod any more.
 */
export class Pace {
  #claimMs: number | undefined;
  readonly #runMs = new Map<string, number>();

  /** A claim was written in so many milliseconds. */
  claimed(ms: number): void {
    this.#claimMs = smoothed(this.#claimMs, ms);
  }

  /** A run of a runtime took so many milliseconds, from when its pod was told. */
  ran(runtime: string, ms: number): void {
    this.#runMs.set(runtime, smoothed(this.#runMs.get(runtime), ms));
  }

  /** Nothing is known of a runtime that has nothing to do. */
  forget(runtime: string): void {
    this.#runMs.delete(runtime);
  }

  /** How many claims can be under way for a pod with so many VMs beyond those that are free. */
  ahead(runtime: string, capacity: number): number {
    const runMs = this.#runMs.get(runtime);
    if (runMs === undefined || this.#claimMs === undefined) return 0;
    return Math.floor(capacity * Math.min(MOST_AHEAD, this.#claimMs / Math.max(1, runMs)));
  }
}

const smoothed = (before: number | undefined, now: number): number =>
  before === undefined ? now : before + WEIGHT * (now - before);
