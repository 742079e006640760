import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseTraceparent } from '../api/trace-context.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Exchange, Notes, RequestHandler, Trust } from './http/handler.ts';
import type { RequestObserver, RequestRecord } from './http/observer.ts';
import { sendJson } from './http/server.ts';
import { requestTrace } from './http/trace-context.ts';
import { Refusal } from './refusal.ts';
import { RequestSpan } from './tracing/request-span.ts';
import { endServerSpan } from './tracing/server-span.ts';

export interface GatewayParts {
  /** By the first segment of the paths that they serve. */
  readonly handlers: ReadonlyMap<string, RequestHandler>;
  /**
   * Endpoints, by the hostnames that they have: before all paths but those of Execute and MCP, which carry tokens of the
   * cluster; and by their own paths: after them.
   */
  readonly endpoints: {
    /** @throws Refusal BadRequest */
    byHost(request: IncomingMessage): RequestHandler | undefined;
    /** @throws Refusal BadRequest */
    byPath(request: IncomingMessage): RequestHandler | undefined;
  };
  readonly observer: Pick<RequestObserver, 'ended'>;
  /** A request failed by a bug. */
  readonly onBug: (error: unknown) => void;
  /** Undefined: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** The client went away before its answer: nginx's code for it, in logs and metrics alone. */
const CLIENT_CLOSED_REQUEST = 499;

/** No endpoint takes these, whatever its hostnames: the author of one would be sent others' tokens. */
const OWN_ON_EVERY_HOST = /^\/(apis\/copepod\.dev\/|mcp\/[^/]+\/[^/]+\/?$)/;

/** The front door: finds the handler of a request, and sees each request to its end. */
export class Gateway {
  readonly #parts: GatewayParts;
  /** Requests in progress. */
  readonly #running = new Set<AbortController>();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** Handles a request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, trust: Trust): Promise<void> {
    const startedAt = performance.now();
    const { method = '', url = '/', headers } = request;
    const trace = requestTrace(headers);
    const path = url.split('?', 1)[0] ?? '';
    const { tracing } = this.#parts;
    const span = tracing && new RequestSpan(tracing, parseTraceparent(trace.traceparent));
    const notes: Notes = {
      requestID: trace.requestID,
      method,
      path,
      traceparent: trace.traceparent,
      ...(span === undefined ? {} : { trace_id: span.context.traceID }),
    };
    const gone = new AbortController();
    this.#running.add(gone);
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client is gone'));
    });
    response.on('error', () => {}); // it closes
    const exchange: Exchange = { trace, notes, trust, signal: gone.signal };
    let handler: RequestHandler | undefined;
    try {
      handler = this.#handlerOf(request, path);
      if (handler === undefined) throw noSuchPath();
      const found = handler;
      if (span === undefined) await found.handle(request, response, exchange);
      else await span.run(() => found.handle(request, response, exchange));
    } catch (error) {
      this.#refuse(request, response, { exchange, error, handler });
    } finally {
      this.#running.delete(gone);
      const durationMs = performance.now() - startedAt;
      const { code = CLIENT_CLOSED_REQUEST, ...rest } = notes;
      const record = { ...(rest as RequestRecord), code, durationMs };
      this.#parts.observer.ended(record);
      if (span !== undefined) endServerSpan(span, record);
    }
  }

  /** Cancels what still runs. */
  abort(): void {
    const message = 'the gateway ends; the script was cancelled';
    for (const running of this.#running)
      running.abort(new Refusal('ServiceUnavailable', message, { retryAfterSeconds: 1 }));
  }

  /** @throws Refusal BadRequest for the target of an endpoint */
  #handlerOf(request: IncomingMessage, path: string): RequestHandler | undefined {
    const { handlers, endpoints } = this.#parts;
    const own = handlers.get(path.split('/', 2)[1] ?? '');
    if (own !== undefined && OWN_ON_EVERY_HOST.test(path)) return own;
    return endpoints.byHost(request) ?? own ?? endpoints.byPath(request);
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { exchange, error, handler }: { exchange: Exchange; error: unknown; handler: RequestHandler | undefined },
  ): void {
    const { notes, trace } = exchange;
    if (response.destroyed) {
      notes.reason ??= 'Cancelled';
      return;
    }
    const refusal =
      error instanceof Refusal ? error : new Refusal('InternalError', 'a bug of the gateway; see its log');
    if (refusal !== error) this.#parts.onBug(error);
    Object.assign(notes, { code: refusal.code, reason: refusal.reason, bodyLimit: refusal.details.bodyLimit });
    // Breaks the connection: the client would take a part of the response for all of it.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (!request.complete) response.shouldKeepAlive = false;
    const text = handler?.refusalText?.(refusal) ?? JSON.stringify(refusal);
    sendJson(response, refusal.code, text, { ...refusal.headers, 'x-request-id': trace.requestID });
  }
}

const noSuchPath = (): Refusal =>
  new Refusal(
    'NotFound',
    'no such path; the gateway serves POST /apis/copepod.dev/v1alpha1/namespaces/NAMESPACE/scriptruntimes/NAME/execute, /mcp/NAMESPACE/NAME, and ScriptEndpoints at /NAMESPACE/NAME',
  );
