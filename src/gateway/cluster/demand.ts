import type { KeyObject } from 'node:crypto';
import type { Express, Request, Response } from 'express';
import { DEMAND_EVERY_MS, DEMAND_PATH, type GatewayDemandLine } from '../../api/gateway-protocol.ts';
import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S } from '../../api/pod-protocol.ts';
import { readToken } from '../../api/pod-token.ts';
import type { ConnectionGuard } from '../../http/connection-guard.ts';
import type { Places } from '../routing/places.ts';

export interface DemandParts {
  readonly places: Pick<Places, 'demand'>;
  /** The gateways' public key. */
  readonly publicKey: KeyObject;
  /** Uid of this gateway's pod; undefined outside a pod: nothing is told then. */
  readonly podUID: string | undefined;
}

/** Operators that listen at a time: the leader, and former ones. */
const MAX_LISTENERS = 8;

/** Tells the operator what runs and what waits: gateway-protocol.ts. */
export class Demand {
  readonly #parts: DemandParts;
  readonly #listeners = new Set<Response>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: DemandParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.tell(), DEMAND_EVERY_MS).unref();
  }

  /** Adds the route to the server of probes. */
  addTo(app: Express, guard: ConnectionGuard): void {
    app.get(DEMAND_PATH, (request, response) => {
      if (!this.#isSigned(request) || this.#listeners.size >= MAX_LISTENERS) {
        response.sendStatus(401);
        return;
      }
      guard.trust(request, response);
      this.#listeners.add(response);
      response.once('close', () => this.#listeners.delete(response));
      response.type('application/x-ndjson').write(`${JSON.stringify(this.#line())}\n`);
    });
  }

  /** Tells it now. */
  tell(): void {
    if (this.#listeners.size === 0) return;
    const line = `${JSON.stringify(this.#line())}\n`;
    for (const listener of this.#listeners) {
      // One that does not read gets nothing more.
      if (listener.writableNeedDrain) listener.destroy();
      else listener.write(line);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const listener of this.#listeners) listener.end();
  }

  #line(): GatewayDemandLine {
    const runtimes = [...this.#parts.places.demand()];
    return Object.fromEntries(runtimes.map(({ runtime, inFlight, waiting }) => [runtime, { inFlight, waiting }]));
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
