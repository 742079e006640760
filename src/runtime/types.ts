import type { EnvVar } from '../api/env.ts';
import type { JsonValue } from '../api/json.ts';
import type { EndReason } from '../api/outcome.ts';
import type { SpanRecord } from '../api/span.ts';
import type { SpanContext } from '../api/trace-context.ts';
import type { ContextInput } from './context.ts';
import type { RequestReport } from './egress/request-record.ts';
import type { HostBridge } from './host-bridge.ts';
import type { ScriptError } from './script-error.ts';
import type { Respond, WebRequest } from './web-exchange.ts';

/** What one execution may use. */
export interface Limits {
  /** Growth of the sandbox process in bytes: heap, buffers and everything else. */
  readonly memoryBytes: number;
  /** Processor time in milliseconds, over all awaits. */
  readonly cpuTimeMs: number;
  /** Time by the clock in milliseconds, from the start on a VM. */
  readonly timeoutMs: number;
  /** Calls of host functions and of `fetch`. */
  readonly apiCalls: number;
  /** Bytes of the bodies that `fetch` sends and receives, decompressed. */
  readonly fetchBytes: number;
  /** Bytes of the result as UTF-8 JSON. */
  readonly resultBytes: number;
  /** Bytes of log text kept: the last lines win. */
  readonly logsBytes: number;
}

export type Language = 'JavaScript' | 'TypeScript';

/** A script as text. */
export interface ScriptSource {
  readonly source: string;
  /** File name shown in errors and stacks; `script.js` or `script.ts` where left out. */
  readonly name?: string;
  readonly language?: Language;
  /** Other files, by name: `import './lib.ts'` is the one of that name beside the importing file. */
  readonly files?: Readonly<Record<string, string>>;
  /** Import map: names of `files` by the specifiers that stand for them. */
  readonly imports?: Readonly<Record<string, string>>;
}

/** Reads a file that a script imports, by its path from the script's folder; undefined where there is none. */
export type ReadFile = (name: string) => string | undefined | Promise<string | undefined>;

/** A script that has been compiled once by `Runtime.compile`, for executions of any tenant. */
export interface Program extends Required<ScriptSource> {
  readonly key: string;
}

export interface ExecuteOptions {
  /** The global `params`; `{}` where left out. */
  readonly params?: JsonValue;
  readonly context?: ContextInput;
  /**
   * The frozen global `env`: of several variables with one name the last one that has a value. What `valueFrom` refers to is
   * read from the runtime's `values`; without it the execution ends as `EnvNotFound`, unless it is optional.
   */
  readonly env?: readonly EnvVar[];
  /** Lowers the runtime's limits; asking for more ends as `LimitsRefused`. */
  readonly limits?: Partial<Limits>;
  /** Cancels the execution: it ends as `Cancelled`. */
  readonly signal?: AbortSignal;
  /** Adds host functions for this execution alone. */
  readonly setup?: (host: HostBridge) => void;
  /** Reads what the script imports and `files` does not hold. */
  readonly readFile?: ReadFile;
  /** Executions of different keys never share a VM's state; `context.tenant.id` where left out. */
  readonly tenantKey?: string;
  /**
   * Calls the web handler that the script exports with a request, in place of running it for its result: `respond` takes the response
   * as it comes. The outcome has no result. A request that is too large ends as LimitsRefused, a response that is as ResultTooLarge.
   */
  readonly serve?: {
    readonly request: WebRequest;
    readonly respond: Respond;
    /**
     * The module is evaluated once for each VM and version and answers one request after the other: those with the same name, tenant,
     * script, `env` and host functions. What a request leaves behind in it, the next one sees. Left out: each request has a fresh context.
     */
    readonly module?: string;
  };
  /** The span that asks for the execution: `outcome.spans` continue it. Left out: none are recorded. */
  readonly trace?: SpanContext;
  /** Sees each request of `fetch` when it has ended, also after the execution. */
  readonly onFetch?: (report: RequestReport) => void;
  /** Sees each log line as it arrives, also those that the outcome no longer keeps. */
  readonly onLog?: (line: LogLine) => void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
}

/** What an execution cost. */
export interface Usage {
  readonly cpuMilliseconds: number;
  readonly wallMilliseconds: number;
  readonly peakHeapBytes: number;
  readonly apiCalls: number;
  /** Requests that `fetch` has sent, with those of redirects. Absent where it was not called. */
  readonly fetches?: number;
  /** Bytes of their bodies. */
  readonly fetchBytesSent?: number;
  /** Bytes of the bodies of their responses, decompressed. */
  readonly fetchBytesReceived?: number;
}

/** How an execution ended. `error` is there unless the reason is Completed or Cancelled. */
export interface ExecutionOutcome {
  readonly reason: EndReason;
  /** JSON value; absent where the script gave `undefined` or did not complete. */
  readonly result?: JsonValue;
  readonly error?: ScriptError;
  /** The last lines, within `limits.logsBytes`. */
  readonly logs: readonly LogLine[];
  readonly usage: Usage;
  readonly startTime: Date;
  readonly completionTime: Date;
  /** Spans of the trace that `trace` names. */
  readonly spans?: readonly SpanRecord[];
}
