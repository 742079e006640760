import type { Chance } from './chance.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

/** What happens to a message on its way; for so long, where that makes a difference. */
export type Fate =
  /** It never arrives, and the sender learns so by an error that could mean anything. */
  | { readonly kind: 'request lost'; readonly ms: number }
  /** It is held up for so long, while the sender hears of an error after a second. */
  | { readonly kind: 'request late'; readonly ms: number }
  /** It arrives, and once more after so long. */
  | { readonly kind: 'request twice'; readonly ms: number }
  /** What it asks for is done, and the sender hears of an error. */
  | { readonly kind: 'answer lost'; readonly ms: number }
  | { readonly kind: 'answer late'; readonly ms: number };

/** Which messages: those of one kind have their fates in common. */
export type Channel = 'api list' | 'api read' | 'api write' | 'pod run' | 'pod question' | 'poll';

export interface Call<T> {
  readonly from: Process;
  /** Whom the sender means: an address, whoever is there when the message arrives. */
  readonly to: string;
  readonly server: () => Process | undefined;
  readonly channel: Channel;
  /** What the server does with it, in its own process. */
  readonly handle: () => T | Promise<T>;
  readonly failure: (message: string, options?: { readonly neverSent: boolean }) => Error;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const LATENCIES_MS = [1, 1, 1, 2, 5, 30, 200];
/** Until a sender is told that its connection broke. */
const BREAK_MS = 1000;

/** Carries requests and answers, slowly, and not always. */
export class Network {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #fates = new Map<Channel, Fate[]>();
  readonly #cutUntil = new Map<string, number>();
  /** Requests that have not arrived yet, but for polls. */
  underWay = 0;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** The next message of a channel has this fate. */
  destine(channel: Channel, fate: Fate): void {
    this.#fates.set(channel, [...(this.#fates.get(channel) ?? []), fate]);
  }

  /** Every fate that has found no message is forgotten. */
  clear(): void {
    this.#fates.clear();
  }

  /** For so long nothing passes between these two. */
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
        // A connection that nothing passes on any more is not known to be broken, where it has no timeout.
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

  /** In the server's process, as soon as that goes on. */
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
  /** Nobody is there. */
  readonly refused: () => void;
  /** The server ended before it could answer. */
  readonly broken: () => void;
}
