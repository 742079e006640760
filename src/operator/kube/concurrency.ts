/** How much is done at once. */
export interface Concurrency {
  /** At this moment. */
  readonly limit: number;
  /** Beyond the limit, for keys that the queue does not hold while it is full, see `WorkQueue`. */
  readonly spare: number;
  /** Ever. */
  readonly most: number;
}

export interface AdaptiveConcurrencyOptions {
  readonly most?: number;
  readonly initial?: number;
}

/** A request may take so many times as long as one that is alone; and where others are to be spared. */
const TOLERANCE = 2;
const SPARING_TOLERANCE = 1.25;
/**
 * With the spare place it is two at once. A server that has become slower for good has so few until what was measured
 * before is forgotten.
 */
const LEAST = 1;
const SPARE = 1;
/** Requests that a decision is made from: at least so many, and so many for each that is under way at once. */
const WINDOW = 16;
const WINDOW_PER_REQUEST = 2;
/** One decision changes the limit by so much at most. */
const [MOST_DOWN, MOST_UP] = [0.5, 1.5];
/** Requests, each with no other of ours beside it, whose median is how long one takes alone. */
const ALONE = 9;
/** The least of what was measured in this time counts: what others do meanwhile is not the server's own pace. */
const REMEMBERED_MS = 300_000;
/** After so long without such a measurement, and while there is much to do, one is made. */
const ALONE_EVERY_MS = 30_000;
/** A measurement in which so many requests have ended is given up: others of ours were always beside them. */
const GIVEN_UP_AFTER = 8 * ALONE;

/** One request that is under way. */
interface Request {
  readonly startedAt: number;
}

/**
 * As many requests at once as a server makes good use of: with more, each only waits longer, and so do everybody else's. It
 * compares how long requests take with how long one takes alone, and lets more go at once while that is less than twice as
 * long, or a quarter longer where others are to be spared. After the gradient controller of Envoy's adaptive concurrency filter, which limits a server where this limits a client.
 */
export class AdaptiveConcurrency implements Concurrency {
  readonly most: number;
  #limit: number;
  readonly #open = new Set<Request>();
  #mostOpen = 0;
  /** What has taken how long since the last decision. */
  #window: number[] = [];
  /** The only request that is under way, if none was beside it yet. */
  #lonely: Request | undefined;
  #alone: number[] = [];
  /** Medians of `#alone`, the newest last. */
  #floors: { readonly at: number; readonly ms: number }[] = [];
  /** How long one takes alone, once that is known: the least of these. */
  #aloneMs: number | undefined;
  /** Requests that have ended in a measurement of how long one takes alone; undefined: there is none under way. */
  #measured: number | undefined;
  /** Since the last decision, there was somebody to be spared. */
  #sparing = false;

  constructor({ most = 32, initial = 4 }: AdaptiveConcurrencyOptions = {}) {
    this.most = most;
    this.#limit = initial;
  }

  get limit(): number {
    return this.#measured === undefined ? Math.floor(this.#limit) : 1;
  }

  /** None while it is measured how long a request takes alone. */
  get spare(): number {
    return this.#measured === undefined ? SPARE : 0;
  }

  /**
   * Sends a request, and takes note of how long it takes, however it ends.
   *
   * @param ended told by how much longer it took than one alone; gives whether others use the server who are to be spared
   */
  async measure<T>(send: () => Promise<T>, ended: (longerMs: number) => boolean = () => false): Promise<T> {
    const request = { startedAt: performance.now() };
    this.#lonely = this.#open.size === 0 ? request : undefined;
    this.#open.add(request);
    this.#mostOpen = Math.max(this.#mostOpen, this.#open.size);
    try {
      return await send();
    } finally {
      this.#open.delete(request);
      const tookMs = performance.now() - request.startedAt;
      if (ended(Math.max(0, tookMs - (this.#aloneMs ?? tookMs)))) this.#sparing = true;
      this.#ended(tookMs, request === this.#lonely);
    }
  }

  #ended(ms: number, wasAlone: boolean): void {
    if (wasAlone) this.#tookAlone(ms);
    if (this.#measured !== undefined) {
      this.#measured += 1;
      if (this.#measured >= GIVEN_UP_AFTER) this.#measured = undefined;
      return;
    }
    this.#window.push(ms);
    if (this.#window.length >= Math.max(WINDOW, WINDOW_PER_REQUEST * this.#limit)) this.#decide();
  }

  #tookAlone(ms: number): void {
    this.#alone.push(ms);
    if (this.#alone.length < ALONE) return;
    const at = performance.now();
    this.#floors.push({ at, ms: median(this.#alone) });
    this.#floors = this.#floors.filter((floor) => at - floor.at < REMEMBERED_MS);
    this.#aloneMs = Math.min(...this.#floors.map(({ ms }) => ms));
    this.#alone = [];
    this.#measured = undefined;
  }

  #decide(): void {
    const tookMs = median(this.#window);
    const wasReached = this.#mostOpen >= this.limit;
    const tolerance = this.#sparing ? SPARING_TOLERANCE : TOLERANCE;
    this.#window = [];
    this.#sparing = false;
    this.#mostOpen = this.#open.size;
    const last = this.#floors.at(-1);
    if (this.#aloneMs !== undefined) {
      const gradient = (tolerance * this.#aloneMs) / tookMs;
      if (gradient < 1 || wasReached) {
        const wanted = this.#limit * Math.min(MOST_UP, Math.max(MOST_DOWN, gradient));
        this.#limit = Math.min(this.most, Math.max(LEAST, wanted));
      }
    }
    if (wasReached && (last === undefined || performance.now() - last.at > ALONE_EVERY_MS)) {
      this.#alone = [];
      this.#measured = 0;
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] as number;
}
