import type { PodStats, RunOutcome } from '../../../../src/api/pod-protocol.ts';
import { parseRunId } from '../../../../src/api/pod-protocol.ts';
import { formatTime } from '../../../../src/api/time.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import { type LedgerBounds, RunLedger } from '../../../../src/runtime/server/ledger.ts';
import { LIMITS } from '../../../support/limits.ts';
import type { ApiServer } from './api-server.ts';
import type { Observer } from './invariants.ts';
import { type Gate, PodGate } from './pod-gate.ts';
import type { Script } from './schedule.ts';
import { Process, type VirtualTime } from './virtual-time.ts';

/** The parts of a pod that a mutation replaces. */
export interface PodMakers {
  readonly gate: (gate: Gate) => Gate;
  readonly ledger: (ledger: RunLedger) => Ledger;
}

export type Ledger = Pick<
  RunLedger,
  | 'open'
  | 'drain'
  | 'empty'
  | 'start'
  | 'state'
  | 'cancel'
  | 'acknowledge'
  | 'draining'
  | 'active'
  | 'unacknowledged'
  | 'unacknowledgedIds'
>;

export interface PodParts {
  readonly time: VirtualTime;
  readonly api: ApiServer;
  readonly observer: Observer;
  readonly scriptOf: (uid: string) => Script;
  readonly makers: PodMakers;
  /** How far its clock is ahead of the others. */
  readonly clockSkewMs: number;
}

export const RUNTIME = 'acme/default';
const NAMESPACE = 'acme';
const CAPACITY = 1;
const BOUNDS: LedgerBounds = { maxActive: 2, maxRuns: 3, maxBytes: 100_000, maxRemembered: 1000 };
const GRACE_MS = 60_000;
const WARM_UP_MS = 150;
const RESTART_MS = 600;
const KUBELET_MS = 300;
const SCRIPT_MS: Readonly<Record<Script, number>> = { quick: 3, flaky: 3, slow: 6000, long: 25_000 };

/** One process of a pod (a boot): its runs and outcomes are in memory only. */
export class Life {
  readonly process: Process;
  readonly bootID: string;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly #bounds = { ...BOUNDS };
  readonly #pod: SimulatedPod;
  readonly #parts: PodParts;
  #isReady = false;
  #fullUntil = 0;

