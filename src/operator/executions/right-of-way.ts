import { type CounterMetric, type Metrics, NO_METRICS } from '../kube/metrics.ts';

/** A namespace; or a namespace and a tenant in it. */
export type Party = readonly [namespace: string, tenant?: string | undefined];

export interface RightOfWayOptions {
  /** Namespace and tenant of an execution. */
  readonly partyOf: (key: string) => readonly [namespace: string, tenant: string];
  /** How many executions of a party wait to be looked at. */
  readonly waiting: (party: Party) => number;
  /** Those that were held may go. */
  readonly onFree: () => void;
  readonly metrics?: Metrics | undefined;
}

/** Who has no more executions to be looked at has few. */
const FEW = 4;
/** An execution has the right of way for so long at most: a script that runs longer does not keep the operator. */
const LASTS_MS = 100;
/** Others are held for this part of all time at most, of which so much can be saved up. */
const MOST_HELD = 0.5;
const SAVED_MS = 500;

interface Holder {
  readonly namespace: string;
  readonly tenant: string;
  readonly until: number;
}

/**
 * While an execution of somebody who has few is claimed, run and recorded, those who have many wait: a turn of its own does
 * not help it where the API server is busy with everybody else's. Namespaces wait for namespaces, and tenants for tenants of
 * theirs. After the sparse flows of FQ-CoDel (RFC 8290, 4.2), which go before the others too; but these also have the link to themselves.
 */
export class RightOfWay {
  readonly #options: RightOfWayOptions;
  readonly #heldSeconds: CounterMetric;
  /** The one that has it longest first. */
  readonly #holders = new Map<string, Holder>();
  /** How long others can still be held, at `#at`. */
  #leftMs = SAVED_MS;
  #at = performance.now();
  /** Set while somebody is held. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RightOfWayOptions) {
    this.#options = options;
    this.#heldSeconds = (options.metrics ?? NO_METRICS).counter({
      name: 'copepod_operator_held_seconds_total',
      help: 'Time in which executions of those who have many were held, for those who have few.',
      labelNames: [],
    });
    this.#heldSeconds.inc({}, 0);
  }

  /** An execution is about to be claimed, or its outcome to be recorded. */
  begin(key: string): void {
    const [namespace, tenant] = this.#options.partyOf(key);
    if (this.#hasMany([namespace, tenant])) return;
    const now = performance.now();
    this.#dropLate(now);
    this.#holders.delete(key);
    this.#holders.set(key, { namespace, tenant, until: now + LASTS_MS });
  }

  /** It is over. */
  end(key: string): void {
    if (this.#holders.delete(key)) this.#free();
  }

  /** Whether a party's executions have to wait now; `onFree` tells when that may have changed. */
  isHeld(party: Party): boolean {
    if (this.#holders.size === 0 || !this.#hasMany(party)) return false;
    const now = performance.now();
    this.#account(now);
    this.#dropLate(now);
    if (this.#leftMs <= 0) return false;
    for (const holder of this.#holders.values()) {
      if (!this.#goesBefore(holder, party)) continue;
      this.#timer ??= setTimeout(() => this.#free(), Math.min(holder.until - now, this.#leftMs / (1 - MOST_HELD)));
      return true;
    }
    return false;
  }

  close(): void {
    this.#holders.clear();
    clearTimeout(this.#timer);
  }

  #goesBefore({ namespace, tenant }: Holder, [otherNamespace, otherTenant]: Party): boolean {
    if (otherTenant === undefined) return namespace !== otherNamespace && !this.#hasMany([namespace]);
    return namespace === otherNamespace && tenant !== otherTenant && !this.#hasMany([namespace, tenant]);
  }

  #dropLate(now: number): void {
    for (const [key, { until }] of this.#holders) {
      if (until > now) return;
      this.#holders.delete(key);
    }
  }

  #hasMany(party: Party): boolean {
    return this.#options.waiting(party) > FEW;
  }

  #free(): void {
    if (this.#timer === undefined) return;
    this.#account(performance.now());
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.onFree();
  }

  #account(now: number): void {
    const passedMs = now - this.#at;
    const isHolding = this.#timer !== undefined;
    this.#at = now;
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + passedMs * (isHolding ? MOST_HELD - 1 : MOST_HELD));
    if (isHolding) this.#heldSeconds.inc({}, passedMs / 1000);
  }
}
