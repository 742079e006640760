import { LRUCache } from 'lru-cache';
import { TokenBucket, type TokenBucketOptions } from './token-bucket.ts';

/** What happened to an object, as people read it in `kubectl describe`. */
export interface EventInput {
  /** Normal where left out. */
  readonly type?: 'Normal' | 'Warning' | undefined;
  /** Why, in one word for machines: `Completed`. */
  readonly reason: string;
  /** What was done, in one word: `Run`. */
  readonly action: string;
  /** What happened, for people; cut at 1 KiB. */
  readonly note: string;
}

/** The same event of the same object, however often it happens. */
export interface Series {
  /** How often it has happened. */
  count: number;
  /** The name of the Event that tells of it, once it is made; undefined until somebody begins to. */
  created: Promise<string> | undefined;
  lastAt: Date;
  /** The same by our steady clock, in milliseconds. */
  lastSeen: number;
  /** The count that the Event does not have yet, to be told when the timer fires. */
  untold: { readonly timer: NodeJS.Timeout; readonly tell: () => void } | undefined;
}

export interface SeriesOptions {
  /** A series ends when nothing has happened for so long. */
  readonly endsAfterMs: number;
  /** New series of one object. */
  readonly perObject: TokenBucketOptions;
}

export type Verdict =
  | { readonly kind: 'new' | 'repeated'; readonly series: Series }
  /** Too many different events of one object: not told. */
  | { readonly kind: 'dropped' };

const MAX_KNOWN = 4096;

/** Decides which events are new, which are repetitions, and which are too many. */
export class EventSeries {
  readonly #options: SeriesOptions;
  readonly #series: LRUCache<string, Series>;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_KNOWN });

  constructor(options: SeriesOptions) {
    this.#options = options;
    this.#series = new LRUCache({ max: MAX_KNOWN, dispose: ({ untold }) => clearTimeout(untold?.timer) });
  }

  /** An event of an object, which is known by its uid. */
  seen(uid: string, event: EventInput, now: Date): Verdict {
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
    const series: Series = { count: 1, created: undefined, lastAt: now, lastSeen, untold: undefined };
    this.#series.set(key, series);
    return { kind: 'new', series };
  }

  /** The Event is not there: the next such event makes a new one. */
  forget(uid: string, event: EventInput): void {
    this.#series.delete(seriesKey(uid, event));
  }

  /** The series whose last count the API server has not been told. */
  *untold(): Generator<Series, void> {
    for (const series of this.#series.values()) if (series.untold) yield series;
  }
}

function seriesKey(uid: string, { type = 'Normal', reason, action, note }: EventInput): string {
  return JSON.stringify([uid, type, reason, action, note]);
}
