import { type Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TransportError } from './api-error.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

/** HTTP/1.1 over the connections of an agent: for proxies, and for servers without HTTP/2. */
export class Http1Transport implements Transport {
  readonly usable = true;
  readonly #origin: URL;
  readonly #agent: Agent;

  constructor(origin: URL, agent: Agent) {
    this.#origin = origin;
    this.#agent = agent;
  }

  open({ method, path, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const send = this.#origin.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { method, headers: { ...headers, ...length }, agent: this.#agent, signal };
      const call = send(new URL(path, this.#origin), options, (message) => {
        message.on('error', () => {}); // the reader of the body gets the error as well
        resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message });
      });
      call.on('error', (cause: NodeJS.ErrnoException) => {
        if (signal.aborted) reject(signal.reason);
        else reject(lost(cause));
      });
      call.end(body);
    });
  }

  retire(): void {
    // Active connections finish; the agent closes idle ones itself.
  }

  destroy(): void {
    this.#agent.destroy();
  }
}

const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function lost(cause: NodeJS.ErrnoException): TransportError {
  const code = cause.code ?? 'ECONNRESET';
  const neverSent = NEVER_CONNECTED.has(code);
  return new TransportError(`no answer from the API server: ${cause.message}`, code, { neverSent, cause });
}
