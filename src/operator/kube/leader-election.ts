import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlreadyExists, isConflict, isNotFound, retryAfterMs } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { type Leadership, Term } from './leadership.ts';
import { acquired, LeaseObservation, released, renewed } from './lease-record.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';
import { pause } from './pause.ts';
import { LEASES, type Lease } from './resources.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Of this process, and of no other, not even its successor. Host name and a random id where left out. */
  readonly identity?: string | undefined;
  /** Whether a holder's process has certainly ended: its lease is not waited for. Of none where left out. */
  readonly hasEnded?: ((identity: string) => boolean) | undefined;
  /** After this time without a change others take the lease. Whole seconds; 15 s where left out. */
  readonly leaseDurationMs?: number | undefined;
  /** After this time without a renewal we stop; shorter than the lease, by what the clocks' rates may differ. 10 s. */
  readonly renewDeadlineMs?: number | undefined;
  /** Between tries to get the lease, and between renewals. 2 s. */
  readonly retryPeriodMs?: number | undefined;
  /** Told of tries that failed. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Told of each holder that is seen, ourselves too. */
  readonly onLeader?: ((identity: string) => void) | undefined;
  readonly metrics?: Metrics | undefined;
}

interface Held {
  readonly term: Term;
  lease: Lease;
}

/** One of many processes, of which one leads at any time: by a Lease, after client-go's leader election. */
export class LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #observation: LeaseObservation;
  #term: Term | undefined;
  #leader = '';
  #lastEpoch = 0;

  /** Throws where lease, deadline and period are not each clearly longer than the next. */
  constructor(options: LeaderElectorOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2000 } = options;
    if (leaseDurationMs % 1000 !== 0 || leaseDurationMs <= renewDeadlineMs || renewDeadlineMs <= 1.2 * retryPeriodMs) {
      throw new TypeError(
        'a lease lasts whole seconds, longer than its renew deadline, and that longer than 1.2 retry periods',
      );
    }
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#options = options;
    this.#leaseDurationMs = leaseDurationMs;
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#retryPeriodMs = retryPeriodMs;
    this.#observation = new LeaseObservation(leaseDurationMs, options.hasEnded);
    const { name, metrics = NO_METRICS } = options;
    const status = { name: 'leader_election_master_status', help: '1 while this process leads.', labelNames: ['name'] };
    metrics.gauge(status, (gauge) => gauge.set({ name }, this.#term?.held ? 1 : 0));
  }

  /** Who leads, as far as has been seen; empty: nobody yet. */
  get leader(): string {
    return this.#leader;
  }

  /**
   * Waits for the lease and then calls `lead`, whose signal is aborted at once when the lease cannot be renewed in time, or
   * when the elector is asked to stop. Ends when `lead` has ended by itself or the signal is aborted: the lease is renewed until
   * `lead` has ended, then released. After a loss it waits for the lease anew. Throws what `lead` throws while it leads.
   */
  async run(lead: (leadership: Leadership) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const held = await this.#acquire(signal);
      if (!held) return;
      if (signal.aborted) {
        await this.#release(held);
        return;
      }
      const lost = await this.#serve(held, lead, signal);
      if (!lost) return;
    }
  }

  /** Gives whether the term was lost. */
  async #serve(held: Held, lead: (leadership: Leadership) => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { term } = held;
    const over = new AbortController();
    const stop = (): void => term.stop(signal.reason);
    this.#term = term;
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const renewing = this.#renew(held, over.signal);
    let lost = false;
    try {
      await lead(term);
    } catch (error) {
      if (!term.signal.aborted) throw error;
      if (error !== term.signal.reason) this.#options.onError?.(error);
    } finally {
      signal.removeEventListener('abort', stop);
      over.abort();
      await renewing;
      this.#term = undefined;
      lost = !term.held;
      if (!lost) await this.#release(held);
    }
    return lost;
  }

  async #acquire(signal: AbortSignal): Promise<Held | undefined> {
    while (!signal.aborted) {
      let waitMs = this.#retryPeriodMs;
      try {
        const found = await this.#options.client.find(LEASES, this.#ref, this.#call(this.#renewDeadlineMs, signal));
        const msUntilFree = found ? this.#observation.msUntilFree(found, this.identity, performance.now()) : 0;
        if (found) this.#sees(found);
        if (msUntilFree === 0) return await this.#take(found);
        waitMs = Math.min(waitMs, msUntilFree);
      } catch (error) {
        if (signal.aborted) return undefined;
        waitMs = Math.max(waitMs, retryAfterMs(error));
        // Another was faster: nothing to tell.
        if (!isConflict(error) && !isAlreadyExists(error)) this.#options.onError?.(error);
      }
      await pause(waitMs * (1 + 0.2 * Math.random()), signal);
    }
    return undefined;
  }

  async #take(found: Lease | undefined): Promise<Held> {
    const { client } = this.#options;
    const sentAt = performance.now();
    const wanted = acquired(found ?? { metadata: this.#ref }, {
      identity: this.identity,
      leaseDurationMs: this.#leaseDurationMs,
      lastEpoch: this.#lastEpoch,
      now: this.#now(),
    });
    const call = this.#call(this.#renewDeadlineMs); // to its end: a write that is broken off may have been done
    const lease = await (found ? client.replace(LEASES, wanted, call) : client.create(LEASES, wanted, call));
    this.#sees(lease);
    return { lease, term: new Term(lease.spec?.leaseTransitions ?? 0, sentAt + this.#renewDeadlineMs) };
  }

  /** Renews until `over`, or until the term is lost. */
  async #renew(held: Held, over: AbortSignal): Promise<void> {
    const { term } = held;
    let awayMs = 0;
    while (!over.aborted && term.held) {
      // A server that asks to stay away is obeyed as far as that leaves time for another try.
      const waitMs = Math.max(this.#retryPeriodMs, Math.min(awayMs, term.heldForMs / 2));
      await pause(Math.min(waitMs, term.heldForMs), over);
      if (over.aborted || !term.held) return;
      try {
        awayMs = 0;
        await this.#renewOnce(held);
      } catch (error) {
        awayMs = retryAfterMs(error);
        this.#options.onError?.(error);
      }
    }
  }

  async #renewOnce(held: Held): Promise<void> {
    const { client } = this.#options;
    const { term } = held;
    const sentAt = performance.now();
    // Half of what is left: a try that hangs leaves time for another.
    const call = this.#call(Math.max(this.#retryPeriodMs / 2, term.heldForMs / 2));
    try {
      held.lease = await client.replace(LEASES, renewed(held.lease, this.#now()), call);
      term.extend(sentAt + this.#renewDeadlineMs);
    } catch (error) {
      if (isNotFound(error)) term.lose('the lease was deleted');
      if (!isConflict(error)) throw error;
      const lease = await client.get(LEASES, this.#ref, call);
      this.#sees(lease);
      const isOurs = lease.spec?.holderIdentity === this.identity && lease.spec.leaseTransitions === term.epoch;
      if (!isOurs) term.lose(`the lease is held by ${lease.spec?.holderIdentity || 'nobody'}`);
      else held.lease = lease; // labelled by somebody, or renewed by a try of ours whose answer was lost
    }
  }

  async #release(held: Held): Promise<void> {
    try {
      const call = this.#call(Math.min(5000, held.term.heldForMs));
      await this.#options.client.replace(LEASES, released(held.lease, this.#now()), call);
    } catch (error) {
      this.#options.onError?.(error);
    } finally {
      held.term.close();
    }
  }

  #sees({ spec }: Lease): void {
    this.#lastEpoch = Math.max(this.#lastEpoch, spec?.leaseTransitions ?? 0);
    const leader = spec?.holderIdentity;
    if (!leader || leader === this.#leader) return;
    this.#leader = leader;
    this.#options.onLeader?.(leader);
  }

  #now(): Date {
    return new Date(this.#options.client.now());
  }

  get #ref(): { namespace: string; name: string } {
    return { namespace: this.#options.namespace, name: this.#options.name };
  }

  #call(timeoutMs: number, signal?: AbortSignal) {
    return { timeoutMs: Math.ceil(timeoutMs), retry: false, signal };
  }
}
