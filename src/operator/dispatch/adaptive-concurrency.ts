/** A concurrency limit, and its seats: see `Seats`. */
export type Concurrency = Pick<AdaptiveConcurrency, 'limit' | 'reserved' | 'most'>;

/**
 * Tolerated ratio of a request's duration to that of a single request; the default of Netflix's Gradient2 limit. At two,
 * other clients wait longer for an API server of two cores, and nothing is gained: see bench/measurements/overload.md.
 */
const TOLERANCE = 1.5;
/** Number of requests per decision. */
const WINDOW = 24;
/** Maximum change per decision. */
const [MOST_DOWN, MOST_UP] = [0.5, 1.5];
/** Number of single requests (without another in flight) whose median is the baseline. */
const ALONE = 9;
/** The minimum of the baselines of this time counts, so that load from other clients does not raise it. */
const REMEMBERED_MS = 300_000;
/** Without a new baseline for this long, and under load, one is probed for. */
const PROBE_EVERY_MS = 30_000;

/**
 * Limits requests in flight to what the server executes in parallel: more only increase latency, for all clients.
 * Compares the duration of requests with the baseline of single requests, and raises the limit while the ratio is below
 * `TOLERANCE`. After the gradient controller of Envoy's adaptive concurrency filter, which limits a server where this limits a
 * client.
 */
export class AdaptiveConcurrency {
  /** Upper bound of the limit. */
  readonly most: number;
  #limit: number;
  #started = 0;
  #open = 0;
  #mostOpen = 0;
  /** Durations in milliseconds since the last decision. */
  #window: number[] = [];
  /** Durations of single requests since the last baseline. */
  #alone: number[] = [];
  /** Medians of `#alone`, the newest last. */
  #floors: { readonly at: number; readonly ms: number }[] = [];
  /** Requests finished in the current probe; undefined: no probe. */
  #probed: number | undefined;

  constructor({ most = 32, initial = 4 } = {}) {
    this.most = most;
    this.#limit = initial;
  }

  /** The current limit. */
  get limit(): number {
    return this.#probed === undefined ? Math.floor(this.#limit) : 1;
  }

  /** Additional reserved seats: none during a probe, whose requests must be single. */
  get reserved(): number {
    return this.#probed === undefined ? 1 : 0;
  }

  /** Sends a request and measures its duration, whatever its result. */
  async measure<T>(send: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const [number, isFirst] = [++this.#started, this.#open === 0];
    this.#open += 1;
    this.#mostOpen = Math.max(this.#mostOpen, this.#open);
    try {
      return await send();
    } finally {
      this.#open -= 1;
      this.#ended(performance.now() - startedAt, isFirst && number === this.#started);
    }
  }

  #ended(ms: number, wasAlone: boolean): void {
    if (wasAlone && this.#alone.push(ms) >= ALONE) this.#tookAlone();
    if (this.#probed === undefined) this.#window.push(ms);
    // Another request may always be in flight, for example one that hangs: then the probe ends without a baseline.
    else if (++this.#probed >= ALONE + WINDOW) this.#probed = undefined;
    if (this.#window.length >= WINDOW) this.#decide();
  }

  /** Takes the baseline. A probe is over with it. */
  #tookAlone(): void {
    const at = performance.now();
    this.#floors = [...this.#floors.filter((floor) => at - floor.at < REMEMBERED_MS), { at, ms: median(this.#alone) }];
    this.#alone = [];
    this.#probed = undefined;
  }

  #decide(): void {
    const tookMs = median(this.#window);
    const wasReached = this.#mostOpen >= this.limit;
    this.#window = [];
    this.#mostOpen = this.#open;
    const last = this.#floors.at(-1);
    if (last !== undefined) {
      const gradient = (TOLERANCE * Math.min(...this.#floors.map(({ ms }) => ms))) / tookMs;
      if (gradient < 1 || wasReached) {
        const wanted = this.#limit * Math.min(MOST_UP, Math.max(MOST_DOWN, gradient));
        this.#limit = Math.min(this.most, Math.max(1, wanted));
      }
    }
    if (!wasReached || (last !== undefined && performance.now() - last.at <= PROBE_EVERY_MS)) return;
    this.#alone = [];
    this.#probed = 0;
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] as number;
