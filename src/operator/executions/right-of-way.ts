import { type CounterMetric, type Metrics, NO_METRICS } from '../kube/metrics.ts';
import { Contest, HOLD_MS } from './contest.ts';
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

/** Who has no more executions that wait has few. */
const FEW = 4;
/**
 * Claims and outcomes of a namespace in a second; one with more comes often, and has its turns but nothing beyond: else those
 * that are served as they come would leave nothing to one that has fallen behind.
 */
const SELDOM = 6;
const SECOND_MS = 1000;
/** Once it is claimed, a script that takes longer than this keeps nobody. */
const BRIEF_RUN_MS = 25;

/**
 * While an execution of somebody who has few is claimed, run and recorded, those who have many are held: a turn of its own does
 * not help it where the API server is busy with everybody else's. Namespaces are held for namespaces, and tenants for tenants
 * of theirs. After the sparse flows of FQ-CoDel (RFC 8290, 4.2), which go before the others too; these also have the link to themselves.
 */
export class RightOfWay {
  readonly #options: RightOfWayOptions;
  readonly #heldSeconds: CounterMetric;
  readonly #namespaces: Contest;
  /** How much each namespace has begun in the present second. */
  readonly #begun = new Map<string, number>();
  #secondEnds = 0;
  /** Of the tenants of each namespace: what one does to its neighbours costs other namespaces nothing. */
  readonly #tenants = new Map<string, Contest>();

  constructor(options: RightOfWayOptions) {
    this.#options = options;
    this.#heldSeconds = (options.metrics ?? NO_METRICS).counter({
      name: 'copepod_operator_held_seconds_total',
      help: 'Time in which executions of those who have many were held, for those who have few.',
      labelNames: ['for'],
    });
    for (const party of ['namespace', 'tenant']) this.#heldSeconds.inc({ for: party }, 0);
    this.#namespaces = this.#contest('namespace', (namespace) => options.waiting(namespace));
  }

  /** An execution is about to be claimed, or its outcome to be recorded. */
  begin(key: string): void {
    const [namespace] = this.#options.partyOf(key);
    this.#begun.set(namespace, this.#begunBy(namespace) + 1);
    this.#begin(key, HOLD_MS);
  }

  /** It is claimed, and runs. */
  runs(key: string): void {
    this.#begin(key, BRIEF_RUN_MS);
  }

  /** Nothing is written for it now. */
  end(key: string): void {
    const [namespace] = this.#options.partyOf(key);
    this.#namespaces.end(key);
    const tenants = this.#tenants.get(namespace);
    tenants?.end(key);
    if (tenants?.isIdle) this.#tenants.delete(namespace);
  }

  /**
   * Whether the executions of a namespace, or of a tenant of it, have to wait now; `onFree` tells when that may have changed.
   *
   * @param isFull only the spare place is left: for namespaces that have few and come seldom
   */
  isHeld(namespace: string, tenant?: string, isFull = false): boolean {
    if (tenant !== undefined) return this.#tenants.get(namespace)?.isHeld(tenant) ?? false;
    return (isFull && !this.#isSparse(namespace)) || this.#namespaces.isHeld(namespace);
  }

  close(): void {
    this.#namespaces.close();
    for (const tenants of this.#tenants.values()) tenants.close();
  }

  /** It has few, and comes seldom. */
  #isSparse(namespace: string): boolean {
    return !this.#hasMany(namespace) && this.#begunBy(namespace) < SELDOM;
  }

  #begunBy(namespace: string): number {
    const now = performance.now();
    if (now >= this.#secondEnds) {
      this.#begun.clear();
      this.#secondEnds = now + SECOND_MS;
    }
    return this.#begun.get(namespace) ?? 0;
  }

  #hasMany(namespace: string, tenant?: string): boolean {
    return this.#options.waiting(namespace, tenant) > FEW;
  }

  #begin(key: string, lastsMs: number): void {
    const [namespace, tenant] = this.#options.partyOf(key);
    if (this.#hasMany(namespace, tenant)) return;
    const tenants = getOrMake(this.#tenants, namespace, () =>
      this.#contest('tenant', (each) => this.#options.waiting(namespace, each)),
    );
    tenants.begin(key, tenant, lastsMs);
    if (!this.#hasMany(namespace)) this.#namespaces.begin(key, namespace, lastsMs);
  }

  #contest(party: 'namespace' | 'tenant', waiting: (party: string) => number): Contest {
    const onFree = (heldMs: number): void => {
      this.#heldSeconds.inc({ for: party }, heldMs / 1000);
      this.#options.onFree();
    };
    return new Contest({ hasMany: (each) => waiting(each) > FEW, onFree });
  }
}
