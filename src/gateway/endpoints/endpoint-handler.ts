import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { endpointExecution } from '../../api/endpoints/endpoint-execution.ts';
import type { InvocationOutcome } from '../../api/gateway-protocol.ts';
import type { Reason } from '../../api/outcome.ts';
import type { ScriptEndpoint, ScriptExecution } from '../../api/types.generated.ts';
import { MAX_STREAMED_BODY_BYTES } from '../../api/web-exchange.ts';
import { Counts } from '../../cluster/counts.ts';
import type { Executed, Executor, Serve } from '../execute/executor.ts';
import type { ScriptRequests } from '../execute/script-requests.ts';
import { BODIES } from '../http/body-budget.ts';
import type { Exchange } from '../http/handler.ts';
import { receiveBody } from '../http/receive-body.ts';
import { STREAMED_BODIES } from '../http/streamed-body.ts';
import { Refusal } from '../refusal.ts';
import type { Authenticate, Authentication } from './authenticate.ts';
import { ClientResponse } from './client-response.ts';
import { type CorsPolicy, isPreflight, preflightHeaders, responseHeaders } from './cors.ts';
import type { EndpointMatch } from './endpoint-table.ts';
import { servedMethods, servesMethod } from './methods.ts';
import { failureText, scriptFailure } from './script-failure.ts';
import { webRequest } from './web-request.ts';

export interface EndpointHandlerParts {
  readonly executor: Executor;
  readonly requests: Pick<ScriptRequests, 'checkRecord' | 'record'>;
  readonly authenticate: Authenticate;
  /** A request has ended that was no preflight. */
  readonly onEnded: (endpoint: ScriptEndpoint, outcome: InvocationOutcome) => void;
  /** Clients are told why a script failed: they are its authors. */
  readonly tellsErrors: boolean;
}

/** Longest id and address of a user in a context. */
const MAX_USER_ID = 253;
const MAX_EMAIL = 320;

/** Serves endpoints: authenticates a request, has the script answer it, and sends the answer as it comes. */
export class EndpointHandler {
  readonly #parts: EndpointHandlerParts;
  /** Requests under way, by the uid of the endpoint. */
  readonly #open = new Counts();

  constructor(parts: EndpointHandlerParts) {
    this.#parts = parts;
  }

  /** Answers a request for an endpoint. @throws Refusal if nothing was started; the signal's reason */
  async handle(
    match: EndpointMatch,
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange,
  ): Promise<void> {
    const { endpoint } = match;
    const { metadata, spec } = endpoint;
    const { namespace, name } = metadata;
    const { notes } = exchange;
    Object.assign(notes, { namespace, endpoint: name, runtime: spec.runtimeRef.name });
    const { method = '', headers } = request;
    const { cors } = spec;
    if (cors !== undefined) {
      if (isPreflight(method, headers)) {
        answerPreflight(cors, request, response, exchange);
        return;
      }
      // From here on: a page could not read a refusal without them.
      for (const [header, value] of Object.entries(responseHeaders(cors, headers))) response.setHeader(header, value);
    }
    let outcome: InvocationOutcome = 'failed';
    try {
      outcome = await this.#serve(match, request, response, exchange);
    } catch (error) {
      if (error instanceof Refusal) outcome = error.details.hasStarted ? 'cancelled' : 'refused';
      if (exchange.signal.aborted) outcome = 'cancelled';
      throw error;
    } finally {
      this.#parts.onEnded(endpoint, outcome);
    }
  }

