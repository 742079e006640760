import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnOrigin } from '../http/origin.ts';
import { JoinedSignal } from '../kube/joined-signal.ts';
import type { LocalAccess } from './access/local-access.ts';
import type { Failure, Session } from './messages.ts';
import { badRequest, failureOf, forbidden, notFound, Refusal } from './refusal.ts';
import { readJson } from './request-body.ts';
import { accessRoute } from './routes/access.ts';
import { actionRoute } from './routes/action.ts';
import { eventsRoute } from './routes/events.ts';
import { logsRoute } from './routes/logs.ts';
import { objectRoute } from './routes/object.ts';
import type { Route } from './routes/route.ts';
import { namespacesRoute, sessionRoute } from './routes/session.ts';
import { sourceRoute } from './routes/source.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { StaticFile } from './static-files.ts';
import type { Viewers } from './viewer.ts';

export interface DashboardParts {
  readonly viewers: Viewers;
  /** Of a dashboard on the viewer's own machine. */
  readonly local: LocalAccess | undefined;
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly about: Omit<Session, 'user'>;
  /** Called with an error that is a bug of the dashboard. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Answers requests: the files of the page, and its API. The API has a closed list of routes, each of which asks the API server
 * for one thing with the viewer's own rights; nothing is passed through.
 */
export class Dashboard {
  readonly #parts: DashboardParts;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(parts: DashboardParts) {
    this.#parts = parts;
    this.#routes = new Map<string, Route>([
      ['GET session', sessionRoute(parts.about)],
      ['GET namespaces', namespacesRoute],
      ['GET access', accessRoute],
      ['GET events', eventsRoute],
      ['GET objects', objectRoute],
      ['GET sources', sourceRoute],
      ['GET logs', logsRoute],
      ['POST actions', actionRoute],
    ]);
  }

  /**
   * Answers a request; never throws.
   * @param onAccepted called before the answer to a viewer who is known
   */
  async handle(request: IncomingMessage, response: ServerResponse, onAccepted: () => void): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    try {
      await this.#answer(request, response, onAccepted);
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy();
      else this.#refuse(response, error);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, onAccepted: () => void): Promise<void> {
    this.#parts.local?.checkHost(request.headers);
    const { pathname, searchParams } = urlOf(request);
    if (!pathname.startsWith('/api/')) this.#answerFile(request, response, pathname);
    else await this.#answerApi(request, response, pathname, searchParams, onAccepted);
  }

  async #answerApi(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    query: URLSearchParams,
    onAccepted: () => void,
  ): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    const { headers, method } = request;
    const site = headers['sec-fetch-site'];
    if (!isOwnOrigin(headers) || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
      throw forbidden('requests of web pages of another origin are not taken');
    }
    const [name = '', ...path] = pathname.slice('/api/'.length).split('/').map(decoded);
    const route = this.#routes.get(`${method} ${name}`);
    if (route === undefined) throw notFound('the dashboard has no such route');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    // A viewer has no place while a body is awaited.
    const body = method === 'POST' ? await readJson(request) : undefined;
    using viewer = await this.#parts.viewers.of(request);
    onAccepted();
    const { client } = viewer;
    using joined = new JoinedSignal([gone.signal, viewer.signal]);
    const answer = await route({ client, path, query, body, signal: joined.signal, request, response });
    if (answer !== undefined) send(response, 200, answer);
  }

  #answerFile(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Refusal(405, 'MethodNotAllowed', 'the files of the page can be read');
    }
    if (pathname === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
      return;
    }
    const file = this.#parts.files.get(pathname);
    if (file === undefined) throw notFound('the page has no such file');
    const headers = { 'content-type': file.type, 'cache-control': 'no-cache', etag: file.etag };
    if (request.headers['if-none-match'] === file.etag) response.writeHead(304, headers).end();
    else response.writeHead(200, { ...headers, 'content-length': file.bytes.length }).end(file.bytes);
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const failure = failureOf(error);
    if (failure === undefined) this.#parts.onBug(error);
    const internal: Failure = { from: 'dashboard', code: 500, reason: 'InternalError', message: 'this is a bug' };
    const { code } = failure ?? internal;
    // The rest of the body is not read: the connection cannot be used again.
    if (code === 413 || code === 415) response.shouldKeepAlive = false;
    const answer: Failure = { ...(failure ?? internal), auth: this.#parts.about.auth };
    send(response, code >= 400 ? code : 502, answer);
  }
}

function send(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) };
  response.writeHead(code, headers).end(text);
}

function urlOf(request: IncomingMessage): URL {
  const url = request.url ?? '';
  if (!url.startsWith('/') || !URL.canParse(url, 'http://dashboard')) throw badRequest('the path is no path');
  return new URL(url.replace(/^\/+/, '/'), 'http://dashboard');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('the path is not encoded as URLs are');
  }
}
