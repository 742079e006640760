import type { Chance } from './chance.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

/** The fate of a message, with a duration if it matters. */
export type Fate =
  /** It is lost, and the sender gets an ambiguous error. */
  | { readonly kind: 'request lost'; readonly ms: number }
  /** It is delayed, while the sender gets an error after a second. */
  | { readonly kind: 'request late'; readonly ms: number }
  /** It arrives, and again after this time. */
  | { readonly kind: 'request twice'; readonly ms: number }
  /** The request is processed, and the sender gets an error. */
  | { readonly kind: 'answer lost'; readonly ms: number }
  | { readonly kind: 'answer late'; readonly ms: number };

/** Messages of one kind, which share their fates. */
export type Channel = 'api list' | 'api read' | 'api write' | 'pod run' | 'pod question' | 'poll';

export interface Call<T> {
  readonly from: Process;
  /** The destination address, resolved when the message arrives. */
  readonly to: string;
  readonly server: () => Process | undefined;
  readonly channel: Channel;
  /** The handler, in the process of the server. */
  readonly handle: () => T | Promise<T>;
  readonly failure: (message: string, options?: { readonly neverSent: boolean }) => Error;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const LATENCIES_MS = [1, 1, 1, 2, 5, 30, 200];
/** Delay until a sender gets a connection error. */
const BREAK_MS = 1000;

/** Transports requests and responses, with delays and losses. */
export class Network {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #fates = new Map<Channel, Fate[]>();
  readonly #cutUntil = new Map<string, number>();
  /** Requests in flight, except polls. */
  underWay = 0;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** Sets the fate of the next message of a channel. */
  destine(channel: Channel, fate: Fate): void {
    this.#fates.set(channel, [...(this.#fates.get(channel) ?? []), fate]);
  }

  /** Clears unused fates. */
  clear(): void {
    this.#fates.clear();
  }

  /** Partitions these two for this time. */
  cut(one: string, other: string, ms: number): void {
    const until = this.#time.now + ms;
    this.#cutUntil.set(`${one} ${other}`, Math.max(until, this.#cutUntil.get(`${one} ${other}`) ?? 0));
  }

  cutFor(one: string, other: string): number {
    return Math.max(0, (this.#cutUntil.get(`${one} ${other}`) ?? 0) - this.#time.now);
  }

  latencyMs(one: string, other: string): number {
    return this.#chance.pick(`latency ${one} ${other}`, LATENCIES_MS);
  }

  call<T>(call: Call<T>): Promise<T> {
    const { from, to, channel, failure, signal, timeoutMs } = call;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fate = this.#fates.get(channel)?.shift();
    const fail = (message: string, ms: number, neverSent = false): { isCancelled: boolean } =>
      this.#time.after(ms, from, () => reject(failure(message, { neverSent })));
    const late = timeoutMs === undefined ? undefined : fail(`no answer for ${timeoutMs} ms`, timeoutMs);
    const settle = (done: () => void): void => {
      if (late) late.isCancelled = true;
      done();
    };
    signal?.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true });

    const answer = (done: () => void): void => {
      if (fate?.kind === 'answer lost' || this.cutFor(from.name, to) > 0) {
        // Without a timeout, a partitioned connection is not detected.
        const isSilent = timeoutMs === undefined && this.#chance.fraction('silent') > 0.5;
        if (!isSilent) fail('the connection broke', BREAK_MS);
        return;
      }
      const lateMs = fate?.kind === 'answer late' ? fate.ms : 0;
      this.#time.after(this.latencyMs(to, from.name) + lateMs, from, done);
    };
    const arrive = (ms: number, isHeard: boolean): void => {
      if (channel !== 'poll') this.underWay += 1;
      this.#time.after(ms, undefined, () => {
        if (channel !== 'poll') this.underWay -= 1;
        if (this.cutFor(from.name, to) > 0) {
          if (isHeard) fail('the network is cut', BREAK_MS);
          return;
        }
        this.#serve(
          call,
          isHeard
            ? {
                value: (value) => answer(() => settle(() => resolve(value))),
                error: (error) => answer(() => settle(() => reject(error))),
                refused: () => void fail('connection refused', 1, true),
                broken: () => void fail('the connection was reset', 1),
              }
            : undefined,
        );
      });
    };

    const latencyMs = this.latencyMs(from.name, to);
    if (fate?.kind === 'request lost') fail('the connection broke', BREAK_MS);
    else if (fate?.kind === 'request late') {
      fail('the connection broke', BREAK_MS);
      arrive(fate.ms, false);
    } else arrive(latencyMs, true);
    if (fate?.kind === 'request twice') arrive(latencyMs + fate.ms, false);
    return promise;
  }

  /** Runs in the server's process once it is not paused. */
  #serve<T>({ server, handle }: Call<T>, heard: Heard<T> | undefined): void {
    const process = server();
    if (process === undefined || process.state === 'ended') {
      heard?.refused();
      return;
    }
    const forget = process.whenEnded(() => heard?.broken());
    this.#time.after(0, process, () => {
      const settle =
        <V>(tell: ((value: V) => void) | undefined) =>
        (value: V): void => {
          forget();
          tell?.(value);
        };
      const handled = (async () => handle())();
      handled.then(settle(heard?.value), settle(heard?.error));
    });
  }
}

interface Heard<T> {
  readonly value: (value: T) => void;
  readonly error: (error: Error) => void;
  /** There is no server. */
  readonly refused: () => void;
  /** The server exited before it responded. */
  readonly broken: () => void;
}
