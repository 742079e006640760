import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ScriptExecution, ScriptExecutionStatus } from '../api/types.generated.ts';
import type { User } from './access/reviews.ts';
import type { Recorder } from './cluster/recorder.ts';
import type { Executor } from './execute/executor.ts';
import { requestedExecution } from './execute/requested-execution.ts';
import type { RequestObserver, RequestRecord } from './http/observer.ts';
import { readJson } from './http/read-body.ts';
import { type ExecuteRoute, routeOf } from './http/routes.ts';
import { sendJson } from './http/server.ts';
import { type RequestTrace, requestTrace } from './http/trace-context.ts';
import { Refusal } from './refusal.ts';

export interface RequestAccess {
  /** The user of a request. @throws Refusal if it may not execute in the namespace */
  check(headers: IncomingHttpHeaders, namespace: string): Promise<User>;
}

export interface GatewayParts {
  readonly executor: Executor;
  /** Decides who may execute, by the head of a request. */
  readonly access: RequestAccess;
  /** Undefined: executions cannot be recorded. */
  readonly recorder: Pick<Recorder, 'record' | 'hasRoom'> | undefined;
  readonly observer: Pick<RequestObserver, 'ended'>;
  /** Whether there is a ScriptRuntime. */
  readonly hasRuntime: (namespace: string, name: string) => boolean;
  /** A request failed by a bug. */
  readonly onBug: (error: unknown) => void;
}

/** The client went away before its answer: nginx's code for it, in logs and metrics alone. */
const CLIENT_CLOSED_REQUEST = 499;
/** For a client to send the rest of what is not read, before it is told why. */
const REST_MS = 2000;

/** What is known of a request as it is handled. */
type Notes = { -readonly [Field in keyof RequestRecord]?: RequestRecord[Field] };

/** The front door: one request, one execution, one answer. */
export class Gateway {
  readonly #parts: GatewayParts;
  /** Executions in progress. */
  readonly #running = new Set<AbortController>();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** Handles a request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, trust: () => void): Promise<void> {
    const startedAt = performance.now();
    const { method = '', url = '/', headers } = request;
    const trace = requestTrace(headers);
    const notes: Notes = {
      requestID: trace.requestID,
      method,
      path: url.split('?', 1)[0] ?? '',
      traceparent: trace.traceparent,
    };
    const gone = new AbortController();
    this.#running.add(gone);
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client is gone'));
    });
    response.on('error', () => {}); // it closes
    try {
      await this.#execute(request, response, { trace, notes, trust, signal: gone.signal });
    } catch (error) {
      await this.#refuse(request, response, { trace, notes, error });
    } finally {
      this.#running.delete(gone);
      const durationMs = performance.now() - startedAt;
      const { code = CLIENT_CLOSED_REQUEST, ...rest } = notes;
      this.#parts.observer.ended({ ...(rest as RequestRecord), code, durationMs });
    }
  }

  /** Cancels what still runs. */
  abort(): void {
    const message = 'the gateway ends; the script was cancelled';
    for (const running of this.#running)
      running.abort(new Refusal('ServiceUnavailable', message, { retryAfterSeconds: 1 }));
  }

  async #execute(
    request: IncomingMessage,
    response: ServerResponse,
    { trace, notes, trust, signal }: { trace: RequestTrace; notes: Notes; trust: () => void; signal: AbortSignal },
  ): Promise<void> {
    const { executor, access, hasRuntime } = this.#parts;
    const route = routeOf(request.method ?? '', request.url ?? '');
    const { namespace, runtime } = route;
    const { username } = await access.check(request.headers, namespace);
    trust();
    notes.username = username;
    if (hasRuntime(namespace, runtime)) Object.assign(notes, { namespace, runtime });
    this.#checkRecord(route);
    const spec = await readJson(request);
    const execution = requestedExecution({ namespace, runtime, spec, uid: randomUUID(), trace });
    signal.throwIfAborted();
    const { status, pod, waitMs } = await executor.execute(execution, signal);
    const reason = status.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
    Object.assign(notes, { pod, waitMs, reason, code: 200 });
    const name = this.#record(route, execution, status, username);
    notes.recordedAs = name;
    sendJson(response, 200, JSON.stringify(status), {
      'x-request-id': trace.requestID,
      ...(name === undefined ? {} : { 'copepod-execution': name }),
    });
  }

  /** Before the script runs: what cannot be recorded is not run. */
  #checkRecord({ record }: ExecuteRoute): void {
    if (record === 'Never') return;
    const { recorder } = this.#parts;
    if (recorder === undefined) throw new Refusal('BadRequest', 'this gateway has no cluster to record executions in');
    if (recorder.hasRoom) return;
    throw new Refusal('TooManyRequests', 'too many executions wait to be recorded', { retryAfterSeconds: 1 });
  }

  /** Records an execution that has ended, if it is asked for. @returns the name of the object */
  #record(
    { record, runtime }: ExecuteRoute,
    execution: ScriptExecution,
    status: ScriptExecutionStatus,
    username: string,
  ): string | undefined {
    const hasSucceeded = status.conditions?.some(({ type, status: is }) => type === 'Succeeded' && is === 'True');
    if (record === 'Never' || (record === 'Failures' && hasSucceeded)) return undefined;
    const name = recordName(runtime, execution.metadata.uid ?? '');
    this.#parts.recorder?.record({ name, execution, status, username });
    return name;
  }

  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { trace, notes, error }: { trace: RequestTrace; notes: Notes; error: unknown },
  ): Promise<void> {
    if (response.destroyed) {
      notes.reason ??= 'Cancelled';
      return;
    }
    const refusal =
      error instanceof Refusal ? error : new Refusal('InternalError', 'a bug of the gateway; see its log');
    if (refusal !== error) this.#parts.onBug(error);
    Object.assign(notes, { code: refusal.code, reason: refusal.reason });
    if (!request.complete) {
      response.shouldKeepAlive = false;
      await restOf(request);
    }
    sendJson(response, refusal.code, JSON.stringify(refusal), { ...refusal.headers, 'x-request-id': trace.requestID });
  }
}

/** Unique, and short enough for a name: the runtime's own may have 253 characters. */
function recordName(runtime: string, uid: string): string {
  return `${runtime.slice(0, 200).replace(/[-.]+$/, '')}-${uid.replaceAll('-', '').slice(0, 16)}`;
}

/** A client that is still sending would miss an answer that closes the connection. */
async function restOf(request: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, REST_MS);
    for (const event of ['end', 'close', 'error'] as const) {
      request.once(event, () => {
        clearTimeout(late);
        resolve();
      });
    }
    request.resume();
  });
}
