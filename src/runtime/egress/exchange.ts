import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { assertAllowed, type IsOwn } from './address-guard.ts';
import type { Connections } from './connections.ts';
import { decoders } from './decoding.ts';
import { FetchError, fetchErrorOf, RefusedError } from './fetch-error.ts';
import type { RequestSpan } from './fetch-span.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { addressOf } from './host-pattern.ts';
import { injectedHeaders, type ReadSecret } from './injected-headers.ts';
import { isRedirect, MAX_REDIRECTS, type RequestHead, redirected } from './redirect.ts';
import { type FetchOutcome, RequestRecord, type RequestReport } from './request-record.ts';
import { ResponseBody } from './response-body.ts';
import { matchRule, type ReadRule } from './rules.ts';

/** What requests of all executions share. */
export interface Surroundings {
  readonly rules: readonly ReadRule[];
  readonly connections: () => Promise<Connections>;
  readonly secret: ReadSecret;
  readonly own: IsOwn;
}

/** On whose behalf requests are sent, and who is told of them. */
export interface Sender {
  readonly tenantKey: string;
  readonly tenant: string;
  /** Name of the entry of `spec.tools` on whose behalf requests are sent; undefined: `fetch`. */
  readonly tool?: string | undefined;
  readonly signal: AbortSignal;
  /** Bytes of a body that a redirect has sent again. */
  sent(bytes: number): void;
  /** Bytes of a response's body: those of the network, and those that they are decompressed to. */
  received(raw: number, decoded: number): void;
  /** A request leaves. */
  started(): void;
  reported(report: RequestReport): void;
  /** Starts the span of a request; left out: the execution is not traced. */
  readonly traced?: ((method: string) => RequestSpan) | undefined;
}

export interface FetchRequest extends RequestHead {
  readonly redirect: 'follow' | 'manual' | 'error';
  /** A stream can be sent once only: no redirect repeats it. */
  readonly body: Buffer | Readable | null;
}

export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly [string, string][];
  /** Of the last request, without fragment. */
  readonly url: string;
  readonly redirected: boolean;
  /** Null for responses that have none. */
  readonly body: ResponseBody | null;
}

/** Bytes of a redirect's body that are read so that its connection can be kept. */
const MAX_REDIRECT_BODY = 64 << 10;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Sends a request and follows its redirects, each judged by the rules like a request of its own.
 * @throws FetchError
 */
export async function exchange(request: FetchRequest, around: Surroundings, sender: Sender): Promise<FetchResponse> {
  let head: RequestHead = request;
  let { body } = request;
  for (let redirects = 0; ; redirects++) {
    const { response, record } = await send(head, body, around, sender);
    const { statusCode, statusText } = response;
    const headers = responseHeaders(response.headers);
    const location = headers.find(([name]) => name === 'location')?.[1];
    if (request.redirect === 'manual' || !isRedirect(statusCode, location)) {
      return {
        status: statusCode,
        statusText,
        headers,
        url: head.url.href.split('#', 1)[0] as string,
        redirected: redirects > 0,
        body: bodyOf(response, head.method, record, sender),
      };
    }
    void response.body.dump({ limit: MAX_REDIRECT_BODY, signal: sender.signal }).catch(() => {});
    record.end(classOf(statusCode));
    if (request.redirect === 'error')
      throw new FetchError('the server redirects, and the request has redirect: "error"');
    if (redirects === MAX_REDIRECTS) throw new FetchError(`more than ${MAX_REDIRECTS} redirects`);
    const next = redirected(head, statusCode, location);
    if (!next.keepsBody) body = null;
    else if (Buffer.isBuffer(body)) sender.sent(body.length);
    else if (body !== null) {
      throw new FetchError('the redirect asks for the body again, which was a stream or more than 1 MiB');
    }
    head = next;
  }
}

/** Sends one request to where a rule allows it. */
async function send(
  head: RequestHead,
  body: FetchRequest['body'],
  { rules, connections, secret, own }: Surroundings,
  sender: Sender,
): Promise<{ response: Dispatcher.ResponseData; record: RequestRecord }> {
  const { url, method } = head;
  const span = sender.traced?.(method);
  const reported = (report: RequestReport): void => {
    span?.end(report);
    sender.reported(report);
  };
  const record = new RequestRecord(url, method, reported, sender.tool);
  try {
    const verdict = matchRule(rules, { url, method, tenant: sender.tenant, tool: sender.tool });
    if ('refusal' in verdict) throw new RefusedError(verdict.refusal);
    const { rule } = verdict;
    record.rule = rule.name;
    const address = addressOf(url.hostname);
    if (address !== undefined) assertAllowed(rule, url.hostname, address, own);
    const traceparent = rule.rule.traceContext === 'Propagate' ? span?.traceparent : undefined;
    const headers = requestHeaders(head.headers, injectedHeaders(rule, secret), traceparent);
    const dispatcher = (await connections()).for(sender.tenantKey, rules.indexOf(rule), rule);
    if (Buffer.isBuffer(body)) record.bytesSent += body.length;
    sender.started();
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      headers,
      body: body === null || Buffer.isBuffer(body) ? body : Readable.from(counted(body, record)),
      signal: sender.signal,
    });
    record.status = response.statusCode;
    return { response, record };
  } catch (error) {
    const known = sender.signal.aborted ? new FetchError('the request was aborted') : fetchErrorOf(error);
    record.end(sender.signal.aborted ? 'aborted' : known instanceof RefusedError ? 'refused' : 'failed', known.message);
    throw known;
  }
}

/** The chunks of a stream, counted as they leave. */
async function* counted(body: Readable, record: RequestRecord): AsyncGenerator<Buffer> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    record.bytesSent += chunk.length;
    yield chunk;
  }
}

function bodyOf(
  { body, statusCode, headers }: Dispatcher.ResponseData,
  method: string,
  record: RequestRecord,
  sender: Sender,
): ResponseBody | null {
  const outcome = classOf(statusCode);
  if (method === 'HEAD' || WITHOUT_BODY.has(statusCode)) {
    void body.dump({ limit: 0, signal: sender.signal }).catch(() => {});
    record.end(outcome);
    return null;
  }
  let encodings: ReturnType<typeof decoders>;
  try {
    encodings = decoders([headers['content-encoding'] ?? []].flat().join());
  } catch (error) {
    body.on('error', () => {}).destroy();
    record.end('failed', (error as Error).message);
    throw error;
  }
  const read = new ResponseBody(body, encodings, (raw, decoded) => {
    record.bytesReceived += decoded;
    sender.received(raw, decoded);
  });
  void read.ended.then((error) => {
    if (error === undefined) record.end(outcome);
    else if (sender.signal.aborted || error instanceof FetchError) record.end('aborted');
    else record.end('failed', fetchErrorOf(error).message);
  });
  return read;
}

const classOf = (status: number): FetchOutcome => `${Math.floor(status / 100)}xx` as FetchOutcome;
