import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, currentConnection } from '../../../api-server/connection.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** `scriptexecutions/status`, `leases`. */
  readonly resource: string;
  readonly isWatch: boolean;
  readonly url: URL;
  /** JSON; undefined without a body. */
  readonly body: unknown;
  /** Time of arrival, in milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly message?: string;
  /** The API server has executed the request nevertheless. */
  readonly isDone?: boolean;
}

/** A proxy between an operator and the API server that injects faults; HTTP/1.1, like many proxies. */
export class ApiProxy {
  /** Answers instead of the API server if it returns an answer. */
  trouble: (request: ProxiedRequest) => Answer | undefined = () => undefined;
  /** Delay of a request before it is forwarded. */
  slownessMs: (request: ProxiedRequest) => number = () => 0;
  /** How far the server's clock seems to be ahead: what the Date of its answers tells. */
  clockAheadMs = 0;
  readonly requests: (ProxiedRequest & { status: number })[] = [];
  readonly #connection: Connection;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #watches = new Map<ServerResponse, string>();
  #isDeaf = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#agent = new Agent({ keepAlive: true, ca: connection.certificateAuthority });
    this.#server = createServer((incoming, response) => void this.#serve(incoming, response));
  }

  static async start(connection = currentConnection()): Promise<ApiProxy> {
    const proxy = new ApiProxy(connection);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Closes the watches, all or of some kinds. */
  cutWatches(ofKind: (resource: string) => boolean = () => true): void {
    for (const [response, resource] of this.#watches) if (ofKind(resource)) response.destroy();
  }

  /** Drops the events of watches while true. */
  loseEvents(isLost: boolean): void {
    this.#isDeaf = isLost;
  }

  /** Sends all watches the error of an expired resource version, as after a compaction. */
  expireWatches(): void {
    const status = { kind: 'Status', apiVersion: 'v1', ...EXPIRED };
    for (const response of this.#watches.keys()) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { ...status, status: 'Failure', code: EXPIRED.status } })}\n`,
      );
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return; // the client has disconnected
    }
    const body = Buffer.concat(chunks);
    const what = described(incoming, body);
    const slownessMs = this.slownessMs(what);
    if (slownessMs > 0) await sleep(slownessMs);
    const answer = this.trouble(what);
    const note = (status: number): void => void this.requests.push({ ...what, status });
    if (answer !== undefined && !answer.isDone) return send(response, answer, note);
    const { authorization, 'content-type': type, accept } = incoming.headers;
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(accept === undefined ? {} : { accept }),
      ...(body.length === 0 ? {} : { 'content-length': body.length }),
    };
    const { url } = this.#connection;
    const options = { method: what.method, headers, agent: this.#agent };
    const outgoing = request(new URL(incoming.url ?? '/', url), options, (reply) => {
      if (answer !== undefined) {
        reply.resume().on('end', () => send(response, answer, note));
        return;
      }
      note(reply.statusCode ?? 0);
      const date = new Date(Date.parse(reply.headers.date ?? '') + this.clockAheadMs);
      const known = Number.isFinite(date.getTime()) ? { date: date.toUTCString() } : {};
      response.writeHead(reply.statusCode ?? 502, { ...reply.headers, ...known });
      if (what.isWatch) {
        this.#watches.set(response, what.resource);
        this.#forwardEvents(reply, response);
      } else reply.on('data', (chunk: Buffer) => response.write(chunk));
      reply.on('end', () => response.end()).on('error', () => response.destroy());
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => {
      this.#watches.delete(response);
      outgoing.destroy();
    });
    outgoing.end(body);
  }

  /** By whole lines: what is cut off in an event would end the watch as one that breaks. */
  #forwardEvents(reply: IncomingMessage, response: ServerResponse): void {
    let begun = Buffer.alloc(0);
    reply.on('data', (chunk: Buffer) => {
      const received = Buffer.concat([begun, chunk]);
      const end = received.lastIndexOf('\n') + 1;
      begun = received.subarray(end);
      if (end > 0 && !this.#isDeaf && !response.writableEnded) response.write(received.subarray(0, end));
    });
  }
}

/** The API server's answer for an expired resource version. */
export const EXPIRED = { status: 410, reason: 'Expired', message: 'too old resource version' } as const;

export const throttled = (seconds: number): Answer => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  reason: 'TooManyRequests',
  message: 'too many requests, please try again later',
});

function send(response: ServerResponse, answer: Answer, note: (status: number) => void): void {
  const { status, headers, reason, message = '' } = answer;
  note(status);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason, message }));
}

function described({ method = '', url: path = '/' }: IncomingMessage, body: Buffer): ProxiedRequest {
  const url = new URL(path, 'http://proxy');
  const [, resource = url.pathname, subresource] =
    /^\/apis?\/(?:[^/]+\.[^/]+\/|apps\/|policy\/)?v[^/]+\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/[^/]+(?:\/([^/]+))?)?$/.exec(
      url.pathname,
    ) ?? [];
  return {
    method,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    isWatch: url.searchParams.has('watch'),
    url,
    body: body.length === 0 ? undefined : (JSON.parse(body.toString('utf8')) as unknown),
    at: performance.now(),
  };
}
