import { TransportError } from './api-error.ts';
import type { Credentials, CurrentCredential } from './credentials.ts';
import { dial } from './dial.ts';
import { orAborted } from './or-aborted.ts';
import { ServerClock } from './server-clock.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

/** The connection to one API server: opened on first use, and again after a loss or a certificate rotation. */
export class Connection {
  /** Updated by every answer. */
  readonly clock = new ServerClock();
  readonly #credentials: Credentials;
  #transport: Promise<Transport> | undefined;
  #current: Transport | undefined;
  #fingerprint = '';
  #closed = false;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Sends a request with the current credentials. Throws `TransportError`, or the signal's reason. */
  async open(request: HttpRequest): Promise<HttpResponse> {
    const credential = await this.#credentials.current();
    const transport = await orAborted(this.#transportFor(credential), request.signal);
    request.signal.throwIfAborted();
    const sentAt = performance.now();
    const response = await transport.open({ ...request, headers: { ...credential.headers, ...request.headers } });
    this.clock.observe(response.headers.date, sentAt, performance.now());
    if (response.status === 401) this.#credentials.invalidate();
    return response;
  }

  /** Aborts all requests; later requests fail. */
  close(): void {
    this.#closed = true;
    this.#current?.destroy();
  }

  #transportFor(credential: CurrentCredential): Promise<Transport> {
    if (this.#closed) throw new TransportError('the client was closed', 'ECANCELED', { neverSent: true });
    const ended = this.#current && !this.#current.usable;
    const changed = this.#fingerprint !== credential.fingerprint;
    if (this.#transport && !ended && !changed) return this.#transport;
    if (changed) this.#current?.retire();
    this.#current = undefined;
    this.#fingerprint = credential.fingerprint;
    const dialing = dial(this.#credentials.server, credential);
    this.#transport = dialing;
    dialing.then(
      (transport) => {
        if (this.#closed || this.#transport !== dialing) transport.destroy();
        else this.#current = transport;
      },
      () => {
        if (this.#transport === dialing) this.#transport = undefined;
      },
    );
    return dialing;
  }
}
