import {
  type FetchAnswer,
  type FetchFailure,
  type FetchHead,
  type FetchStep,
  MAX_URL_LENGTH,
  MAX_WHOLE_BYTES,
  MAX_WRITE_BYTES,
} from '../wire/fetch-step.ts';
import type { FetchRequest, Sender, Surroundings } from './exchange.ts';
import { FetchError, fetchErrorOf } from './fetch-error.ts';
import type { RequestSpan } from './fetch-span.ts';
import { scriptHeaders } from './headers.ts';
import { OneFetch } from './one-fetch.ts';
import type { RequestReport } from './request-record.ts';

/** Fetches of an execution whose responses are under way at once; more wait. */
const MAX_OPEN = 32;
/** Methods that the Fetch standard forbids. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** What a session tells. */
export interface SessionEvents {
  /** Answers a step. */
  reply(call: number, ok: boolean, value: string, blob?: Buffer): void;
  /** More bytes than the execution may send and receive. */
  exceeded(): void;
  reported(report: RequestReport): void;
  /** Starts the span of a request in the script's own span of that number; left out: the execution is not traced. */
  readonly traced?: (within: number, method: string) => RequestSpan;
}

export interface SessionOptions {
  readonly around: Surroundings;
  readonly tenantKey: string;
  /** `context.tenant.id` of the execution. */
  readonly tenant: string;
  readonly maxBytes: number;
}

/** The answer to a request that the supervisor sends for a script. */
export interface OwnResponse extends FetchAnswer {
  /** The next bytes of the body; undefined at its end. One read at a time. @throws FetchError */
  read(): Promise<Buffer | undefined>;
  /** Ends it: its connection is closed unless the body is complete. */
  abort(): void;
}

