import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express, Request, Response } from 'express';
import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S } from '../../api/pod-protocol.ts';
import { readToken } from '../../api/pod-token.ts';
import type { ConnectionGuard } from '../../http/connection-guard.ts';

export interface OperatorStreamParts {
  /** Path of the route. */
  readonly path: string;
  /** The gateways' public key. */
  readonly publicKey: KeyObject;
  /** Uid of this gateway's pod; undefined outside a pod: every request is refused. */
  readonly podUID: string | undefined;
  /** The first lines for a new listener. */
  readonly first: () => Iterable<object>;
}

/** Operators that listen at a time: the leader, and former ones. */
const MAX_LISTENERS = 8;
/** For the last lines to be sent. */
const LAST_LINES_MS = 1000;

/** An answer that does not end: it tells operators something in lines of JSON (gateway-protocol.ts). */
export class OperatorStream {
  readonly #parts: OperatorStreamParts;
  readonly #listeners = new Set<Response>();

  constructor(parts: OperatorStreamParts) {
    this.#parts = parts;
  }

  /** Whether an operator listens. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Adds the route to the server of probes. */
  addTo(app: Express, guard: ConnectionGuard): void {
    const { path, first } = this.#parts;
    app.get(path, (request, response) => {
      if (!this.#isSigned(request) || this.#listeners.size >= MAX_LISTENERS) {
        response.sendStatus(401);
        return;
      }
      guard.trust(request, response);
      this.#listeners.add(response);
      response.once('close', () => this.#listeners.delete(response));
      response.type('application/x-ndjson');
      response.flushHeaders();
      for (const line of first()) response.write(textOf(line));
    });
  }

  /** Sends a line to all listeners. */
  tell(line: object): void {
    const text = textOf(line);
    for (const listener of this.#listeners) {
      // A listener that does not read is disconnected: it asks anew.
      if (listener.writableNeedDrain) listener.destroy();
      else listener.write(text);
    }
  }

  /** Ends the answers. Resolves once their last lines are sent, or after a second. */
  async close(): Promise<void> {
    const ending = [...this.#listeners].map((listener) => new Promise<void>((resolve) => listener.end(resolve)));
    await Promise.race([Promise.all(ending), sleep(LAST_LINES_MS, undefined, { ref: false })]);
  }

  #isSigned({ headers, method, originalUrl }: Request): boolean {
    const { publicKey, podUID } = this.#parts;
    const token = /^Bearer ([\w.-]+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined || podUID === undefined) return false;
    const { aud, req, iat } = (readToken(publicKey, token) ?? {}) as { aud?: unknown; req?: unknown; iat?: unknown };
    if (aud !== podUID || req !== `${method} ${originalUrl}` || typeof iat !== 'number') return false;
    const ageSeconds = Date.now() / 1000 - iat;
    return ageSeconds < MAX_TOKEN_AGE_S + MAX_CLOCK_SKEW_S && ageSeconds > -MAX_CLOCK_SKEW_S;
  }
}

const textOf = (line: object): string => `${JSON.stringify(line)}\n`;
