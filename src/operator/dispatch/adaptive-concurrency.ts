/** How much is done at once. */
export interface Concurrency {
  /** At this moment. */
  readonly limit: number;
  /** Beyond the limit: see `Seats`. */
  readonly reserved: number;
  /** The limit never exceeds it. */
  readonly most: number;
}

export interface AdaptiveConcurrencyOptions {
  readonly most?: number;
  readonly initial?: number;
}

/** A request may take so many times as long as one that is alone. */
const TOLERANCE = 2;
/** Requests from which a decision is made. */
const WINDOW = 24;
/** One decision changes the limit by so much at most. */
const [MOST_DOWN, MOST_UP] = [0.5, 1.5];
/** Requests without another beside them whose median is how long one takes alone. */
const ALONE = 9;
/** The least of the medians of this time counts, so that the load of others is not taken for the server's own pace. */
const REMEMBERED_MS = 300_000;
/** Without such a median for so long, and with enough to do, one is probed for. */
const PROBE_EVERY_MS = 30_000;

/** One request that is under way. */
interface Request {
  readonly startedAt: number;
}

/**
 * As many requests at once as a server makes good use of: beyond that each one only takes longer, and so do everybody's. It
 * compares how long requests take with how long one takes alone, and raises the limit while that is less than twice as
 * long. After the gradient controller of Envoy's adaptive concurrency filter, which limits a server where this limits a client.
 */
export class AdaptiveConcurrency implements Concurrency {
  readonly most: number;
  #limit: number;
  readonly #open = new Set<Request>();
  #mostOpen = 0;
  /** Milliseconds of the requests since the last decision. */
  #window: number[] = [];
  /** The request that is under way with no other beside it so far. */
  #single: Request | undefined;
  #alone: number[] = [];
  /** Medians of `#alone`, the newest last. */
  #floors: { readonly at: number; readonly ms: number }[] = [];
  /** Requests that have ended in the present probe; undefined: none is under way. */
  #probed: number | undefined;

  constructor({ most = 32, initial = 4 }: AdaptiveConcurrencyOptions = {}) {
    this.most = most;
    this.#limit = initial;
  }

  get limit(): number {
    return this.#probed === undefined ? Math.floor(this.#limit) : 1;
  }

  /** None during a probe: its requests are to be alone. */
  get reserved(): number {
    return this.#probed === undefined ? 1 : 0;
  }

  /** Sends a request, and measures how long it takes, however it ends. */
  async measure<T>(send: () => Promise<T>): Promise<T> {
    const request = { startedAt: performance.now() };
    this.#single = this.#open.size === 0 ? request : undefined;
    this.#open.add(request);
    this.#mostOpen = Math.max(this.#mostOpen, this.#open.size);
    try {
      return await send();
    } finally {
      this.#open.delete(request);
      this.#ended(performance.now() - request.startedAt, request === this.#single);
    }
  }

  #ended(ms: number, wasAlone: boolean): void {
    if (wasAlone) this.#tookAlone(ms);
    if (this.#probed === undefined) {
      this.#window.push(ms);
      if (this.#window.length >= WINDOW) this.#decide();
      return;
    }
    this.#probed += 1;
    // There was always another beside them, such as one that hangs.
    if (this.#probed >= ALONE + WINDOW) this.#probed = undefined;
  }

  #tookAlone(ms: number): void {
    this.#alone.push(ms);
    if (this.#alone.length < ALONE) return;
    const at = performance.now();
    this.#floors = [...this.#floors.filter((floor) => at - floor.at < REMEMBERED_MS), { at, ms: median(this.#alone) }];
    this.#alone = [];
    this.#probed = undefined;
  }

  #decide(): void {
    const tookMs = median(this.#window);
    const wasReached = this.#mostOpen >= this.limit;
    this.#window = [];
    this.#mostOpen = this.#open.size;
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
