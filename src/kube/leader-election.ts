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
  /** Namespace of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process: a restart has another. Default: host name and a random id. */
  readonly identity?: string | undefined;
  /** Whether a holder's process has certainly exited: its Lease is taken at once. Default: never. */
  readonly hasEnded?: ((identity: string) => boolean) | undefined;
  /** Other processes take the Lease after this long without a renewal. Whole seconds. Default 15 s. */
  readonly leaseDurationMs?: number | undefined;
  /**
   * The leader steps down after this long without a renewal. The margin to the lease duration covers clock drift.
   * Default 10 s.
   */
  readonly renewDeadlineMs?: number | undefined;
  /** Interval between attempts to acquire the Lease, and between renewals. Default 2 s. */
  readonly retryPeriodMs?: number | undefined;
  /** Called for each failed attempt. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Called for each holder seen, this process included. */
  readonly onLeader?: ((identity: string) => void) | undefined;
  readonly metrics?: Metrics | undefined;
}

interface Held {
  readonly term: Term;
  lease: Lease;
}

/** Leader election by a Lease, after client-go: at most one process leads at any time. */
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

  /** Throws unless lease duration > renew deadline > retry period, each by a clear margin. */
  constructor(options: LeaderElectorOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2000 } = options;
    if (leaseDurationMs % 1000 !== 0 || leaseDurationMs <= renewDeadlineMs || renewDeadlineMs <= 1.2 * retryPeriodMs) {
      throw new TypeError(
        'leaseDurationMs must be whole seconds and exceed renewDeadlineMs; renewDeadlineMs must exceed 1.2 times retryPeriodMs',
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

  /** Identity of the last leader seen; empty before the first. */
  get leader(): string {
    return this.#leader;
  }

  /**
   * Acquires the Lease, then calls `lead`. The signal passed to `lead` is aborted at once when the Lease cannot be
   * renewed in time, or when `signal` is aborted. The Lease is renewed until `lead` returns, then released. After a
   * lost term the Lease is acquired again. Returns when `lead` returns by itself or `signal` is aborted. Throws what
   * `lead` throws during its term.
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

  /** Returns whether the term was lost. */
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
        // Another process was faster: not an error.
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
    const call = this.#call(this.#renewDeadlineMs); // never aborted: a write that is cut off may have taken effect
    const lease = await (found ? client.replace(LEASES, wanted, call) : client.create(LEASES, wanted, call));
    this.#sees(lease);
    return { lease, term: new Term(lease.spec?.leaseTransitions ?? 0, sentAt + this.#renewDeadlineMs) };
  }

  /** Renews the Lease until `over` is aborted or the term is lost. */
  async #renew(held: Held, over: AbortSignal): Promise<void> {
    const { term } = held;
    let awayMs = 0;
    while (!over.aborted && term.held) {
      // Honours Retry-After as long as time remains for another attempt.
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
    // Half of the remaining time: after a hanging attempt there is time for another.
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
      else held.lease = lease; // another client changed its metadata, or an earlier renewal whose answer was lost succeeded
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
