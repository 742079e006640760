import { RecentCounts } from './recent-counts.ts';

/** Who has no more executions that wait has few. */
const FEW = 4;
/** Who has begun less in the last second than this part of the mean comes seldom, and who has begun less than so many in any case. */
const SELDOM = 0.5;
const ALWAYS_SELDOM = 3;
/** A holder has the right of way for so long at most. */
const HOLD_MS = 100;
/** Once it is claimed, a script that takes longer than this keeps nobody. */
const BRIEF_RUN_MS = 25;
/** A sparse party that has begun something in this time is about: it may create its next at any moment. */
const ABOUT_MS = 3000;
/** While one is about, who has many leaves the server alone for so many times as long as a write took longer than one alone. */
const PAUSE = 2;
const MOST_PAUSE_MS = 100;
/** Others are held for this part of all time at most, of which so much can be saved up: twice as long at a stretch. */
const MOST_HELD = 0.5;
const SAVED_MS = 100;

export interface ContestOptions {
  /** How many executions of a party wait: to be looked at, or for a place. */
  readonly waiting: (party: string) => number;
  /** Those that were held may go; they were held for so long. */
  readonly onHeld: (ms: number) => void;
  /** The same of those who have paused. */
  readonly onPaused: (ms: number) => void;
}

interface Holder {
  readonly party: string;
  readonly until: number;
}

/**
 * Parties that share something. While an execution of a sparse one is claimed, run and recorded, those who have many are held: a
 * turn of its own does not help it where the API server is busy with everybody else's. And what it does before we hear of it,
 * its creates above all, gets the time that they leave between their writes. Sparse is who has few that wait and comes seldom:
 * else those that are served as they come would leave nothing to one that has fallen behind.
 */
export class Contest {
  readonly #options: ContestOptions;
  /** Claims and outcomes that each party has begun. */
  readonly #begun = new RecentCounts();
  readonly #holders = new Map<string, Holder>();
  /** How long others can still be held, at `#at`. */
  #leftMs = SAVED_MS;
  #at = performance.now();
  /** Set while somebody is held: since when, and for how long at most. */
  #held: { readonly since: number; readonly ms: number; readonly timer: NodeJS.Timeout } | undefined;
  /** When each party has last begun something while it was sparse: the one longest ago first. */
  readonly #sparseAt = new Map<string, number>();
  /** Set while those who have many pause. */
  #pause: { readonly since: number; readonly until: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: ContestOptions) {
    this.#options = options;
  }

  /** Nobody has the right of way, and nothing is to be remembered. */
  get isIdle(): boolean {
    const now = performance.now();
    this.#refill(now);
    this.#forgetOld(now);
    const isForgotten = this.#holders.size === 0 && this.#sparseAt.size === 0 && this.#begun.isEmpty;
    return isForgotten && this.#pause === undefined && this.#leftMs === SAVED_MS;
  }

  isSparse(party: string): boolean {
    return !this.#hasMany(party) && this.#begun.of(party) < Math.max(ALWAYS_SELDOM, SELDOM * this.#begun.mean);
  }

  /** An execution is about to be claimed, or its outcome to be recorded. */
  begin(key: string, party: string): void {
    if (this.isSparse(party)) {
      this.#sparseAt.delete(party);
      this.#sparseAt.set(party, performance.now());
      this.#give(key, party, HOLD_MS);
    }
    this.#begun.count(party);
  }

  /** It is claimed, and runs. */
  runs(key: string): void {
    const holder = this.#holders.get(key);
    if (holder === undefined || holder.until <= performance.now()) return;
    this.#give(key, holder.party, BRIEF_RUN_MS);
    this.#free(); // held anew, for as long as it still lasts
  }

  end(key: string): void {
    if (this.#holders.delete(key)) this.#free();
  }

  /**
   * A write for a party took so much longer than one alone. Where the party has many and a sparse one is about, those who have many
   * pause. Gives whether one is about.
   */
  wrote(party: string, longerMs: number): boolean {
    const now = performance.now();
    if (!this.#hasMany(party) || !this.#isSparseAbout(now)) return false;
    const until = now + Math.min(MOST_PAUSE_MS, PAUSE * longerMs);
    if (until > (this.#pause?.until ?? now)) this.#pauseUntil(until, now);
    return true;
  }

  isHeld(party: string): boolean {
    if ((this.#holders.size === 0 && this.#pause === undefined) || !this.#hasMany(party)) return false;
    if (this.#pause !== undefined) return true;
    const now = performance.now();
    for (const holder of this.#holders.values()) {
      if (holder.party === party || holder.until <= now || this.#hasMany(holder.party)) continue;
      return this.#held !== undefined || this.#hold(now);
    }
    return false;
  }

  close(): void {
    this.#holders.clear();
    clearTimeout(this.#held?.timer);
    clearTimeout(this.#pause?.timer);
  }

  #isSparseAbout(now: number): boolean {
    this.#forgetOld(now);
    for (const party of this.#sparseAt.keys()) if (!this.#hasMany(party)) return true;
    return false;
  }

  #hasMany(party: string): boolean {
    return this.#options.waiting(party) > FEW;
  }

  #give(key: string, party: string, lastsMs: number): void {
    const now = performance.now();
    this.#forgetOld(now);
    this.#holders.set(key, { party, until: now + lastsMs });
  }

  #forgetOld(now: number): void {
    for (const [key, { until }] of this.#holders) if (until <= now) this.#holders.delete(key);
    for (const [party, at] of this.#sparseAt) {
      if (at > now - ABOUT_MS) break;
      this.#sparseAt.delete(party);
    }
  }

  /** False where others have been held for long enough. */
  #hold(now: number): boolean {
    this.#refill(now);
    let ms = this.#leftMs / (1 - MOST_HELD);
    if (ms < 1) return false;
    for (const { until } of this.#holders.values()) if (until > now) ms = Math.min(ms, until - now);
    this.#held = { since: now, ms, timer: setTimeout(() => this.#free(), ms) };
    return true;
  }

  #free(): void {
    if (this.#held === undefined) return;
    const { since, ms, timer } = this.#held;
    clearTimeout(timer);
    this.#held = undefined;
    const now = performance.now();
    const heldMs = Math.min(now - since, ms); // our own timer may be late
    this.#refill(now);
    this.#leftMs = Math.max(0, this.#leftMs - heldMs);
    this.#options.onHeld(heldMs);
  }

  #pauseUntil(until: number, now: number): void {
    const since = this.#pause?.since ?? now;
    clearTimeout(this.#pause?.timer);
    this.#pause = { since, until, timer: setTimeout(() => this.#resume(), until - now) };
    this.#free(); // one of the two at a time: it counts once
  }

  #resume(): void {
    if (this.#pause === undefined) return;
    const { since } = this.#pause;
    this.#pause = undefined;
    this.#options.onPaused(performance.now() - since);
  }

  #refill(now: number): void {
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + (now - this.#at) * MOST_HELD);
    this.#at = now;
  }
}
