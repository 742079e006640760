import { apiError, TransportError } from './api-error.ts';
import type { Connection } from './connection.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';

/** A deadline that can be put off, joined to the caller's signal. Dispose of it to let go of both. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;

  constructor(timeoutMs: number, what: string, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TransportError(`${what}: nothing came for ${timeoutMs / 1000} s`, 'ETIMEDOUT'));
    }, timeoutMs).unref(); // the connection keeps the process alive
    if (caller?.aborted) this.#abort();
    else caller?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came: the time starts again. */
  extend(): void {
    this.#timer.refresh();
  }

  /** Ends the request. */
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
 * Sends a request and gives the JSON of its answer.
 * Throws `ApiError` where the server refuses, `TransportError` where no whole answer came in time, or the signal's reason.
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

/** The error that an answer of 300 or above means. */
export function refusal({ status, headers }: HttpResponse, text: string): Error {
  return apiError(status, text, headers['retry-after']);
}

/** The whole body. Throws `TransportError`, or the signal's reason, where its end does not come. */
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
      if (!body.readableEnded) lost(); // it follows every end too, and an error that nobody is told costs its stack trace
    });
  });
}

function parse<T>(text: string): T {
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new TransportError('the answer is not the whole of a JSON text', 'EBADMSG', { cause });
  }
}
