import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { referencesDigest } from '../../api/env.ts';
import type { PodStats, PodToolProblem, PodValues } from '../../api/pod-protocol.ts';
import type { Setup } from '../host-functions-file.ts';
import { DEFAULT_LIMITS, DEFAULT_POOL, type RuntimeObserver, withDefaults } from '../options.ts';
import type { Runtime } from '../runtime.ts';
import type { Limits } from '../types.ts';
import { createApp } from './app.ts';
import { Authenticator, type Signer } from './authenticate.ts';
import { closeServer, createPodServer, listen } from './http-server.ts';
import { type LedgerBounds, RunLedger } from './ledger.ts';
import { LifeCycle } from './life-cycle.ts';
import type { PodLog } from './log.ts';
import type { LogSource } from './log-sink.ts';
import { PodMetrics } from './prometheus.ts';
import type { RefusalError } from './refusal.ts';
import { lostOutcome, wireOutcome } from './run-outcome.ts';
import { Runner } from './runner.ts';
import type { PodSettings } from './settings.ts';
import { boundedProblems } from './tool-problems.ts';

/** Runs for each VM that may run or wait: the operator goes by free VMs, and a new leader may not know all of them. */
const ACTIVE_PER_VM = 16;
const MIN_ACTIVE = 64;
/** Of a gateway, which has other pods and a queue of its own, only what a VM takes up next is accepted. */
const ACTIVE_PER_VM_FOR_GATEWAYS = 2;
const MAX_UNACKNOWLEDGED = 10_000;
const MAX_HELD_BYTES = 64 << 20;
/** Ids of past runs cost memory (see Tombstones): with this many, 115 MB, a pod ends in good order to begin anew. */
const MAX_REMEMBERED = 10_000_000;
/** For so long at most a pod that starts does not answer how it is. */
const HELD_MS = 1000;
/** For the last answer to leave. */
const LAST_ANSWER_MS = 100;
/**
 * For the operator to read what this pod has done and that it drains, when it has nothing left to do: longer than the
 * interval in which it asks a pod that serves. A run sent while the server closes would be neither started nor refused.
 */
const LAST_STATS_MS = 6000;
const COMPLAINT_INTERVAL_MS = 5000;

export interface PodParts {
  readonly settings: PodSettings;
  /** Its engine, which ends with it. */
  readonly runtime: Runtime;
  /** What the engine tells: of its requests for tools, to the pod's log and metrics. */
  readonly observer: RuntimeObserver;
  readonly setup: Setup | undefined;
  readonly log: PodLog;
  /** Names this life of the pod. */
  readonly bootID: string;
  readonly droppedLogLines: () => Readonly<Record<LogSource, number>>;
}

/** A runtime pod: an engine, the ledger of its runs, and the server through which the operator uses both. */
export class Pod {
  /** Resolves when every VM is gone and nothing is left to do. */
  readonly stopped: Promise<void>;
  readonly #parts: PodParts;
  readonly #runtime: Runtime;
  readonly #limits: Limits;
  readonly #ledger: RunLedger;
  readonly #server: Server;
  readonly #lifeCycle: LifeCycle;
  /** Resolves when it serves, or is told to end before. */
  readonly #started: Promise<void>;
  #onStarted: () => void = () => {};
  #onStopped: () => void = () => {};
  #onStatsRead: () => void = () => {};
  /** What the operator last read; undefined: it does not know of this pod. */
  #readByOperator: { readonly total: number; readonly draining: boolean } | undefined;

