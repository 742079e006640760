import type { Log } from '../../cluster/log.ts';
import type { Metrics } from '../../kube/metrics.ts';
import type { Refusal } from '../refusal.ts';

/** Which requests the access log has. */
export const ACCESS_LOGS = ['all', 'failures', 'none'] as const;
export type AccessLog = (typeof ACCESS_LOGS)[number];

/** What became of a request. */
export interface RequestRecord {
  readonly requestID: string;
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** HTTP status; 499, as nginx has it, where the client went away before the answer. */
  readonly code: number;
  readonly durationMs: number;
  readonly traceparent?: string | undefined;
  /** The trace that it is in, as OpenTelemetry names it in logs of any format; absent where nothing is traced. */
  readonly trace_id?: string | undefined;
  readonly namespace?: string | undefined;
  /** Name of a ScriptRuntime that exists: no client can make series of metrics. */
  readonly runtime?: string | undefined;
  /** Name of a ScriptEndpoint that exists. */
  readonly endpoint?: string | undefined;
  readonly username?: string | undefined;
  /** Reason of the condition Succeeded, or of the refusal; absent where the request was for no script. */
  readonly reason?: string | undefined;
  /** Whose room for bodies is taken, where it was refused for that. */
  readonly bodyLimit?: Refusal['details']['bodyLimit'];
  readonly pod?: string | undefined;
  readonly waitMs?: number | undefined;
  readonly recordedAs?: string | undefined;
  /** Why the script of an endpoint failed: its client is not told. */
  readonly failure?: string | undefined;
  /** Method of a JSON-RPC request. */
  readonly rpcMethod?: string | undefined;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Counts requests, and writes the access log. */
export class RequestObserver {
  readonly #log: Log;
  readonly #accessLog: AccessLog;
  readonly #requests;
  readonly #duration;
  readonly #wait;
  readonly #bodyRefusals;

  constructor(log: Log, accessLog: AccessLog, metrics: Metrics) {
    this.#log = log;
    this.#accessLog = accessLog;
    const labelNames = ['namespace', 'runtime', 'endpoint'];
    this.#requests = metrics.counter({
      name: 'copepod_gateway_requests_total',
      help: 'Answered requests, by runtime, HTTP status and outcome: the reason of the execution or of the refusal.',
      labelNames: [...labelNames, 'code', 'reason'],
    });
    this.#duration = metrics.histogram({
      name: 'copepod_gateway_request_duration_seconds',
      help: 'Time from a request to its answer.',
      labelNames,
      buckets: SECONDS,
    });
    this.#wait = metrics.histogram({
      name: 'copepod_gateway_wait_duration_seconds',
      help: 'Time that an executed request waited for a place on a pod.',
      labelNames,
      buckets: SECONDS,
    });
    this.#bodyRefusals = metrics.counter({
      name: 'copepod_gateway_body_refusals_total',
      help: 'Requests whose bodies had no room, by whose room was taken: that of their namespace, or of the whole gateway.',
      labelNames: ['namespace', 'limit'],
    });
  }

  ended(record: RequestRecord): void {
    const { namespace = '', runtime, endpoint = '', code, reason = '', bodyLimit, durationMs, waitMs } = record;
    const labels = runtime === undefined ? { namespace: '', runtime: '', endpoint } : { namespace, runtime, endpoint };
    this.#requests.inc({ ...labels, code: String(code), reason });
    this.#duration.observe(labels, durationMs / 1000);
    if (bodyLimit !== undefined) this.#bodyRefusals.inc({ namespace, limit: bodyLimit });
    if (waitMs !== undefined) this.#wait.observe(labels, waitMs / 1000);
    const isFailure = code >= 400 || (reason !== '' && reason !== 'Completed');
    if (this.#accessLog === 'none' || (this.#accessLog === 'failures' && !isFailure)) return;
    this.#log.write(code >= 500 ? 'error' : 'info', 'request', {
      ...record,
      durationMs: rounded(durationMs),
      ...(waitMs === undefined ? {} : { waitMs: rounded(waitMs) }),
    });
  }
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
