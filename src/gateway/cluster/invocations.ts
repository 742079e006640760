import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import {
  type GatewayInvocations,
  INVOCATIONS_EVERY_MS,
  INVOCATIONS_PATH,
  type InvocationCounts,
  type InvocationOutcome,
} from '../../api/gateway-protocol.ts';
import type { ScriptEndpoint } from '../../api/types.generated.ts';
import type { ConnectionGuard } from '../../http/connection-guard.ts';
import { OperatorStream, type OperatorStreamParts } from './operator-stream.ts';

type Counts = { -readonly [Field in keyof InvocationCounts]: InvocationCounts[Field] };
type Ref = Pick<ScriptEndpoint, 'metadata'>;

/** Endpoints in a line. */
const ENDPOINTS_A_LINE = 500;

/** Counts the requests for endpoints since this process started, and tells the operator: gateway-protocol.ts. */
export class Invocations {
  readonly #bootID = randomUUID();
  /** By the key of the endpoint. */
  readonly #counts = new Map<string, Counts>();
  /** Keys of endpoints whose counts have changed since the last report. */
  readonly #changed = new Set<string>();
  readonly #stream: OperatorStream;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: Pick<OperatorStreamParts, 'publicKey' | 'podUID'>) {
    this.#stream = new OperatorStream({
      ...parts,
      path: INVOCATIONS_PATH,
      first: () => this.#lines(this.#counts.keys()),
    });
    this.#timer = setInterval(() => this.#tell(), INVOCATIONS_EVERY_MS).unref();
  }

  /** A request for an endpoint has ended. */
  count({ metadata: { namespace, name, uid = '' } }: Ref, outcome: InvocationOutcome): void {
    const key = `${namespace}/${name}`;
    const known = this.#counts.get(key);
    const counts = known?.uid === uid ? known : { uid, succeeded: 0, failed: 0, cancelled: 0, refused: 0, lastTime: 0 };
    counts[outcome]++;
    if (outcome !== 'refused') counts.lastTime = Date.now();
    this.#counts.set(key, counts);
    this.#changed.add(key);
  }

  /** An endpoint is gone. */
  forget({ metadata: { namespace, name } }: Ref): void {
    this.#counts.delete(`${namespace}/${name}`);
  }

  /** Adds the route to the server of probes. */
  addTo(app: Express, guard: ConnectionGuard): void {
    this.#stream.addTo(app, guard);
  }

  /** Reports what has changed since the last report, and ends the stream. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#tell();
    await this.#stream.close();
  }

  #tell(): void {
    for (const line of this.#lines(this.#changed)) this.#stream.tell(line);
    this.#changed.clear();
  }

  /** At least one line, so that a listener learns that the gateway is alive. */
  *#lines(keys: Iterable<string>): Generator<GatewayInvocations> {
    const entries = [...keys].flatMap((key) => {
      const counts = this.#counts.get(key);
      return counts === undefined ? [] : [[key, counts] as const];
    });
    for (let i = 0; i === 0 || i < entries.length; i += ENDPOINTS_A_LINE) {
      yield { bootID: this.#bootID, endpoints: Object.fromEntries(entries.slice(i, i + ENDPOINTS_A_LINE)) };
    }
  }
}