  /** Serves a request that is no preflight. @throws as handle does */
  async #serve(
    match: EndpointMatch,
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange,
  ): Promise<InvocationOutcome> {
    const { endpoint } = match;
    const { spec } = endpoint;
    const { notes } = exchange;
    const { method = '', headers } = request;
    if (!servesMethod(spec, method)) throw methodNotAllowed(endpoint, method);
    const authentication = await this.#parts.authenticate(endpoint, headers);
    const { user, bySecret } = authentication;
    if (user !== undefined) notes.username = user.username;
    // By a Secret the pod decides, which is sent the whole request: until that is there, its connection has little time.
    if (bySecret === undefined) exchange.trust(user === undefined ? 'Admitted' : 'Authenticated');
    using _admitted = this.#admit(endpoint);
    this.#parts.requests.checkRecord(spec.record);
    return outcomeOf(await this.#answer(match, request, response, { exchange, authentication }));
  }

  async #answer(
    { endpoint, target, prefix }: EndpointMatch,
    request: IncomingMessage,
    response: ServerResponse,
    { exchange, authentication }: { readonly exchange: Exchange; readonly authentication: Authentication },
  ): Promise<Reason> {
    const { trace, notes, signal } = exchange;
    const { user, bySecret: auth, hidesAuthorization } = authentication;
    const { method = '', headers, rawHeaders, socket } = request;
    const head = webRequest(
      { method, host: headers.host ?? '', rawHeaders, remoteAddress: socket.remoteAddress ?? '' },
      { target, prefix, requestID: trace.requestID, hidesAuthorization },
    );
    const { namespace = '' } = endpoint.metadata;
    using whole = BODIES.hold(namespace);
    using streamed = STREAMED_BODIES.hold(namespace);
    // Only a streamed body can turn out to be too large.
    let tooLarge: AbortController | undefined;
    const tooLargeBody = (): AbortController => {
      tooLarge ??= new AbortController();
      return tooLarge;
    };
    const body = await receiveBody(request, {
      mustBeWhole: auth?.type === 'Webhook',
      holds: { whole, streamed },
      onTooLarge: () => tooLargeBody().abort(tooLargeInTheMiddle()),
    });
    using stream = Buffer.isBuffer(body) ? undefined : body;
    signal.throwIfAborted();
    if (auth !== undefined) exchange.trust('Admitted');
    const id = user === undefined ? {} : { user: contextUser(user) };
    const execution = endpointExecution(endpoint, { uid: randomUUID(), ...trace, ...id });
    const client = new ClientResponse(response, {
      isHead: method === 'HEAD',
      hasCors: endpoint.spec.cors !== undefined,
      more: { 'x-request-id': trace.requestID },
    });
    const module = moduleOf(endpoint);
    const serve = { request: { ...head, body }, respond: client.take, auth, module };
    const ends = stream === undefined ? signal : AbortSignal.any([signal, tooLargeBody().signal]);
    const executed = await this.#execute(execution, serve, { endpoint, exchange, signal: ends });
    const { reason, pod, waitMs } = executed;
    const code = client.status ?? this.#fail(response, executed, trace.requestID);
    // Breaks the connection: the client would take a part of the response for all of it.
    if (client.status !== undefined && !client.isComplete) response.destroy();
    stream?.close();
    const failure = failureOf(executed);
    Object.assign(notes, { code, reason, pod, waitMs, ...(failure === undefined ? {} : { failure }) });
    if (endpoint.spec.record !== 'Never') {
      notes.recordedAs = this.#parts.requests.record(endpoint.spec.record, {
        of: endpoint.metadata.name,
        execution: { ...execution, spec: { ...execution.spec, params: { method, url: head.url } } },
        executed,
        username: user?.username ?? '',
      });
    }
    return reason;
  }

  async #execute(
    execution: ScriptExecution,
    serve: Serve,
    {
      endpoint,
      exchange,
      signal,
    }: { readonly endpoint: ScriptEndpoint; readonly exchange: Exchange; readonly signal: AbortSignal },
  ): Promise<Executed> {
    try {
      return await this.#parts.executor.execute(execution, signal, serve);
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason !== 'NotFound') throw error;
      // What an endpoint lacks is no fault of the request, and its name is for those who may execute in the namespace.
      exchange.notes.failure = error.message;
      const isTold = this.#parts.tellsErrors || endpoint.spec.auth.type === 'Kubernetes';
      const message = isTold ? error.message : 'the endpoint is not ready; nothing was started';
      throw new Refusal('ServiceUnavailable', message, { retryAfterSeconds: 5, ...error.details });
    }
  }

  /** Answers in place of a script that has given no response. @returns the HTTP status */
  #fail(response: ServerResponse, executed: Executed, requestID: string): number {
    const { code, message } = scriptFailure(executed.reason);
    const text = (this.#parts.tellsErrors ? failureOf(executed) : undefined) ?? message;
    response.writeHead(code, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestID,
    });
    response.end(`${text}\n`);
    return code;
  }

  #admit({
    metadata: { uid = '', name },
    spec: { concurrency = Number.POSITIVE_INFINITY },
  }: ScriptEndpoint): Disposable {
    const open = this.#open.of(uid);
    if (open >= concurrency) {
      const message = `ScriptEndpoint "${name}" has ${open} requests under way, which is its limit; nothing was started`;
      throw new Refusal('TooManyRequests', message, { retryAfterSeconds: 1 });
    }
    return new OpenRequest(this.#open, uid);
  }
}

/** Counts a request while it is under way. A class: to make objects with computed keys takes V8 several times as long. */
class OpenRequest implements Disposable {
  readonly #open: Counts;
  readonly #endpoint: string;

  /** @param endpoint its uid */
  constructor(open: Counts, endpoint: string) {
    open.add(endpoint, 1);
    this.#open = open;
    this.#endpoint = endpoint;
  }

  [Symbol.dispose](): void {
    this.#open.add(this.#endpoint, -1);
  }
}

/** Whatever the endpoint's authentication and methods are: browsers send no credentials with preflights. */
function answerPreflight(
  cors: CorsPolicy,
  { headers }: IncomingMessage,
  response: ServerResponse,
  { notes, trace, trust }: Exchange,
): void {
  // Browsers send preflights without a body. A body would not be read.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) trust('Admitted');
  notes.code = 204;
  response.writeHead(204, { ...preflightHeaders(cors, headers), 'x-request-id': trace.requestID }).end();
}

/** How a request has ended, by how its script has. */
function outcomeOf(reason: Reason): InvocationOutcome {
  switch (reason) {
    case 'Completed':
      return 'succeeded';
    case 'Cancelled':
      return 'cancelled';
    case 'TenantRefused':
    case 'LimitsRefused':
      return 'refused';
    default:
      return 'failed';
  }
}

const failureOf = (executed: Executed): string | undefined =>
  executed.reason === 'Completed' ? undefined : failureText(executed.status);

const contextUser = ({ username, email }: NonNullable<Authentication['user']>) => ({
  id: username.slice(0, MAX_USER_ID),
  ...(email === undefined || email.length > MAX_EMAIL ? {} : { email }),
});

const tooLargeInTheMiddle = (): Refusal =>
  new Refusal('RequestEntityTooLarge', `the body exceeds ${MAX_STREAMED_BODY_BYTES} bytes; the script was cancelled`, {
    hasStarted: true,
  });

/** By its uid: an endpoint that is made anew has nothing of the old one's. Manifests have no uid. */
const moduleOf = ({ metadata: { uid, namespace, name }, spec }: ScriptEndpoint): string | undefined =>
  spec.reuse === 'Module' ? (uid ?? `${namespace}/${name}`) : undefined;

function methodNotAllowed({ metadata, spec }: ScriptEndpoint, method: string): Refusal {
  const allow = servedMethods(spec)?.join(', ');
  const message = `ScriptEndpoint "${metadata.name}" does not serve ${method}`;
  return new Refusal('MethodNotAllowed', message, allow === undefined ? {} : { headers: { allow } });
}
