import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type EndReason, REASONS } from '../../api/outcome.ts';
import { REFUSAL_STATUS, type RefusalCode } from '../../api/pod-protocol.ts';
import { collectProcessMetrics } from '../../http/process-metrics.ts';
import type { RequestReport } from '../egress/request-record.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import type { ExecutionOutcome } from '../types.ts';
import type { RunLedger } from './ledger.ts';
import type { LogSource } from './log-sink.ts';
import type { RunTimes } from './runner.ts';

/** Seconds: from a fraction of a millisecond to the longest time-out. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Reasons that only the operator gives. */
const NOT_OF_A_POD: ReadonlySet<string> = new Set([
  'PodLost',
  'DeadlineExceeded',
  'SourceChanged',
] satisfies EndReason[]);
const REASONS_OF_A_POD = Object.entries(REASONS)
  .filter(([reason, { succeeded }]) => succeeded !== 'Unknown' && !NOT_OF_A_POD.has(reason))
  .map(([reason]) => reason);

export interface MetricSources {
  readonly runtime: { metrics(): RuntimeMetrics };
  readonly ledger: Pick<RunLedger, 'bounds' | 'active' | 'unacknowledged' | 'bytes' | 'remembered' | 'rememberedBytes'>;
  readonly clockSkewMs: () => number;
  readonly isReady: () => boolean;
  readonly droppedLogLines: () => Readonly<Record<LogSource, number>>;
}

/** A value that is read when somebody asks; with a label, one for each of its values. */
interface Reading {
  readonly kind: typeof Counter | typeof Gauge;
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  readonly read: () => Readonly<Record<string, number>> | number;
}

