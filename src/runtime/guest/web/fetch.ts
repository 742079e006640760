/** The `fetch` of the Fetch standard. The supervisor sends the requests: what is here is what a script sees of them. */
import type { FetchAnswer, FetchFailure, FetchHead } from '../../wire/fetch-step.ts';
import type { StepAnswer } from '../fetch-steps.ts';
import type { AbortSignal } from './abort.ts';
import { aborts } from './aborts.ts';
import type { Body } from './body.ts';
import { bare, primordials, requireArguments, sendStep } from './kit.ts';
import type { ByteReader } from './lazy-streams.ts';
import { Request, requestParts } from './request.ts';
import { makeResponse, type Response } from './response.ts';
import { copied, cut } from './utf8.ts';
import { wholeBytes } from './whole-body.ts';

const { Error: SafeError, TypeError: SafeTypeError, defineProperty, parse, stringify } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

/** The most bytes that go with the head of a request, and so can be sent again by a redirect. */
const MAX_WHOLE_BYTES = 1 << 20;
const CHUNK_BYTES = 64 << 10;

let fetches = 0;

/** Starts to send a request. @returns the response, once its head is there */
export async function fetch(input: unknown, init: unknown = undefined): Promise<Response> {
  requireArguments(arguments.length, 1, 'fetch');
  // Made at the call, so that its stack shows the caller.
  const failure = new SafeTypeError('fetch failed');
  const request = requestParts(new Request(input, init));
  const { signal, body } = request;
  if (isAborted(signal)) {
    await body?.cancel(aborts.reasonOf(signal));
    throw aborts.reasonOf(signal);
  }
  if (request.url.startsWith('data:')) return dataResponse(request.url, failure);
  const exchange = new Exchange(failure, signal);
  return exchange.start(request, body);
}

function dataResponse(url: string, failure: TypeError): Response {
  const read = (require('./data-url.ts') as typeof import('./data-url.ts')).readDataUrl(url);
  if (read === undefined) throw caused(failure, { message: 'the data: URL is not valid' });
  const headers = [['content-type', read.type] as const];
  return makeResponse({ url, redirected: false, status: 200, statusText: 'OK', headers, body: wholeBytes(read.body) });
}

/** One request and its response. */
class Exchange {
  readonly #number = fetches++;
  readonly #failure: TypeError;
  /** Undefined: nothing can abort it. */
  readonly #signal: AbortSignal | undefined;
  readonly #takeBack: () => void;
  #reader: ByteReader | undefined;
  #uploadError: { readonly error: unknown } | undefined;

  constructor(failure: TypeError, signal: AbortSignal | undefined) {
    this.#failure = failure;
    this.#signal = signal;
    this.#takeBack =
      signal === undefined
        ? () => undefined
        : aborts.onAbort(signal, () => {
            this.#abort();
            void this.#reader?.cancel(aborts.reasonOf(signal));
          });
  }

  async start(request: Omit<FetchHead, 'body'>, body: Body | null): Promise<Response> {
    const { url, method, headers, redirect } = request;
    const bytes = body?.whole?.bytes();
    const whole = bytes !== undefined && bytes.length <= MAX_WHOLE_BYTES ? bytes : undefined;
    const kind = body === null ? 'none' : whole === undefined ? 'stream' : 'whole';
    const head = bare({ url, method, headers, redirect, body: kind });
    const answered = sendStep(this.#step('start', head), whole === undefined ? undefined : copied(whole));
    if (answered === undefined) throw this.#failed({ message: 'the URL or the headers are too long' });
    if (body !== null && whole === undefined) void this.#send(body);
    const { ok, value } = await answered;
    if (this.#uploadError !== undefined) throw this.#uploadError.error;
    if (isAborted(this.#signal)) throw aborts.reasonOf(this.#signal);
    if (!ok) throw this.#failed(parse(value) as FetchFailure);
    const answer = parse(value) as FetchAnswer;
    if (!answer.hasBody) this.#takeBack();
    const source = answer.hasBody ? bare({ pull: () => this.#read(), cancel: () => this.#end() }) : null;
    return makeResponse({ ...answer, body: source });
  }

  /** Sends a body in steps, each once the one before has been taken. */
  async #send(body: Body): Promise<void> {
    const reader = body.reader();
    this.#reader = reader;
    try {
      for (;;) {
        const bytes = await reader.read();
        if (bytes === undefined) break;
        for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
          const { value } = await (sendStep(
            this.#step('write'),
            copied(cut(bytes, from, from + CHUNK_BYTES)),
          ) as Promise<StepAnswer>);
          if (value === '') return await reader.cancel(undefined);
        }
      }
      await sendStep(this.#step('end'));
    } catch (error) {
      this.#uploadError = bare({ error });
      this.#abort();
    }
  }

  /** The next bytes of the response's body. */
  async #read(): Promise<Bytes | undefined> {
    if (isAborted(this.#signal)) throw aborts.reasonOf(this.#signal);
    const { ok, value, bytes } = await (sendStep(this.#step('read')) as Promise<StepAnswer>);
    if (ok && bytes !== undefined) return bytes;
    this.#takeBack();
    if (ok) return undefined;
    if (isAborted(this.#signal)) throw aborts.reasonOf(this.#signal);
    throw caused(new SafeTypeError('terminated'), parse(value) as FetchFailure);
  }

  #end(): void {
    this.#takeBack();
    this.#abort();
  }

  #abort(): void {
    void sendStep(this.#step('abort'));
  }

  #step(step: string, head?: object): string {
    return stringify(bare({ fetch: this.#number, step, head }));
  }

  #failed(reason: FetchFailure): TypeError {
    this.#takeBack();
    return caused(this.#failure, reason);
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal !== undefined && aborts.isAborted(signal);

/** Gives an error its cause, as Node's does. */
function caused(error: TypeError, { message, code }: FetchFailure): TypeError {
  const cause = new SafeError(message);
  if (code !== undefined) (cause as Error & { code?: string }).code = code;
  defineProperty(error, 'cause', bare({ value: cause, writable: true, configurable: true }));
  return error;
}
