import { ApiError } from './api-error.ts';
import type { CallOptions, ClientOptions, RequestRecord, WriteGuard } from './client-options.ts';
import { Connection } from './connection.ts';
import { type CredentialSource, Credentials } from './credentials.ts';
import { exchange, readText, refusal } from './exchange.ts';
import { JoinedSignal } from './joined-signal.ts';
import { DEFAULT_RETRY, type RetryOptions, withRetries } from './retry.ts';
import type { ServerClock } from './server-clock.ts';
import { Throttle } from './throttle.ts';
import type { HttpResponse } from './transport.ts';

const TIMEOUT_MS = 30_000;

/** One request, for HTTP and for metrics. */
export interface Call {
  readonly verb: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Resource label of the metrics. */
  readonly resource: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Media type of the answer. Default: JSON. */
  readonly accept?: string;
}

/** Sends requests for the client's verbs: credentials, deadlines, retries, the write guard, request metrics. */
export class Requester {
  readonly #connection: Connection;
  readonly #options: ClientOptions;
  readonly #retry: RetryOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #throttle: Throttle;
  readonly #guard: WriteGuard | undefined;

  private constructor(connection: Connection, options: ClientOptions, throttle: Throttle, guard?: WriteGuard) {
    this.#connection = connection;
    this.#throttle = throttle;
    this.#options = options;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#headers = { accept: 'application/json', 'user-agent': options.userAgent ?? 'kube-client' };
    this.#guard = guard;
  }

  static to(source: CredentialSource, options: ClientOptions): Requester {
    return new Requester(new Connection(new Credentials(source)), options, new Throttle());
  }

  /** Returns a requester over the same connections that asks the guard before each write. */
  guardedBy(guard: WriteGuard): Requester {
    return new Requester(this.#connection, this.#options, this.#throttle, guard);
  }

  /** Returns the JSON of the answer. */
  async send<T>(call: Call, { signal: caller, timeoutMs, retry = true }: CallOptions): Promise<T> {
    using joined = new JoinedSignal([caller, this.#guard?.lost]);
    const { signal } = joined;
    const request = this.#request(call);
    const limits = { timeoutMs: timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS, signal };
    const policy = retry ? this.#retry : { ...this.#retry, maxTries: 1 };
    let codeBefore: string | undefined;
    const { json } = await withRetries(call.method, policy, signal, async () => {
      if (retry) await this.#throttle.pass(call.resource, policy.maxRetryAfterMs, signal);
      if (call.method !== 'GET') this.#guard?.assertHeld();
      const attempt = () => exchange<T>(this.#connection, request, limits);
      return await this.#recorded(call, attempt, codeBefore).catch((error: unknown) => {
        codeBefore = codeOf(error);
        throw error;
      });
    });
    return json;
  }

  /** Returns the answer once its headers have arrived. Does not retry; the signal covers the body too. */
  async open(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    return this.#recorded(call, async () => {
      const response = await this.#connection.open({ ...this.#request(call), signal });
      if (response.status >= 300) throw refusal(response, await readText(response, signal));
      return response;
    });
  }

  get clock(): ServerClock {
    return this.#connection.clock;
  }

  close(): void {
    this.#connection.close();
  }

  #request({ method, path, query = {}, body, contentType = 'application/json', accept }: Call) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const headers = accept === undefined ? this.#headers : { ...this.#headers, accept };
    return {
      method,
      path: search.size > 0 ? `${path}?${search}` : path,
      headers: body === undefined ? headers : { ...headers, 'content-type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
  }

  async #recorded<R extends { status: number }>(
    { verb, resource }: Call,
    attempt: () => Promise<R>,
    retryAfterCode?: string,
  ): Promise<R> {
    const startedAt = performance.now();
    const record = (code: RequestRecord['code'], throttledMs: number): void => {
      const durationMs = performance.now() - startedAt;
      this.#options.onRequest?.({ verb, resource, code, durationMs, retryAfterCode, throttledMs });
    };
    try {
      const answer = await attempt();
      record(String(answer.status), 0);
      return answer;
    } catch (error) {
      record(codeOf(error), this.#throttle.refused(resource, error));
      throw error;
    }
  }
}

const codeOf = (error: unknown): string => (error instanceof ApiError ? String(error.status) : '<error>');