  constructor(pod: SimulatedPod, bootID: string, parts: PodParts) {
    const { time, makers, clockSkewMs } = parts;
    this.#pod = pod;
    this.#parts = parts;
    this.bootID = bootID;
    this.process = new Process(`${pod.name}/${bootID}`);
    this.gate = makers.gate(new PodGate(pod.uid, bootID, () => time.date + clockSkewMs));
    const failed = (_id: string, error: unknown): never => {
      throw error;
    };
    this.ledger = makers.ledger(new RunLedger(this.#bounds, { failed, full: () => {} }));
    time.after(WARM_UP_MS, this.process, () => {
      this.#isReady = true;
      this.ledger.open();
    });
  }

  /** Refuses new runs for this time. */
  fill(ms: number): void {
    const { time } = this.#parts;
    this.#fullUntil = Math.max(this.#fullUntil, time.now + ms);
    this.#bounds.maxActive = 0;
    time.after(ms, this.process, () => {
      if (time.now >= this.#fullUntil) this.#bounds.maxActive = BOUNDS.maxActive;
    });
  }

  start(id: string): Promise<Buffer> {
    return this.ledger.start(id, () => ({ requestBytes: 100, run: (signal) => this.#run(id, signal) }));
  }

  acknowledge(id: string): void {
    this.ledger.acknowledge(id);
    this.#parts.observer.acknowledged(id);
  }

  stats(): PodStats {
    const { ledger, bootID } = this;
    const executions = { total: 0, succeeded: 0, errors: 0, timeouts: 0, running: 0, pending: 0 };
    return {
      bootID,
      draining: ledger.draining,
      ready: this.#isReady && !ledger.draining,
      capacity: CAPACITY,
      limits: LIMITS,
      executions,
      pool: { size: CAPACITY, idle: 0, busy: 0, created: 0, destroyed: 0 },
      compilation: { size: 0, hits: 0, misses: 0 },
      unacknowledged: ledger.unacknowledged,
    };
  }

  #run(id: string, signal: AbortSignal): Promise<RunOutcome> {
    const { time, observer, scriptOf } = this.#parts;
    const { uid = '', attempt = 1 } = parseRunId(id) ?? {};
    const script = scriptOf(uid);
    const result = observer.started(id, this.#pod.uid, this.bootID);
    const startTime = formatTime(new Date());
    return new Promise((resolve) => {
      const end = (more: Pick<RunOutcome, 'reason' | 'result' | 'error'>): void => {
        const usage = { cpuMilliseconds: 1, wallMilliseconds: 1, peakHeapBytes: 1, apiCalls: 0 };
        resolve({ ...more, logs: [], usage, startTime, completionTime: formatTime(new Date()) });
      };
      const ms = SCRIPT_MS[script === 'flaky' && attempt > 1 ? 'slow' : script];
      time.after(ms, this.process, () => {
        if (script === 'flaky' && attempt === 1) {
          end({ reason: 'SandboxLost', error: { type: 'InternalError', message: 'flaky', retryable: true } });
        } else end({ reason: 'Completed', result });
      });
      signal.addEventListener('abort', () => time.after(1, this.process, () => end({ reason: 'Cancelled' })));
    });
  }
}

/** A pod of the runtime: its object in the API, and its successive processes. */
export class SimulatedPod {
  readonly name: string;
  readonly uid: string;
  readonly #parts: PodParts;
  #life: Life | undefined;
  #lives = 0;
  #isEnding = false;

  constructor(name: string, parts: PodParts) {
    this.name = name;
    this.uid = `uid-${name}`;
    this.#parts = parts;
    this.#boot();
    this.#show();
  }

  get life(): Life | undefined {
    return this.#life;
  }

  /** Whether its object exists. */
  get isThere(): boolean {
    return this.#parts.api.pods.get(this.#key) !== undefined;
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Kills the process, which restarts shortly after. */
  crash(): void {
    const { time } = this.#parts;
    this.#end();
    if (this.#isEnding) {
      time.after(KUBELET_MS, undefined, () => this.removeObject());
      return;
    }
    time.after(RESTART_MS, undefined, () => {
      if (!this.isThere) return;
      this.#boot();
      time.after(KUBELET_MS, undefined, () => this.isThere && this.#show());
    });
  }

  /** Deletes it: it accepts no more runs, and exits once all outcomes are acknowledged or the grace period is over. */
  delete(): void {
    if (this.#isEnding || !this.isThere) return;
    this.#isEnding = true;
    this.#show();
    const { time } = this.#parts;
    const life = this.#life;
    const exit = (): void => {
      if (life === undefined || life.process.state === 'ended') return;
      this.#end();
      time.after(KUBELET_MS, undefined, () => this.removeObject());
    };
    if (life === undefined) this.removeObject();
    else
      time.after(50, life.process, () => {
        life.ledger.drain();
        void life.ledger.empty().then(() => time.after(2100, life.process, exit));
      });
    time.after(GRACE_MS, undefined, exit);
  }

  /** Its node is gone, and its object is deleted. */
  vanish(): void {
    this.#end();
    this.removeObject();
  }

  /** Force-deletes the object: the process continues for a while. */
  orphan(ms: number): void {
    this.removeObject();
    this.#parts.time.after(ms, undefined, () => this.#end());
  }

  removeObject(): void {
    this.#parts.api.pods.remove(this.#key);
  }

  get #key(): string {
    return `${NAMESPACE}/${this.name}`;
  }

  #boot(): void {
    this.#lives += 1;
    this.#life = new Life(this, `boot-${this.#lives}`, this.#parts);
  }

  #end(): void {
    this.#life?.process.end();
    this.#life = undefined;
  }

  #show(): void {
    const deletionTimestamp = this.#isEnding ? { deletionTimestamp: formatTime(new Date()) } : {};
    this.#parts.api.pods.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: this.name, namespace: NAMESPACE, uid: this.uid, ...deletionTimestamp },
      runtime: RUNTIME,
      address: this.uid,
      isTerminal: false,
      standing: 'ready',
      deletionCost: { given: undefined, isMarked: false },
      life: `#${this.#lives}`,
      trouble: undefined,
    } satisfies KnownPod);
  }
}
