import type { JsonValue } from '../api/json.ts';
import type { ScriptExecutionSpec, ScriptExecutionStatus } from '../api/types.generated.ts';

export interface ClientOptions {
  /** Where the gateway is: `https://copepod.example`, or `http://localhost:8080`. */
  readonly url: string | URL;
  /** Bearer token of the cluster, or what gives one for each request; a local gateway needs none. */
  readonly token?: string | (() => string | Promise<string>);
  /** Namespace of the runtimes. Default: `default`. */
  readonly namespace?: string;
  /** How often a request that was refused with 429 or 503 is sent again, after its Retry-After. Default: 2. */
  readonly retries?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What to run: a ScriptExecution's `spec` as its author writes it; `runtimeRef` is the client's. */
export type ExecuteSpec = Partial<Omit<ScriptExecutionSpec, 'runtimeRef'>>;

export interface ExecuteOptions {
  /** Cancels the script: `execute` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly namespace?: string;
  /** Also writes a ScriptExecution, afterwards. Default: Never. */
  readonly record?: 'Always' | 'Failures' | 'Never';
  /** Sent as `X-Request-Id`: the script's `context.requestID`. */
  readonly requestID?: string;
  /** W3C trace context, for `context.traceparent`. */
  readonly traceparent?: string;
}

/** How an execution ended. */
export interface Executed<Result = JsonValue> {
  readonly succeeded: boolean;
  /** `Completed`, `RuntimeError`, `TimeoutExceeded`, ... */
  readonly reason: string;
  /** Undefined without one. */
  readonly result: Result | undefined;
  readonly status: ScriptExecutionStatus;
  readonly requestID: string;
  /** Name of the ScriptExecution that records it, if one does. */
  readonly recordedAs: string | undefined;
}

/** The gateway has refused a request: no script has run. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** HTTP status. */
  readonly code: number;
  /** `Unauthorized`, `Forbidden`, `Invalid`, `TooManyRequests`, ... */
  readonly reason: string;
  /** When the same request may succeed, in seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, reason: string, message: string, retryAfterSeconds: number | undefined) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const MAX_RETRY_AFTER_SECONDS = 60;

/** A client of a gateway, for Node and browsers. */
export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Executes a script on a ScriptRuntime, and resolves with how it ended, whether it succeeded or not.
   * @throws RefusedError if it was not started; TypeError (of fetch) if the connection broke: it may have run
   */
  async execute<Result = JsonValue>(
    runtime: string,
    spec: ExecuteSpec,
    options: ExecuteOptions = {},
  ): Promise<Executed<Result>> {
    const { retries = 2 } = this.#options;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#execute<Result>(runtime, spec, options);
      } catch (error) {
        const isTemporary = error instanceof RefusedError && (error.code === 429 || error.code === 503);
        if (!isTemporary || tries >= retries) throw error;
        await pause(Math.min(error.retryAfterSeconds ?? 1, MAX_RETRY_AFTER_SECONDS), options.signal);
      }
    }
  }

  async #execute<Result>(runtime: string, spec: ExecuteSpec, options: ExecuteOptions): Promise<Executed<Result>> {
    const { url, token, fetch = globalThis.fetch } = this.#options;
    const { namespace = this.#options.namespace ?? 'default', record, requestID, traceparent, signal } = options;
    const path = [
      'apis/copepod.dev/v1alpha1/namespaces',
      encodeURIComponent(namespace),
      'scriptruntimes',
      encodeURIComponent(runtime),
    ];
    const target = new URL(`${String(url).replace(/\/+$/, '')}/${path.join('/')}/execute`);
    if (record !== undefined) target.searchParams.set('record', record);
    const bearer = typeof token === 'function' ? await token() : token;
    const answer = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(requestID === undefined ? {} : { 'x-request-id': requestID }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      body: JSON.stringify(spec),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok) throw await refusalOf(answer);
    const status = (await answer.json()) as ScriptExecutionStatus;
    const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
    return {
      succeeded: succeeded?.status === 'True',
      reason: succeeded?.reason ?? '',
      result: status.result as Result | undefined,
      status,
      requestID: answer.headers.get('x-request-id') ?? '',
      recordedAs: answer.headers.get('copepod-execution') ?? undefined,
    };
  }
}

async function refusalOf(answer: Response): Promise<RefusedError> {
  const text = await answer.text();
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    if (typeof message === 'string') return new RefusedError(answer.status, reason ?? '', message, retryAfter);
  } catch {
    // not of the gateway: said below
  }
  return new RefusedError(
    answer.status,
    '',
    `the gateway answered ${answer.status}: ${text.slice(0, 200)}`,
    retryAfter,
  );
}

function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
