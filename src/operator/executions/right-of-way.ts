import { type CounterMetric, type Metrics, NO_METRICS } from '../kube/metrics.ts';
import { Contest } from './contest.ts';
import { getOrMake } from './get-or-make.ts';

export interface RightOfWayOptions {
  /** Namespace and tenant of an execution. */
  readonly partyOf: (key: string) => readonly [namespace: string, tenant: string];
  /** How many executions of a namespace, or of a tenant of it, wait: to be looked at, or for a place. */
  readonly waiting: (namespace: string, tenant?: string) => number;
  /** Those that were held may go. */
  readonly onFree: () => void;
  readonly metrics?: Metrics | undefined;
}

/** What is idle is forgotten so often. */
const SWEEP_MS = 1000;

/**
 * Who goes first beyond the fair turns: sparse namespaces among all, and sparse tenants among those of their namespace, see
 * `Contest`. After the sparse flows of FQ-CoDel (RFC 8290, 4.2), which go before the others too; these also have the link to themselves.
 */
export class RightOfWay {
  readonly #options: RightOfWayOptions;
  readonly #heldSeconds: CounterMetric;
  readonly #pausedSeconds: CounterMetric;
  readonly #namespaces: Contest;
  /** Of the tenants of each namespace: what one does to its neighbours costs other namespaces nothing. */
  readonly #tenants = new Map<string, Contest>();
  #sweptAt = performance.now();

  constructor(options: RightOfWayOptions) {
    this.#options = options;
    const metrics = options.metrics ?? NO_METRICS;
    this.#heldSeconds = metrics.counter({
      name: 'copepod_operator_held_seconds_total',
      help: 'Time in which executions of those who have many were held, for those who have few and come seldom.',
      labelNames: ['for'],
    });
    this.#pausedSeconds = metrics.counter({
      name: 'copepod_operator_paused_seconds_total',
      help: 'Time for which those who have many left the API server to others, after writes that took longer than one alone.',
      labelNames: ['for'],
    });
    for (const seconds of [this.#heldSeconds, this.#pausedSeconds]) {
      for (const party of ['namespace', 'tenant']) seconds.inc({ for: party }, 0);
    }
    this.#namespaces = this.#contest('namespace', (namespace) => options.waiting(namespace));
  }

  /** An execution is about to be claimed, or its outcome to be recorded. */
  begin(key: string): void {
    this.#sweep();
    const [namespace, tenant] = this.#options.partyOf(key);
    const tenants = getOrMake(this.#tenants, namespace, () =>
      this.#contest('tenant', (each) => this.#options.waiting(namespace, each)),
    );
    tenants.begin(key, tenant);
    this.#namespaces.begin(key, namespace);
  }

  /** It is claimed, and runs. */
  runs(key: string): void {
    for (const contest of this.#contestsOf(key)) contest.runs(key);
  }

  /** Nothing is written for it now. */
  end(key: string): void {
    for (const contest of this.#contestsOf(key)) contest.end(key);
  }

  /**
   * A write for an execution took so much longer than one alone. Where it was one of many and a sparse namespace or tenant is
   * about, those who have many pause. Gives whether one is about.
   */
  wrote(key: string, longerMs: number): boolean {
    const [namespace, tenant] = this.#options.partyOf(key);
    const isNamespaceAbout = this.#namespaces.wrote(namespace, longerMs);
    const isTenantAbout = this.#tenants.get(namespace)?.wrote(tenant, longerMs) ?? false;
    return isNamespaceAbout || isTenantAbout;
  }

  /**
   * Whether the executions of a namespace, or of a tenant of it, have to wait now; `onFree` tells when that may have changed.
   *
   * @param isFull only the spare place is left: for sparse namespaces
   */
  isHeld(namespace: string, tenant?: string, isFull = false): boolean {
    if (tenant !== undefined) return this.#tenants.get(namespace)?.isHeld(tenant) ?? false;
    return (isFull && !this.#namespaces.isSparse(namespace)) || this.#namespaces.isHeld(namespace);
  }

  close(): void {
    this.#namespaces.close();
    for (const tenants of this.#tenants.values()) tenants.close();
  }

  #contestsOf(key: string): Contest[] {
    const tenants = this.#tenants.get(this.#options.partyOf(key)[0]);
    return tenants ? [this.#namespaces, tenants] : [this.#namespaces];
  }

  #sweep(): void {
    const now = performance.now();
    if (now < this.#sweptAt + SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [namespace, tenants] of this.#tenants) if (tenants.isIdle) this.#tenants.delete(namespace);
  }

  #contest(party: 'namespace' | 'tenant', waiting: (party: string) => number): Contest {
    const counted = (seconds: CounterMetric) => (ms: number) => {
      seconds.inc({ for: party }, ms / 1000);
      this.#options.onFree();
    };
    return new Contest({ waiting, onHeld: counted(this.#heldSeconds), onPaused: counted(this.#pausedSeconds) });
  }
}
