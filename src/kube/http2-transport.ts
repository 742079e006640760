import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { TransportError } from './api-error.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

/** As in client-go: pings a silent connection, and closes it if pings stay unanswered. */
const PING_EVERY_MS = 10_000;
const LOST_AFTER_PINGS = 2;

/** Receive window in bytes; Node's default of 64 KiB throttles long lists and busy watches. */
const STREAM_WINDOW = 1 << 20;
const SESSION_WINDOW = 16 << 20;

/**
 * All requests over one connection. Against an API server this takes half the CPU time of an HTTP/1.1 connection pool,
 * on both ends.
 */
export class Http2Transport implements Transport {
  readonly #session: ClientHttp2Session;
  #unansweredPings = 0;

  constructor(origin: URL, socket: TLSSocket) {
    this.#session = connect(origin, { createConnection: () => socket, settings: { initialWindowSize: STREAM_WINDOW } });
    this.#session.on('error', () => {}); // each stream reports its own error
    this.#session.once('connect', (session) => {
      if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW);
    });
    const pinging = setInterval(() => this.#ping(), PING_EVERY_MS).unref();
    this.#session.once('close', () => clearInterval(pinging));
  }

  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  open({ method, path, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      let stream: ClientHttp2Stream;
      try {
        const head = { ...headers, ':method': method, ':path': path };
        stream = this.#session.request(head, { endStream: body === undefined });
      } catch (cause) {
        reject(
          new TransportError('the connection to the API server is closed', 'ECONNRESET', { neverSent: true, cause }),
        );
        return;
      }
      let answered = false;
      let failure: NodeJS.ErrnoException | undefined;
      const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
      signal.addEventListener('abort', abort, { once: true });
      stream.on('error', (error) => {
        failure = error;
      });
      stream.once('response', (answer) => {
        answered = true;
        resolve({ status: answer[':status'] ?? 0, headers: answer, body: stream });
      });
      stream.once('close', () => {
        signal.removeEventListener('abort', abort);
        if (!answered) reject(signal.aborted ? signal.reason : lost(stream, failure));
      });
      if (body !== undefined) stream.end(body);
    });
  }

  retire(): void {
    if (!this.#session.destroyed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** Counts pings instead of time: a process that was paused must not mistake its own pause for the server's. */
  #ping(): void {
    if (this.#session.destroyed) return; // `close` follows
    if (this.#unansweredPings >= LOST_AFTER_PINGS) {
      this.#session.destroy(new Error('the API server did not answer HTTP/2 pings'));
      return;
    }
    this.#unansweredPings += 1;
    this.#session.ping((error) => {
      if (!error) this.#unansweredPings = 0;
    });
  }
}

function lost(stream: ClientHttp2Stream, cause: NodeJS.ErrnoException | undefined): TransportError {
  const neverSent = stream.id === undefined || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
  const why = cause?.message ?? `the stream was closed (${stream.rstCode})`;
  return new TransportError(`no answer from the API server: ${why}`, cause?.code ?? 'ECONNRESET', { neverSent, cause });
}
