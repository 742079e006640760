import { apiError, TransportError } from './api-error.ts';
import type { Connection } from './connection.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';

/** A deadline that can be extended, joined to the caller's signal. Disposing it removes the timer and the listener. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;

  constructor(timeoutMs: number, what: string, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TransportError(`${what}: no data for ${timeoutMs / 1000} s`, 'ETIMEDOUT'));
    }, timeoutMs).unref(); // the connection keeps the process alive anyway
    if (caller?.aborted) this.#abort();
    else caller?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Data arrived: restarts the timer. */
  extend(): void {
    this.#timer.refresh();
  }

  /** Aborts the request. */
  cancel(): void {
    this.#controller.abort(new TransportError('the request is no longer wanted', 'ECANCELED'));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and returns the JSON of the answer. Throws `ApiError` if the server refuses, `TransportError` if no
 * complete answer arrives in time, or the signal's reason.
 */
export async function exchange<T>(
  connection: Connection,
  request: Omit<HttpRequest, 'signal'>,
  { timeoutMs, signal }: ExchangeOptions,
): Promise<{ status: number; json: T }> {
  using deadline = new Deadline(timeoutMs, `${request.method} ${request.path.split('?', 1)[0]}`, signal);
  const response = await connection.open({ ...request, signal: deadline.signal });
  const text = await readText(response, deadline.signal);
  if (response.status >= 300) throw refusal(response, text);
  return { status: response.status, json: parse<T>(text) };
}

/** The error for an answer with a status of 300 or above. */
export function refusal({ status, headers }: HttpResponse, text: string): Error {
  return apiError(status, text, headers['retry-after']);
}

/** Reads the whole body. Throws `TransportError`, or the signal's reason, if the end does not arrive. */
export function readText({ body }: HttpResponse, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const lost = (cause?: unknown): void => {
      const reason = new TransportError('the connection broke in the middle of an answer', 'ECONNRESET', { cause });
      reject(signal.aborted ? signal.reason : reason);
    };
    body.setEncoding('utf8');
    body.on('data', (chunk: string) => {
      text += chunk;
    });
    body.once('end', () => (signal.aborted ? lost() : resolve(text)));
    body.once('error', lost).once('close', () => {
      if (!body.readableEnded) lost(); // `close` follows every `end` too, and an unused error would cost its stack trace
    });
  });
}

function parse<T>(text: string): T {
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new TransportError('the answer is not complete JSON', 'EBADMSG', { cause });
  }
}
