import type { KeyObject } from 'node:crypto';
import { Agent, request } from 'node:http';
import {
  MAX_LISTED_RUNS,
  MAX_REQUEST_BYTES,
  type PodStats,
  parseRunId,
  REFUSAL_STATUS,
  type Refusal,
  type RefusalCode,
} from '../../api/pod-protocol.ts';
import { makeToken } from '../../api/pod-token.ts';
import { AnswerReader, AnswerTooLarge } from './answer-reader.ts';
import { LARGEST_OUTCOME, type OutcomeBounds, outcomeAnswerBytes } from './outcome-bounds.ts';
import { type RunAnswer, runAnswerOf } from './outcome-text.ts';
import { checkedStats } from './stats-check.ts';

/** A life of a pod, as it is spoken to. */
export interface PodAddress {
  readonly podUID: string;
  /** `host:port` */
  readonly address: string;
  /** Undefined: any life may answer; only for questions. */
  readonly bootID?: string | undefined;
}

/** The pod answered, and refused. */
export class PodRefusal extends Error {
  override readonly name = 'PodRefusal';
  readonly code: RefusalCode;
  readonly bootID: string;

  constructor({ code, message, bootID }: Refusal) {
    super(message);
    this.code = code;
    this.bootID = bootID;
  }
}

/** No answer came, or none that can be read: what was asked may have been done. */
export class PodUnreachable extends Error {
  override readonly name = 'PodUnreachable';
  /** No connection came about: the pod certainly has not heard of it. */
  readonly neverSent: boolean;

  constructor(message: string, { neverSent = false }: { neverSent?: boolean } = {}) {
    super(message);
    this.neverSent = neverSent;
  }
}

/** An answer came, of a kind that no pod of ours gives: what was asked may have been done. Asking again gives no better one. */
export class PodUnreadable extends PodUnreachable {
  /** It has more bytes than an answer of its kind can have. */
  readonly isTooLarge: boolean;

  constructor(message: string, { isTooLarge = false }: { isTooLarge?: boolean } = {}) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

/** A request that has ended. */
export interface PodRequestRecord {
  readonly method: string;
  /** The HTTP status, or `<error>` where no answer came. */
  readonly code: string;
  readonly durationMs: number;
  /** Where the pod has refused it. */
  readonly refusal: RefusalCode | undefined;
}

export interface PodClientOptions {
  readonly privateKey: KeyObject;
  /** The Lease's `leaseTransitions`. */
  readonly epoch: number;
  /** How much a pod's runtime lets a script give; undefined: as much as the API allows. */
  readonly outcomeBounds?: (podUID: string) => OutcomeBounds | undefined;
  /** Told of every request that has ended. */
  readonly onRequest?: (request: PodRequestRecord) => void;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the largest answer. */
  readonly maxBytes?: number;
  /** Without an answer for so long it is given up. None: as long as the connection holds. */
  readonly timeoutMs?: number;
}

const QUESTION_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 3000;
/** Of statistics, of refusals and of what has no answer to speak of. */
const MAX_SHORT_BYTES = 16 << 10;
/** Of a list of ids, each with its quotes and comma. */
const MAX_LIST_BYTES = MAX_LISTED_RUNS * 96 + 1024;
/** Idle connections that are kept to each pod. */
const MAX_IDLE_CONNECTIONS = 64;

/** Speaks to runtime pods as one leader, in its term: signs each request for one pod, one life of it and one moment. */
export class PodClient {
  readonly #options: PodClientOptions;
  readonly #agent = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: MAX_IDLE_CONNECTIONS });

  readonly #answers = new AnswerReader();

  constructor(options: PodClientOptions) {
    this.#options = options;
  }

  /**
   * Starts a run, or joins the one of that id; gives the outcome's JSON, unchecked.
   * Throws `PodRefusal`, `PodUnreachable`, or the signal's reason.
   */
  async run(pod: PodAddress, id: string, body: string, signal?: AbortSignal): Promise<unknown> {
    const { outcome } = await this.#runAnswer(pod, { method: 'POST', path: `/v1/runs/${id}`, body, signal });
    return outcome;
  }

  /** The state of a run: `running`, or `finished` with its outcome, unchecked. Throws as `run` does. */
  async state(pod: PodAddress, id: string, signal?: AbortSignal): Promise<RunAnswer> {
    const call = { method: 'GET', path: `/v1/runs/${id}`, signal, timeoutMs: QUESTION_TIMEOUT_MS } as const;
    return await this.#runAnswer(pod, call);
  }

