import { createServer, type Server } from 'node:http';
import type { PodStats, Refusal, RefusalCode } from '../../../../src/api/pod-protocol.ts';
import { REFUSAL_STATUS } from '../../../../src/api/pod-protocol.ts';
import { LIMITS } from '../../../support/limits.ts';
import type { PodObject } from './pod-object.ts';

export interface Answer {
  readonly status: number;
  /** JSON, or text. */
  readonly body: unknown;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** A pod with a foreign image: an HTTP server with arbitrary answers. */
export class ForeignPod {
  readonly object: PodObject;
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(object: PodObject, answer: (method: string, path: string) => Answer) {
    this.object = object;
    this.#server = createServer((request, response) => {
      const { method = '', url: path = '' } = request;
      this.asked.push({ method, path, at: Date.now() });
      const { status, body } = answer(method, path);
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }

  static async start(object: PodObject, answer: (method: string, path: string) => Answer): Promise<ForeignPod> {
    const pod = new ForeignPod(object, answer);
    await new Promise<void>((resolve) => pod.#server.listen(8080, object.address, resolve));
    await object.started();
    return pod;
  }

  /** Number of requests in the last milliseconds. */
  askedWithin(ms: number): number {
    return this.asked.filter(({ at }) => at > Date.now() - ms).length;
  }

  /** Number of runs it was sent. */
  get sent(): number {
    return this.asked.filter(({ method }) => method === 'POST').length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Stats of a pod with this many VMs. */
export const statsOf = (capacity: number): Answer => {
  const executions = { total: 0, succeeded: 0, errors: 0, timeouts: 0, running: 0, pending: 0 };
  const pool = { size: capacity, idle: capacity, busy: 0, created: capacity, destroyed: 0 };
  const compilation = { size: 0, hits: 0, misses: 0 };
  const state = { bootID: 'foreign', draining: false, ready: true, capacity, limits: LIMITS, unacknowledged: 0 };
  return { status: 200, body: { ...state, executions, pool, compilation } satisfies PodStats };
};

export const refusing = (code: RefusalCode): Answer => {
  const body: Refusal = { code, message: 'as ever', bootID: 'foreign' };
  return { status: REFUSAL_STATUS[code], body };
};