  constructor(parts: PodParts) {
    const { settings, runtime, observer, setup, log, bootID, droppedLogLines } = parts;
    const { engine, podUID, publicKey, gatewayKey } = settings;
    this.#parts = parts;
    this.#started = new Promise((resolve) => (this.#onStarted = resolve));
    this.stopped = new Promise((resolve) => (this.#onStopped = resolve));
    this.#lifeCycle = new LifeCycle((state) => {
      log.write('info', 'state changed', { state, ...sinceStart() });
      this.#onStarted();
    });
    this.#runtime = runtime;
    const vms = engine.pool?.size ?? DEFAULT_POOL.size;
    this.#ledger = new RunLedger(boundsFor(vms), {
      failed: (id, error) => {
        log.write('error', 'a run was lost by a bug', { run: id, error });
        const now = new Date();
        return wireOutcome(lostOutcome({ startTime: now, completionTime: now }));
      },
      full: () => void this.drain('it remembers as many runs as it can'),
    });
    const isReady = (): boolean => this.isReady;
    const operator = new Authenticator({ signer: 'operator', publicKey, podUID, bootID });
    const gateway = gatewayKey && new Authenticator({ signer: 'gateway', publicKey: gatewayKey, podUID, bootID });
    const metrics = new PodMetrics({
      runtime: this.#runtime,
      ledger: this.#ledger,
      isReady,
      droppedLogLines,
      clockSkewMs: () => operator.clockSkewMs,
    });
    observer.toolRequested = (report) => {
      metrics.fetched(report);
      log.toolRequested(report);
    };
    this.#limits = withDefaults(DEFAULT_LIMITS, engine.limits);
    const { endpointSecrets } = settings;
    const admission = { ceiling: this.#limits, tenants: engine.tenants ?? [], values: engine.values, endpointSecrets };
    const runner = new Runner(this.#runtime, setup, admission, {
      logged: (run, line) => log.script(run, line),
      ended: (run, outcome, times) => {
        metrics.ended(outcome, times);
        log.ended(run, outcome, times);
      },
      fetched: (run, report) => {
        metrics.fetched(report);
        log.fetched(run, report);
      },
      hostFunctionFailed: (run, name, error) => log.hostFunctionFailed(run, name, error),
    });
    this.#server = createPodServer((guard) =>
      createApp({
        bootID,
        ledger: this.#ledger,
        runner,
        authenticators: { operator, gateway },
        maxActiveForGateways: ACTIVE_PER_VM_FOR_GATEWAYS * vms,
        onSigned: (request, response) => guard.trust(request, response),
        isReady,
        stats: (reader) => this.#statsOnceStarted(reader),
        toolTypes: (tenant) => this.#runtime.toolTypes(tenant),
        metrics: () => metrics.expose(),
        onRefusal: (refusal, cause) => {
          metrics.refused(refusal.code);
          logRefusal(log, refusal, cause);
        },
      }),
    );
  }

  /** Takes runs, and a warm VM can serve them now. */
  get isReady(): boolean {
    return this.#lifeCycle.state === 'Serving' && this.#runtime.isReady;
  }

  /** Listens, and takes runs as soon as a VM is warm. @throws what `listen` fails with */
  async listen(port: number, address: string | undefined): Promise<void> {
    const { bootID, settings, log } = this.#parts;
    const actualPort = await listen(this.#server, port, address);
    const { podUID, graceMs } = settings;
    log.write('info', 'listening', { port: actualPort, bootID, podUID, graceMs, ...sinceStart() });
    void this.#warmUp();
  }

  /**
   * Takes no new runs, and ends when all that it has done is acknowledged, or the grace period is over.
   * @returns whether this was news
   */
  drain(reason: string): boolean {
    if (!this.#lifeCycle.enter('Draining')) return false;
    const { log, settings } = this.#parts;
    const { active, unacknowledged } = this.#ledger;
    log.write('info', 'draining', { reason, active, unacknowledged, graceMs: settings.graceMs });
    this.#ledger.drain();
    const graceIsOver = new Promise<void>((resolve) => setTimeout(resolve, settings.graceMs).unref());
    const settled = this.#ledger
      .empty()
      .then(() => this.#lastStatsRead())
      .then(() => sleep(LAST_ANSWER_MS));
    void Promise.race([settled, graceIsOver]).then(() => this.close());
    return true;
  }

  /** Ends at once: what runs is lost. */
  async close(): Promise<void> {
    this.#lifeCycle.enter('Draining');
    if (!this.#lifeCycle.enter('Stopping')) return await this.stopped;
    this.#ledger.drain();
    const { log } = this.#parts;
    const { active, unacknowledged } = this.#ledger;
    if (active + unacknowledged > 0)
      log.write('warn', 'grace period over: remaining runs and outcomes are lost', { active, unacknowledged });
    // First the server: nobody shall be told how the end of the engine looks to a run.
    await closeServer(this.#server);
    await this.#runtime.close();
    this.#lifeCycle.enter('Stopped');
    this.#onStopped();
  }

  async #warmUp(): Promise<void> {
    let lastComplaint = Number.NEGATIVE_INFINITY;
    while (this.#lifeCycle.state === 'Starting') {
      try {
        await this.#runtime.ready();
        this.#logContainment();
        if (this.#lifeCycle.enter('Serving')) this.#ledger.open();
      } catch (error) {
        // The pool tries again by itself, several times a second.
        if (this.#lifeCycle.state !== 'Starting' || performance.now() - lastComplaint < COMPLAINT_INTERVAL_MS) continue;
        lastComplaint = performance.now();
        this.#parts.log.write('error', 'no VM can be started', { error });
      }
    }
  }

  #logContainment(): void {
    const { containment } = this.#runtime.metrics();
    if (containment.seccomp === 'Active') this.#parts.log.write('info', 'sandboxes are contained', { ...containment });
    else this.#parts.log.write('warn', 'sandboxes run without a seccomp filter', { ...containment });
  }

  /** What is counted here goes with the process: the operator gets the time to read what it has not read yet. */
  async #lastStatsRead(): Promise<void> {
    const { total } = this.#runtime.metrics().executions;
    const read = this.#readByOperator;
    if (read === undefined ? total === 0 : read.draining && read.total === total) return;
    await Promise.race([new Promise<void>((resolve) => (this.#onStatsRead = resolve)), sleep(LAST_STATS_MS)]);
  }

  /** A pod that starts is asked again and again: so the asker hears at once that it serves. */
  async #statsOnceStarted(reader: Signer): Promise<PodStats> {
    if (this.#lifeCycle.state === 'Starting') await Promise.race([this.#started, sleep(HELD_MS)]);
    const stats = this.#stats();
    if (reader === 'operator') {
      this.#readByOperator = { total: stats.executions.total, draining: stats.draining };
      this.#onStatsRead();
    }
    return stats;
  }

  /** The values that the kubelet has mounted. */
  #values(): { readonly values?: PodValues } {
    const { references, engine } = this.#parts.settings;
    const digest = referencesDigest(references);
    if (digest === undefined) return {};
    const present = engine.values.snapshot();
    const missing = references.flatMap((reference, index) => (present.read(reference) === undefined ? [index] : []));
    return { values: { digest, missing } };
  }

  #toolProblems(): { readonly tools?: readonly PodToolProblem[] } {
    const problems = this.#runtime.toolProblems();
    if (problems.length === 0) return {};
    return { tools: boundedProblems(problems) };
  }

  #stats(): PodStats {
    const { executions, pool, compilation, containment } = this.#runtime.metrics();
    const { size, idle, busy, created, destroyed } = pool;
    return {
      bootID: this.#parts.bootID,
      draining: this.#ledger.draining,
      ready: this.isReady,
      capacity: this.#parts.settings.engine.pool?.size ?? DEFAULT_POOL.size,
      limits: this.#limits,
      executions,
      pool: { size, idle, busy, created, destroyed },
      compilation,
      containment,
      ...this.#values(),
      ...this.#toolProblems(),
      unacknowledged: this.#ledger.unacknowledged,
    };
  }
}

/** The age of this process: how long it has taken to listen, to serve and to end. */
const sinceStart = () => ({ sinceStartMs: Math.round(performance.now()) });

function boundsFor(vms: number): LedgerBounds {
  const maxActive = Math.max(MIN_ACTIVE, ACTIVE_PER_VM * vms);
  return {
    maxActive,
    maxRuns: maxActive + MAX_UNACKNOWLEDGED,
    maxBytes: MAX_HELD_BYTES,
    maxRemembered: MAX_REMEMBERED,
  };
}

function logRefusal(log: PodLog, { code, message }: RefusalError, cause: unknown): void {
  if (code === 'InternalError') log.write('error', 'a request failed by a bug', { error: cause });
  // Anybody may send what is not signed, as often as they like.
  else log.write('debug', 'refused', { code, reason: message });
}