  /** Asks for a run to end. Throws as `run` does. */
  async cancel(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { method: 'POST', path: `/v1/runs/${id}/cancel`, timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** Says that an outcome is recorded. Throws as `run` does. */
  async acknowledge(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { method: 'DELETE', path: `/v1/runs/${id}`, timeoutMs: QUESTION_TIMEOUT_MS });
  }

  /** The ids of runs that have ended and are not acknowledged. Throws as `run` does. */
  async unacknowledged(pod: PodAddress): Promise<string[]> {
    const call = { method: 'GET', path: '/v1/runs', timeoutMs: QUESTION_TIMEOUT_MS, maxBytes: MAX_LIST_BYTES } as const;
    const { runs } = ((await this.#json(pod, call)) ?? {}) as { runs?: unknown };
    return Array.isArray(runs)
      ? runs.slice(0, MAX_LISTED_RUNS).filter((id) => parseRunId(String(id)) !== undefined)
      : [];
  }

  /** Throws as `run` does, and where the answer is none. */
  async stats(pod: PodAddress, signal?: AbortSignal): Promise<PodStats> {
    const call = { method: 'GET', path: '/v1/stats', signal, timeoutMs: QUESTION_TIMEOUT_MS } as const;
    const stats = checkedStats(await this.#json(pod, call));
    if (stats === undefined) throw new PodUnreadable('the pod does not speak this version of the protocol');
    return stats;
  }

  /** Closes every connection; what still runs fails. */
  close(): void {
    this.#agent.destroy();
  }

  async #runAnswer(pod: PodAddress, call: Call): Promise<RunAnswer> {
    const bounds = this.#options.outcomeBounds?.(pod.podUID) ?? LARGEST_OUTCOME;
    const text = await this.#send(pod, { ...call, maxBytes: outcomeAnswerBytes(bounds) });
    const answer = runAnswerOf(text, bounds);
    if (answer === undefined) throw new PodUnreadable('the answer is none about a run');
    return answer;
  }

  async #json(pod: PodAddress, call: Call): Promise<unknown> {
    const text = await this.#send(pod, call);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new PodUnreadable('the answer is no JSON');
    }
  }

  async #send(pod: PodAddress, call: Call): Promise<string> {
    const { method, path, body, signal } = call;
    const { privateKey, epoch, onRequest } = this.#options;
    if (body !== undefined && Buffer.byteLength(body) > MAX_REQUEST_BYTES) {
      const message = `the request has over ${MAX_REQUEST_BYTES} bytes`;
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
      const error = refusal(status, text);
      if (error instanceof PodRefusal) refused = error.code;
      throw error;
    } finally {
      onRequest?.({ method, code, durationMs: performance.now() - startedAt, refusal: refused });
    }
  }

  #exchange(
    { address }: PodAddress,
    { method, path, body, signal, timeoutMs, maxBytes = MAX_SHORT_BYTES }: Call,
    token: string,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        const { message, syscall } = error;
        if (signal?.aborted) reject(signal.reason);
        else if (error instanceof AnswerTooLarge) reject(new PodUnreadable(message, { isTooLarge: true }));
        else reject(new PodUnreachable(message, { neverSent: syscall === 'connect' }));
      };
      let hasAnswer = false;
      const { hostname, port } = new URL(`http://${address}`);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const outgoing = request(
        // An IPv6 address stands in brackets in a URL, and without them here.
        {
          host: hostname.replace(/^\[|\]$/g, ''),
          port,
          method,
          path,
          headers,
          agent: this.#agent,
          ...(signal ? { signal } : {}),
        },
        (response) => {
          hasAnswer = true;
          const status = response.statusCode ?? 0;
          const bytes = status < 300 ? maxBytes : Math.min(maxBytes, MAX_SHORT_BYTES);
          this.#answers.read(response, bytes).then((text) => resolve({ status, text }), fail);
        },
      );
      // No pod of ours sends one, and of a pod that sends them without end no answer comes.
      outgoing.on('information', () => outgoing.destroy(new Error('the pod says something else first')));
      outgoing.on('error', fail);
      // To an upgrade that nobody asked for Node ends the connection, and says nothing else.
      outgoing.on('close', () => {
        if (!hasAnswer) fail(new Error('the connection ended without an answer'));
      });
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) return;
        // Of a machine that is gone nobody says that it is.
        const late = setTimeout(() => outgoing.destroy(noConnection()), CONNECT_TIMEOUT_MS);
        for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(late));
      });
      if (timeoutMs !== undefined) {
        // For all of the answer: one that comes a byte at a time does not come.
        const late = setTimeout(() => outgoing.destroy(new Error(`no answer for ${timeoutMs / 1000} s`)), timeoutMs);
        outgoing.on('close', () => clearTimeout(late));
      }
      outgoing.end(body);
    });
  }
}

const noConnection = (): Error =>
  Object.assign(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`), { syscall: 'connect' });

/** A refusal is believed only where its code and its status go together: anything else says nothing of what was done. */
function refusal(status: number, text: string): Error {
  try {
    const { code, message, bootID } = JSON.parse(text) as Refusal;
    if (Object.hasOwn(REFUSAL_STATUS, code) && REFUSAL_STATUS[code] === status && code !== 'InternalError') {
      return new PodRefusal({ code, message: String(message).slice(0, 1000), bootID: String(bootID) });
    }
  } catch {
    // said below
  }
  return new PodUnreachable(`the pod answered ${status}`);
}