/** The requests of one execution: those of its `fetch`, and those of tools that it calls. */
export class FetchSession {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #fetches = new Map<number, OneFetch>();
  /** Those of tools. */
  readonly #own = new Set<OneFetch>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  /** Requests that were sent, with those of redirects. */
  #sent = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #rawBytes = 0;
  #isClosed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Takes a step. @throws TypeError for one that no sandbox sends unless it has been taken over */
  handle(step: FetchStep, blob: Buffer): void {
    if (step.step === 'start') {
      if (this.#fetches.has(step.fetch) || blob.length > MAX_WHOLE_BYTES)
        throw new TypeError('a second start of a fetch');
      const fetch = new OneFetch(step.head.body === 'stream');
      this.#fetches.set(step.fetch, fetch);
      this.#count(blob.length, 0, 0);
      const sent = { span: step.span };
      const started = this.#start(fetch, () => readHead(step.head, blob), sent).then((answer) =>
        JSON.stringify(answer),
      );
      void this.#answer(step.call, started);
      return;
    }
    const fetch = this.#fetches.get(step.fetch);
    if (fetch === undefined || blob.length > MAX_WRITE_BYTES) throw new TypeError('a step of no fetch');
    if (step.step === 'abort') fetch.abort();
    else if (step.step === 'read') {
      const bytes = fetch.read();
      void this.#answer(
        step.call,
        bytes.then(() => ''),
        bytes,
      );
    } else {
      this.#count(blob.length, 0, 0);
      const taken = fetch.write(step.step === 'end' ? null : blob);
      void this.#answer(
        step.call,
        taken.then((isWanted) => (isWanted ? 'more' : '')),
      );
    }
  }

  /**
   * Sends a request that a call of a tool needs: judged, counted and bounded as those of `fetch`.
   * @param head with a body of text or none
   * @param tool name of the entry of `spec.tools`
   * @throws FetchError
   */
  async request(
    head: Omit<FetchHead, 'body'>,
    body: string | undefined,
    tool: string,
    signal?: AbortSignal,
  ): Promise<OwnResponse> {
    const fetch = new OneFetch(false);
    const abort = (): void => fetch.abort();
    const settled = (): void => {
      this.#own.delete(fetch);
      signal?.removeEventListener('abort', abort);
    };
    this.#own.add(fetch);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    const bytes = Buffer.from(body ?? '');
    this.#count(bytes.length, 0, 0);
    try {
      const kind = body === undefined ? 'none' : 'whole';
      const answer = await this.#start(fetch, () => readHead({ ...head, body: kind }, bytes), { tool });
      void fetch.received().then(settled);
      return { ...answer, read: () => fetch.read(), abort };
    } catch (error) {
      settled();
      throw error;
    }
  }

  /** What the execution has used. */
  get usage(): { fetches: number; fetchBytesSent: number; fetchBytesReceived: number } {
    return { fetches: this.#sent, fetchBytesSent: this.#bytesSent, fetchBytesReceived: this.#bytesReceived };
  }

  /** Ends every request at once. No step is answered afterwards. */
  close(): void {
    this.#isClosed = true;
    for (const fetch of [...this.#fetches.values(), ...this.#own]) fetch.abort();
    for (const start of this.#waiting.splice(0)) start();
  }

  async #start(
    fetch: OneFetch,
    request: () => FetchRequest,
    { span = 0, tool }: { readonly span?: number | undefined; readonly tool?: string },
  ): Promise<FetchAnswer> {
    if (this.#open >= MAX_OPEN) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open++;
    const done = (): void => {
      this.#open--;
      this.#waiting.shift()?.();
    };
    try {
      if (this.#isClosed) throw new FetchError('the execution is over');
      const answer = await fetch.start(request(), this.#options.around, { ...this.#senderIn(span), tool });
      void fetch.received().then(done);
      return answer;
    } catch (error) {
      done();
      fetch.abort();
      throw error;
    }
  }

  async #answer(call: number, value: Promise<string>, blob?: Promise<Buffer | undefined>): Promise<void> {
    try {
      const text = await value;
      const bytes = await blob;
      if (!this.#isClosed) this.#events.reply(call, true, text, bytes);
    } catch (error) {
      const { message, code } = fetchErrorOf(error);
      const failure: FetchFailure = { message, ...(code === undefined ? {} : { code }) };
      if (!this.#isClosed) this.#events.reply(call, false, JSON.stringify(failure));
    }
  }

  /** @param span number of the script's own span that sends */
  #senderIn(span: number): Omit<Sender, 'signal'> {
    const { traced } = this.#events;
    return {
      ...(traced === undefined ? {} : { traced: (method) => traced(span, method) }),
      tenantKey: this.#options.tenantKey,
      tenant: this.#options.tenant,
      sent: (bytes) => this.#count(bytes, 0, 0),
      received: (raw, decoded) => this.#count(0, raw, decoded),
      started: () => this.#sent++,
      reported: (report) => this.#events.reported(report),
    };
  }

  /** Counts bytes: of those that arrive, whichever are more, those of the network or those that they are decompressed to. */
  #count(sent: number, raw: number, decoded: number): void {
    this.#bytesSent += sent;
    this.#bytesReceived += decoded;
    this.#rawBytes += raw;
    if (this.#isClosed || this.#bytesSent + Math.max(this.#rawBytes, this.#bytesReceived) <= this.#options.maxBytes)
      return;
    this.close();
    this.#events.exceeded();
  }
}

/** The request of a head. @throws FetchError for one that `fetch` does not send */
function readHead({ url: text, method, headers, redirect, body }: FetchHead, blob: Buffer): FetchRequest {
  if (text.length > MAX_URL_LENGTH) throw new FetchError(`the URL has more than ${MAX_URL_LENGTH} characters`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new FetchError('the URL is invalid');
  if (url.username !== '' || url.password !== '') throw new FetchError('the URL contains credentials');
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/.test(method) || FORBIDDEN_METHODS.has(method.toUpperCase())) {
    throw new FetchError('the method cannot be sent');
  }
  const content = body === 'whole' ? Buffer.from(blob) : null;
  if (body !== 'none' && (method === 'GET' || method === 'HEAD'))
    throw new FetchError(`a ${method} request has no body`);
  return { url, method, headers: scriptHeaders(headers), redirect, body: content };
}
