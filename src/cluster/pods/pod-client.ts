import type { KeyObject } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import {
  type CompilationResult,
  MAX_LISTED_RUNS,
  MAX_REQUEST_BYTES,
  MAX_TOOL_TYPES,
  type PodStats,
  parseRunId,
  type RefusalCode,
  type ScriptToCompile,
} from '../../api/pod-protocol.ts';
import { makeToken } from '../../api/pod-token.ts';
import { FRAMES_TYPE, MAX_SERVE_BYTES } from '../../api/serve-protocol.ts';
import { AnswerReader, AnswerTooLarge } from './answer-reader.ts';
import { LARGEST_OUTCOME, type OutcomeBounds, outcomeAnswerBytes } from './outcome-bounds.ts';
import { checkedCompilation } from './outcome-check.ts';
import { type RunAnswer, runAnswerOf } from './outcome-text.ts';
import { PodRefusal, PodUnreachable, PodUnreadable, refusalOf } from './pod-errors.ts';
import { readServed, type ServedEvents } from './serve-reader.ts';
import { checkedStats } from './stats-check.ts';

/** Address of one boot of a pod. */
export interface PodAddress {
  readonly podUID: string;
  /** `host:port` */
  readonly address: string;
  /** Undefined: any boot may answer; for read requests only. */
  readonly bootID?: string | undefined;
}

/** A completed request. */
export interface PodRequestRecord {
  readonly method: string;
  /** HTTP status code, or `<error>` if no answer arrived. */
  readonly code: string;
  readonly durationMs: number;
  /** The code of a refusal. */
  readonly refusal: RefusalCode | undefined;
}

export interface PodClientOptions {
  readonly privateKey: KeyObject;
  /** The Lease's `leaseTransitions`; 0 of a gateway. */
  readonly epoch: number;
  /** Whose paths it uses: see pod-protocol.ts. Default: the operator's. */
  readonly base?: '/v1' | '/v1/gateway';
  /** Limits of outcomes by pod; undefined: those of the API. */
  readonly outcomeBounds?: (podUID: string) => OutcomeBounds | undefined;
  /** Called for each completed request. */
  readonly onRequest?: (request: PodRequestRecord) => void;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Maximum size of the answer in bytes. */
  readonly maxBytes?: number;
  /** Reads an answer that is no refusal; default: as text of at most `maxBytes`. */
  readonly read?: (response: IncomingMessage) => Promise<string>;
  /** Deadline of the answer. Undefined: as long as the connection is open. */
  readonly timeoutMs?: number;
}

const QUESTION_TIMEOUT_MS = 5000;
/** A compilation has 5 s of processor time, and may wait for others. */
const COMPILATION_TIMEOUT_MS = 60_000;
/** A pod may have to load them, which may take it 20 s. */
const TOOL_TYPES_TIMEOUT_MS = 25_000;
/** Every character may be escaped. */
const MAX_TOOL_TYPES_BYTES = 6 * MAX_TOOL_TYPES + 1024;
const CONNECT_TIMEOUT_MS = 3000;
/** For stats, refusals and answers without content. */
const MAX_SHORT_BYTES = 16 << 10;
/** For an error's message and its place. */
const MAX_COMPILATION_BYTES = 256 << 10;
/** For a list of ids with quotes and commas. */
const MAX_LIST_BYTES = MAX_LISTED_RUNS * 96 + 1024;
/** Idle connections kept per pod. */
const MAX_IDLE_CONNECTIONS = 64;

/** Sends requests to runtime pods, as one leader in its term or as a gateway; signs each for one pod, one boot and one time. */
export class PodClient {
  readonly #options: PodClientOptions;
  readonly #agent = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: MAX_IDLE_CONNECTIONS });

  readonly #answers = new AnswerReader();
  readonly #base: string;

  constructor(options: PodClientOptions) {
    this.#options = options;
    this.#base = options.base ?? '/v1';
  }

  /**
   * Starts a run, or joins the run with this id; returns the outcome's JSON, unchecked. Throws `PodRefusal`,
   * `PodUnreachable`, or the signal's reason.
   */
  async run(pod: PodAddress, id: string, body: string, signal?: AbortSignal): Promise<unknown> {
    const { outcome } = await this.#runAnswer(pod, { method: 'POST', path: `${this.#base}/runs/${id}`, body, signal });
    return outcome;
  }

