/** A holder has it for so long at most. */
export const HOLD_MS = 100;
/** Others are held for this part of all time at most, of which so much can be saved up: twice as long at a stretch. */
const MOST_HELD = 0.5;
const SAVED_MS = 100;

export interface ContestOptions {
  /** Whether a party has many executions to be looked at. */
  readonly hasMany: (party: string) => boolean;
  /** Those that were held may go; they were held for so long. */
  readonly onFree: (heldMs: number) => void;
}

interface Holder {
  readonly party: string;
  readonly until: number;
}

/** Parties that share something: while one of few has the right of way, those of many are held. */
export class Contest {
  readonly #options: ContestOptions;
  readonly #holders = new Map<string, Holder>();
  /** How long others can still be held, at `#at`. */
  #leftMs = SAVED_MS;
  #at = performance.now();
  /** Set while somebody is held: since when, and for how long at most. */
  #held: { readonly since: number; readonly ms: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: ContestOptions) {
    this.#options = options;
  }

  /** Nobody has the right of way, and nothing is to be remembered. */
  get isIdle(): boolean {
    this.#refill(performance.now());
    return this.#holders.size === 0 && this.#leftMs === SAVED_MS;
  }

  begin(key: string, party: string, lastsMs: number): void {
    const now = performance.now();
    for (const [other, { until }] of this.#holders) if (until <= now) this.#holders.delete(other);
    this.#holders.set(key, { party, until: now + lastsMs });
  }

  end(key: string): void {
    if (this.#holders.delete(key)) this.#free();
  }

  isHeld(party: string): boolean {
    if (this.#holders.size === 0 || !this.#options.hasMany(party)) return false;
    const now = performance.now();
    for (const holder of this.#holders.values()) {
      if (holder.party === party || holder.until <= now || this.#options.hasMany(holder.party)) continue;
      return this.#held !== undefined || this.#hold(now);
    }
    return false;
  }

  close(): void {
    this.#holders.clear();
    clearTimeout(this.#held?.timer);
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
    this.#options.onFree(heldMs);
  }

  #refill(now: number): void {
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + (now - this.#at) * MOST_HELD);
    this.#at = now;
  }
}
