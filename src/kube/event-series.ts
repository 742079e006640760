import { LRUCache } from 'lru-cache';
import { TokenBucket, type TokenBucketOptions } from './token-bucket.ts';

/** The content of an Event, as `kubectl describe` shows it. */
export interface EventInput {
  /** Default `Normal`. */
  readonly type?: 'Normal' | 'Warning' | undefined;
  /** Machine-readable reason in one word: `Completed`. */
  readonly reason: string;
  /** The action in one word: `Run`. */
  readonly action: string;
  /** Human-readable text, cut at 1 KiB. */
  readonly note: string;
}

/** Repetitions of one event of one object. */
export interface Series {
  /** Number of occurrences. */
  count: number;
  /** Name of the Event once it is created; undefined before its creation starts. */
  created: Promise<string> | undefined;
  lastAt: Date;
  /** Time of the last occurrence by the monotonic clock, in milliseconds. */
  lastSeen: number;
  /** The count not yet written to the Event: written when the timer fires. */
  pending: { readonly timer: NodeJS.Timeout; readonly flush: () => void } | undefined;
}

export interface SeriesOptions {
  /** A series ends after this long without an occurrence. */
  readonly endsAfterMs: number;
  /** Rate limit of new series per object. */
  readonly perObject: TokenBucketOptions;
}

export type EventDecision =
  | { readonly kind: 'new' | 'repeated'; readonly series: Series }
  /** Rate limit exceeded for the object: the event is not recorded. */
  | { readonly kind: 'dropped' };

const MAX_KNOWN = 4096;

/** Decides whether an event is new, a repetition, or over the rate limit. */
export class EventSeries {
  readonly #options: SeriesOptions;
  readonly #series: LRUCache<string, Series>;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_KNOWN });

  constructor(options: SeriesOptions) {
    this.#options = options;
    this.#series = new LRUCache({ max: MAX_KNOWN, dispose: ({ pending }) => clearTimeout(pending?.timer) });
  }

  /** Registers an event of the object with this uid. */
  record(uid: string, event: EventInput, now: Date): EventDecision {
    const key = seriesKey(uid, event);
    const lastSeen = performance.now();
    const known = this.#series.get(key);
    if (known && lastSeen - known.lastSeen < this.#options.endsAfterMs) {
      Object.assign(known, { count: known.count + 1, lastAt: now, lastSeen });
      return { kind: 'repeated', series: known };
    }
    const bucket = this.#buckets.get(uid) ?? new TokenBucket(this.#options.perObject, lastSeen);
    this.#buckets.set(uid, bucket);
    if (!bucket.take(lastSeen)) return { kind: 'dropped' };
    const series: Series = { count: 1, created: undefined, lastAt: now, lastSeen, pending: undefined };
    this.#series.set(key, series);
    return { kind: 'new', series };
  }

  /** The Event no longer exists: the next such event creates a new one. */
  forget(uid: string, event: EventInput): void {
    this.#series.delete(seriesKey(uid, event));
  }

  /** The series whose last count has not been written yet. */
  *pending(): Generator<Series, void> {
    for (const series of this.#series.values()) if (series.pending) yield series;
  }
}

function seriesKey(uid: string, { type = 'Normal', reason, action, note }: EventInput): string {
  return JSON.stringify([uid, type, reason, action, note]);
}