/** The pod's metrics in Prometheus' terms. */
export class PodMetrics {
  readonly #registry = new Registry();
  readonly #duration: Histogram;
  readonly #wait: Histogram;
  readonly #cpu: Counter;
  readonly #refusals: Counter;
  readonly #fetches: Counter;
  readonly #fetchBytes: Counter;
  readonly #fetchDuration: Histogram;

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    collectProcessMetrics(this.#registry);
    for (const reading of readings(sources)) register(reading, this.#registry);
    this.#duration = new Histogram({
      name: 'copepod_execution_duration_seconds',
      help: 'Time by the clock that executions took on a VM.',
      buckets: SECONDS,
      registers,
    });
    this.#wait = new Histogram({
      name: 'copepod_execution_wait_seconds',
      help: 'Time from the arrival of an execution to its start on a VM.',
      buckets: SECONDS,
      registers,
    });
    this.#cpu = new Counter({
      name: 'copepod_execution_cpu_seconds_total',
      help: 'Processor time of all executions that have ended.',
      registers,
    });
    this.#refusals = new Counter({
      name: 'copepod_refusals_total',
      help: 'Requests that were refused, by the code of the refusal.',
      labelNames: ['code'],
      registers,
    });
    this.#fetches = new Counter({
      name: 'copepod_fetches_total',
      help: 'Requests of scripts that have ended, by egress rule (none where none allows it) and outcome.',
      labelNames: ['rule', 'outcome'],
      registers,
    });
    this.#fetchBytes = new Counter({
      name: 'copepod_fetch_bytes_total',
      help: 'Bytes of the bodies of these requests and of their responses, decompressed.',
      labelNames: ['direction'],
      registers,
    });
    this.#fetchDuration = new Histogram({
      name: 'copepod_fetch_duration_seconds',
      help: 'Time by the clock from the start of such a request to the end of its response.',
      buckets: SECONDS,
      registers,
    });
    for (const direction of ['sent', 'received']) this.#fetchBytes.inc({ direction }, 0);
    for (const code of Object.keys(REFUSAL_STATUS)) this.#refusals.inc({ code }, 0);
  }

  /** Counts an execution that has ended. */
  ended({ usage }: ExecutionOutcome, { waitMs }: RunTimes): void {
    this.#duration.observe(usage.wallMilliseconds / 1000);
    this.#wait.observe(waitMs / 1000);
    this.#cpu.inc(usage.cpuMilliseconds / 1000);
  }

  /** Counts a request of a script that has ended. */
  fetched({ rule = 'none', outcome, bytesSent, bytesReceived, milliseconds }: RequestReport): void {
    this.#fetches.inc({ rule, outcome });
    this.#fetchBytes.inc({ direction: 'sent' }, bytesSent);
    this.#fetchBytes.inc({ direction: 'received' }, bytesReceived);
    if (outcome !== 'refused') this.#fetchDuration.observe(milliseconds / 1000);
  }

  refused(code: RefusalCode): void {
    this.#refusals.inc({ code });
  }

  /** The text of `/metrics`. */
  async expose(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

function readings({ runtime, ledger, isReady, droppedLogLines, clockSkewMs }: MetricSources): Reading[] {
  const counter = (name: string, help: string, read: Reading['read'], label?: string): Reading => ({
    kind: Counter,
    name,
    help,
    read,
    ...(label === undefined ? {} : { label }),
  });
  const gauge = (name: string, help: string, read: Reading['read'], label?: string): Reading => ({
    kind: Gauge,
    name,
    help,
    read,
    ...(label === undefined ? {} : { label }),
  });
  const zero = Object.fromEntries(REASONS_OF_A_POD.map((reason) => [reason, 0]));
  const engine = () => runtime.metrics();
  const vms = (): Record<string, number> => {
    const { idle, busy } = engine().pool;
    return { idle, busy };
  };
  return [
    counter(
      'copepod_executions_total',
      'Executions that have ended, by the reason of their end.',
      () => ({ ...zero, ...engine().reasons }),
      'reason',
    ),
    gauge('copepod_executions_running', 'Executions on a VM.', () => engine().executions.running),
    gauge('copepod_executions_pending', 'Executions that wait for a VM.', () => engine().executions.pending),
    gauge('copepod_vms', 'VMs by what they do.', vms, 'state'),
    gauge('copepod_vms_max', 'Executions that can run at once.', () => engine().pool.size),
    counter('copepod_vms_created_total', 'VMs started.', () => engine().pool.created),
    counter('copepod_vms_destroyed_total', 'VMs ended.', () => engine().pool.destroyed),
    counter(
      'copepod_vms_failed_total',
      'VMs that ended before they were ready; each was replaced at once.',
      () => engine().pool.failedStarts,
    ),
    gauge(
      'copepod_containment',
      'Whether a line of defence stands around sandbox processes: 1 if so, 0 if not or not yet known.',
      () => {
        const { seccomp, permissionModel } = engine().containment;
        return { seccomp: Number(seccomp === 'Active'), permissionModel: Number(permissionModel === 'Active') };
      },
      'line',
    ),
    gauge('copepod_programs', 'Compiled programs in the cache.', () => engine().compilation.size),
    counter('copepod_program_hits_total', 'Executions that needed no compilation.', () => engine().compilation.hits),
    counter(
      'copepod_program_misses_total',
      'Executions that compiled their script.',
      () => engine().compilation.misses,
    ),
    gauge('copepod_runs_active', 'Runs that have not ended.', () => ledger.active),
    gauge('copepod_runs_unacknowledged', 'Outcomes that nobody has acknowledged.', () => ledger.unacknowledged),
    gauge('copepod_runs_max', 'Runs and outcomes from which on no run is taken.', () => ledger.bounds.maxRuns),
    gauge('copepod_runs_bytes', 'Bytes of the requests and outcomes that are kept.', () => ledger.bytes),
    gauge('copepod_runs_bytes_max', 'Bytes from which on no run is taken.', () => ledger.bounds.maxBytes),
    gauge('copepod_runs_remembered', 'Ids of runs that are over and acknowledged.', () => ledger.remembered),
    gauge('copepod_runs_remembered_bytes', 'Memory of those ids.', () => ledger.rememberedBytes),
    gauge('copepod_ready', 'Whether the pod takes runs and has a warm VM.', () => Number(isReady())),
    gauge(
      'copepod_clock_skew_seconds',
      "How far the operator's clock was ahead when it last signed a request; 10 s, or 40 s behind, and none is taken.",
      () => clockSkewMs() / 1000,
    ),
    counter(
      'copepod_log_lines_dropped_total',
      'Lines of log that nobody took fast enough, by whose they are.',
      droppedLogLines,
      'source',
    ),
  ];
}

function register({ kind: Metric, name, help, label, read }: Reading, registry: Registry): void {
  new Metric({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      this.reset();
      const value = read();
      if (typeof value === 'number') this.inc(value);
      else for (const [key, each] of Object.entries(value)) this.inc({ [label ?? '']: key }, each);
    },
  });
}
