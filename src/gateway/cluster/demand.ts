import type { Express } from 'express';
import { DEMAND_EVERY_MS, DEMAND_PATH, type GatewayDemandLine } from '../../api/gateway-protocol.ts';
import type { ConnectionGuard } from '../../http/connection-guard.ts';
import type { Places } from '../routing/places.ts';
import { OperatorStream, type OperatorStreamParts } from './operator-stream.ts';

export interface DemandParts extends Pick<OperatorStreamParts, 'publicKey' | 'podUID'> {
  readonly places: Pick<Places, 'demand'>;
}

/** Tells the operator what runs and what waits: gateway-protocol.ts. */
export class Demand {
  readonly #places: DemandParts['places'];
  readonly #stream: OperatorStream;
  readonly #timer: NodeJS.Timeout;

  constructor({ places, ...parts }: DemandParts) {
    this.#places = places;
    this.#stream = new OperatorStream({ ...parts, path: DEMAND_PATH, first: () => [this.#line()] });
    this.#timer = setInterval(() => this.tell(), DEMAND_EVERY_MS).unref();
  }

  /** Adds the route to the server of probes. */
  addTo(app: Express, guard: ConnectionGuard): void {
    this.#stream.addTo(app, guard);
  }

  /** Tells it now. */
  tell(): void {
    if (this.#stream.isHeard) this.#stream.tell(this.#line());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#stream.close();
  }

  #line(): GatewayDemandLine {
    const runtimes = [...this.#places.demand()];
    return Object.fromEntries(runtimes.map(({ runtime, inFlight, waiting }) => [runtime, { inFlight, waiting }]));
  }
}
