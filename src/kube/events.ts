import { randomBytes } from 'node:crypto';
import { formatTime } from '../api/time.ts';
import { isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { type EventInput, EventSeries, type Series } from './event-series.ts';
import { Fifo } from './fifo.ts';
import { type CounterMetric, type Metrics, NO_METRICS } from './metrics.ts';
import type { KubeObject } from './object.ts';
import { EVENTS, type Event } from './resources.ts';

export type { EventInput } from './event-series.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** Reporting controller: `example.com/my-controller`. */
  readonly controller: string;
  /** Reporting instance (the process); cut at 128 characters. */
  readonly instance: string;
  /** Called for each event that could not be written. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly metrics?: Metrics | undefined;
  /** Token bucket for new events per object: burst and refill interval. 25 and 5 minutes, as in client-go. */
  readonly burst?: number | undefined;
  readonly refillEveryMs?: number | undefined;
  /** Minimum interval between updates of a series. Default 10 s. */
  readonly repeatEveryMs?: number | undefined;
  /** Maximum queue length; further events are dropped. Default 1000. */
  readonly maxWaiting?: number | undefined;
}

const SERIES_ENDS_AFTER_MS = 6 * 60_000;
const CONCURRENT_WRITES = 2;
const WRITE_TIMEOUT_MS = 10_000;
const MAX_NOTE_BYTES = 1024;
const MAX_WORD = 128;

/**
 * Records Events in the background: `record` returns at once and never throws. Writes events.k8s.io/v1, because core/v1
 * is frozen and its writers race on the count of repetitions. Both APIs share storage, so kubectl and readers of
 * core/v1 Events see these Events too. A repeated event increments the count of its series.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series: EventSeries;
  readonly #waiting = new Fifo<() => Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #results: CounterMetric;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    const { burst = 25, refillEveryMs = 300_000, metrics = NO_METRICS } = options;
    this.#series = new EventSeries({ endsAfterMs: SERIES_ENDS_AFTER_MS, perObject: { burst, refillEveryMs } });
    this.#results = metrics.counter({
      name: 'event_recorder_events_total',
      help: 'Events recorded, by result: written, repeated (counted in a series), dropped (rate limit or full queue) or failed.',
      labelNames: ['result'],
    });
  }

  /** Records an event of an object that was read from the API server. */
  record(regarding: KubeObject, event: EventInput): void {
    const now = new Date();
    const uid = regarding.metadata.uid ?? '';
    const decision = this.#series.record(uid, event, now);
    if (decision.kind === 'dropped') {
      this.#results.inc({ result: 'dropped' });
      return;
    }
    const { series } = decision;
    const forget = (): void => this.#series.forget(uid, event);
    const create = async (): Promise<void> => {
      series.created = this.#create(regarding, event, now);
      await series.created;
    };
    if (decision.kind === 'new') this.#enqueue(create, forget);
    else this.#updateLater(regarding, series, forget);
  }

  /** Flushes the queue and the pending counts of series; resolves when each write has succeeded or failed. */
  async close(): Promise<void> {
    for (const { pending } of [...this.#series.pending()]) pending?.flush();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #updateLater(regarding: KubeObject, series: Series, forget: () => void): void {
    this.#results.inc({ result: 'repeated' });
    if (series.pending) return;
    const flush = (): void => {
      clearTimeout(series.pending?.timer);
      series.pending = undefined;
      this.#enqueue(() => this.#count(regarding, series, forget), forget);
    };
    series.pending = { timer: setTimeout(flush, this.#options.repeatEveryMs ?? 10_000).unref(), flush };
  }

  #enqueue(write: () => Promise<void>, forget: () => void): void {
    if (this.#waiting.length >= (this.#options.maxWaiting ?? 1000)) {
      this.#results.inc({ result: 'dropped' });
      forget();
      return;
    }
    this.#waiting.push(async () => {
      try {
        await write();
        this.#results.inc({ result: 'written' });
      } catch (error) {
        this.#results.inc({ result: 'failed' });
        forget();
        this.#options.onError?.(error);
      }
    });
    this.#drain();
  }

  #drain(): void {
    while (this.#running.size < CONCURRENT_WRITES && this.#waiting.length > 0) {
      const write = this.#waiting.shift() as () => Promise<void>;
      const running: Promise<void> = write().finally(() => {
        this.#running.delete(running);
        this.#drain();
      });
      this.#running.add(running);
    }
  }

  async #create(regarding: KubeObject, event: EventInput, at: Date): Promise<string> {
    const { client, controller, instance } = this.#options;
    const body = eventObject(regarding, event, { controller, instance, at });
    const written = await client.create(EVENTS, body, { timeoutMs: WRITE_TIMEOUT_MS });
    return written.metadata.name;
  }

  async #count({ metadata }: KubeObject, series: Series, forget: () => void): Promise<void> {
    const name = await series.created?.catch(() => undefined); // the create was queued earlier, so it is already running
    if (name === undefined) return;
    const { count, lastAt } = series;
    const value = { count, lastObservedTime: formatTime(lastAt) };
    const ref = { namespace: metadata.namespace ?? 'default', name };
    try {
      const patch = [{ op: 'add', path: '/series', value }] as const;
      await this.#options.client.jsonPatch(EVENTS, ref, patch, { timeoutMs: WRITE_TIMEOUT_MS });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      forget(); // the API server deletes Events after an hour
    }
  }
}

/** Builds the Event object. */
export function eventObject(
  { apiVersion = '', kind = '', metadata }: KubeObject,
  { type = 'Normal', reason, action, note }: EventInput,
  { controller, instance, at }: { controller: string; instance: string; at: Date },
): Event {
  const { name, namespace = 'default', uid, resourceVersion } = metadata;
  const about = { apiVersion, kind, name, ...(metadata.namespace ? { namespace } : {}) };
  const prefix = name.slice(0, 230).replace(/[-.]+$/, '');
  return {
    metadata: { namespace, name: `${prefix}.${randomBytes(8).toString('hex')}` },
    eventTime: formatTime(at),
    type,
    reason: reason.slice(0, MAX_WORD),
    action: action.slice(0, MAX_WORD),
    note: clipBytes(note, MAX_NOTE_BYTES),
    regarding: { ...about, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) },
    reportingController: controller,
    reportingInstance: instance.slice(0, MAX_WORD),
  };
}

/** Truncates to `maxBytes` bytes of UTF-8; a truncated text ends in an ellipsis. */
export function clipBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes.toString();
  let end = maxBytes - Buffer.byteLength('…');
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1; // never in the middle of a character
  return `${bytes.subarray(0, end)}…`;
}