  /**
   * Has a script answer a request; returns the outcome's JSON, unchecked. Throws like `run`, and what `events` throw.
   * @param frame the request, as one frame
   */
  async serve(
    pod: PodAddress,
    id: string,
    frame: Buffer,
    events: ServedEvents,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const bounds = this.#options.outcomeBounds?.(pod.podUID) ?? LARGEST_OUTCOME;
    const read = (response: IncomingMessage): Promise<string> =>
      readServed(response, outcomeAnswerBytes(bounds), events);
    const path = `${this.#base}/requests/${id}`;
    const text = await this.#send(pod, { method: 'POST', path, body: frame, contentType: FRAMES_TYPE, signal, read });
    const answer = runAnswerOf(text, bounds);
    if (answer === undefined) throw new PodUnreadable('the answer is not about a run');
    return answer.outcome;
  }

  /** Sends the piece of a request's body that a run waits for; without bytes: the body is complete. Throws like `run`. */
  async sendPiece(pod: PodAddress, id: string, bytes: Buffer, signal?: AbortSignal): Promise<void> {
    const call = { method: 'POST', path: `${this.#base}/requests/${id}/body`, body: bytes, signal } as const;
    await this.#send(pod, { ...call, contentType: 'application/octet-stream', timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** Says that the piece which a run waits for will never come: the body has broken off. Throws like `run`. */
  async breakBody(pod: PodAddress, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#base}/requests/${id}/body`;
    await this.#send(pod, { method: 'DELETE', path, signal, timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** Compiles a script, and runs nothing. Throws like `run`. */
  async compile(pod: PodAddress, script: ScriptToCompile, signal?: AbortSignal): Promise<CompilationResult> {
    const body = JSON.stringify(script);
    const call = { method: 'POST', path: '/v1/compilations', body, signal, maxBytes: MAX_COMPILATION_BYTES } as const;
    const result = checkedCompilation(await this.#json(pod, { ...call, timeoutMs: COMPILATION_TIMEOUT_MS }));
    if (result === undefined) throw new PodUnreadable('the answer is not about a compilation');
    return result;
  }

  /** The state of a run: `running`, or `finished` with its outcome, unchecked. Throws like `run`. */
  async state(pod: PodAddress, id: string, signal?: AbortSignal): Promise<RunAnswer> {
    const call = { method: 'GET', path: `/v1/runs/${id}`, signal, timeoutMs: QUESTION_TIMEOUT_MS } as const;
    return await this.#runAnswer(pod, call);
  }

  /** Cancels a run. Throws like `run`. */
  async cancel(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { method: 'POST', path: `/v1/runs/${id}/cancel`, timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** Acknowledges that an outcome is recorded. Throws like `run`. */
  async acknowledge(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { method: 'DELETE', path: `/v1/runs/${id}`, timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** Ids of finished runs that are not acknowledged. Throws like `run`. */
  async unacknowledged(pod: PodAddress): Promise<string[]> {
    const call = { method: 'GET', path: '/v1/runs', timeoutMs: QUESTION_TIMEOUT_MS, maxBytes: MAX_LIST_BYTES } as const;
    const { runs } = ((await this.#json(pod, call)) ?? {}) as { runs?: unknown };
    return Array.isArray(runs)
      ? runs.slice(0, MAX_LISTED_RUNS).filter((id) => typeof id === 'string' && parseRunId(id) !== undefined)
      : [];
  }

  /** TypeScript declarations of a tenant's tools, for gateways. Throws like `run`. */
  async toolTypes(pod: PodAddress, tenant: string): Promise<string> {
    const path = `${this.#base}/tools/${encodeURIComponent(tenant)}`;
    const call = { method: 'GET', path, timeoutMs: TOOL_TYPES_TIMEOUT_MS, maxBytes: MAX_TOOL_TYPES_BYTES } as const;
    const { types } = ((await this.#json(pod, call)) ?? {}) as { types?: unknown };
    if (typeof types !== 'string') throw new PodUnreadable('the answer is not about tools');
    return types;
  }

  /** Throws like `run`, and if the answer is invalid. */
  async stats(pod: PodAddress, signal?: AbortSignal): Promise<PodStats> {
    const call = { method: 'GET', path: `${this.#base}/stats`, signal, timeoutMs: QUESTION_TIMEOUT_MS } as const;
    const stats = checkedStats(await this.#json(pod, call));
    if (stats === undefined) throw new PodUnreadable('the pod does not implement this version of the protocol');
    return stats;
  }

  /** Closes all connections; requests in flight fail. */
  close(): void {
    this.#agent.destroy();
  }

  async #runAnswer(pod: PodAddress, call: Call): Promise<RunAnswer> {
    const bounds = this.#options.outcomeBounds?.(pod.podUID) ?? LARGEST_OUTCOME;
    const text = await this.#send(pod, { ...call, maxBytes: outcomeAnswerBytes(bounds) });
    const answer = runAnswerOf(text, bounds);
    if (answer === undefined) throw new PodUnreadable('the answer is not about a run');
    return answer;
  }

  async #json(pod: PodAddress, call: Call): Promise<unknown> {
    const text = await this.#send(pod, call);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new PodUnreadable('the answer is not JSON');
    }
  }

  async #send(pod: PodAddress, call: Call): Promise<string> {
    const { method, path, body, signal } = call;
    const { privateKey, epoch, onRequest } = this.#options;
    const maxBytes = typeof body === 'string' ? MAX_REQUEST_BYTES : MAX_SERVE_BYTES;
    if (body !== undefined && Buffer.byteLength(body) > maxBytes) {
      const message = `the request exceeds ${maxBytes} bytes`;
      throw new PodRefusal({ code: 'TooLarge', message, bootID: pod.bootID ?? '' });
    }
    signal?.throwIfAborted();
    const token = makeToken(privateKey, { ...pod, epoch, method, path, body });
    const startedAt = performance.now();
    let code = '<error>';
    let refused: RefusalCode | undefined;
    try {
      const { status, text } = await this.#exchange(pod, call, token);
      code = String(status);
      if (status < 300) return text;
      const error = refusalOf(status, text);
      if (error instanceof PodRefusal) refused = error.code;
      throw error;
    } finally {
      onRequest?.({ method, code, durationMs: performance.now() - startedAt, refusal: refused });
    }
  }

  #exchange(
    { address }: PodAddress,
    { method, path, body, contentType = 'application/json', signal, timeoutMs, maxBytes = MAX_SHORT_BYTES, read }: Call,
    token: string,
  ): Promise<{ status: number; text: string }> {
    let answer: IncomingMessage | undefined;
    let onAbort = (): void => {};
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      // To end the request fails nothing where the pod has sent its whole answer and a reader does not take it.
      onAbort = () => {
        reject(signal?.reason);
        outgoing.destroy();
        answer?.destroy();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const fail = (error: NodeJS.ErrnoException): void => {
        const { message, syscall } = error;
        if (signal?.aborted) reject(signal.reason);
        else if (error instanceof AnswerTooLarge) reject(new PodUnreadable(message, { isTooLarge: true }));
        else reject(new PodUnreachable(message, { neverSent: syscall === 'connect' }));
      };
      const { hostname, port } = new URL(`http://${address}`);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
      };
      const outgoing = request(
        // URLs have IPv6 addresses in brackets; request() takes them without.
        {
          host: hostname.replace(/^\[|\]$/g, ''),
          port,
          method,
          path,
          headers,
          agent: this.#agent,
        },
        (response) => {
          answer = response;
          const status = response.statusCode ?? 0;
          const bytes = status < 300 ? maxBytes : Math.min(maxBytes, MAX_SHORT_BYTES);
          const text = read !== undefined && status < 300 ? read(response) : this.#answers.read(response, bytes);
          text.then((whole) => resolve({ status, text: whole }), fail);
        },
      );
      // Our pods send no informational responses; an endless series of them would replace the answer.
      outgoing.on('information', () => outgoing.destroy(new Error('the pod sent an informational response')));
      outgoing.on('error', fail);
      // After an unsolicited upgrade Node closes the connection without an error.
      outgoing.on('close', () => {
        if (answer === undefined) fail(new Error('the connection closed without an answer'));
      });
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) return;
        // A machine that is gone sends no error.
        const late = setTimeout(() => outgoing.destroy(noConnection()), CONNECT_TIMEOUT_MS);
        for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(late));
      });
      if (timeoutMs !== undefined) {
        // Deadline of the whole answer, also if it arrives byte by byte.
        const late = setTimeout(() => outgoing.destroy(new Error(`no answer for ${timeoutMs / 1000} s`)), timeoutMs);
        outgoing.on('close', () => clearTimeout(late));
      }
      outgoing.end(body);
    }).finally(() => signal?.removeEventListener('abort', onAbort));
  }
}

const noConnection = (): Error =>
  Object.assign(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`), { syscall: 'connect' });
