import { INVOCATIONS_EVERY_MS, INVOCATIONS_PATH, parseInvocations } from '../../api/gateway-protocol.ts';
import { pause } from '../../kube/pause.ts';
import type { GatewayStream } from '../gateways/gateway-pods.ts';
import { type CountedInvocations, countedInvocations, type ToldInvocations } from './counted-invocations.ts';
import type { EndpointProjection } from './endpoint-projection.ts';

export interface InvocationsParts {
  /** An endpoint by its key, as it is cached. */
  readonly endpoint: (key: string) => EndpointProjection | undefined;
  /** Whether the pod of a gateway will never run again. */
  readonly isGone: (podUID: string) => boolean;
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number;
}

/** Time between two writes of an endpoint's status for its counts. Each write sends the whole object to all watchers. */
const EACH_MS = 30_000;
/** Time between two such writes of any endpoints. */
const ALL_MS = 500;

/** Collects the counts that gateways report, until they are in the statuses: counted-invocations.ts. */
export class Invocations {
  readonly #parts: InvocationsParts;
  /** By the key of the endpoint, then the id of the process. */
  readonly #told = new Map<string, Map<string, ToldInvocations>>();
  /** The process that runs in a pod. */
  readonly #bootIDs = new Map<string, string>();
  /** Keys of endpoints whose counts may differ from those of their statuses. */
  readonly #changed = new Set<string>();
  /** Keys of endpoints whose statuses are to be written now. */
  readonly #due = new Set<string>();
  readonly #writtenAt = new Map<string, number>();

  constructor(parts: InvocationsParts) {
    this.#parts = parts;
  }

  /** The stream of reports that it reads. */
  stream(): GatewayStream {
    return {
      path: INVOCATIONS_PATH,
      silentMs: 5 * INVOCATIONS_EVERY_MS,
      line: (podUID, text) => {
        const line = parseInvocations(text);
        if (line === undefined) return false;
        const { bootID, endpoints } = line;
        this.#bootIDs.set(podUID, bootID);
        for (const [key, counts] of Object.entries(endpoints)) {
          const told = this.#told.get(key) ?? new Map<string, ToldInvocations>();
          this.#told.set(key, told.set(bootID, { podUID, bootID, counts }));
          this.#changed.add(key);
        }
        return true;
      },
      ended: (podUID) => {
        if (this.#parts.isGone(podUID)) this.#bootIDs.delete(podUID);
      },
    };
  }

  /** Whether the status of an endpoint is to be written for its counts. */
  isDue(key: string): boolean {
    return this.#due.has(key);
  }

  /** The counts of an endpoint, with all that has been reported. */
  counted({ metadata: { namespace, name, uid }, status }: EndpointProjection): CountedInvocations {
    const told = [...(this.#told.get(`${namespace}/${name}`)?.values() ?? [])];
    return countedInvocations(
      status.invocations,
      told.filter(({ counts }) => counts.uid === uid),
      (podUID, bootID) => this.#hasEnded(podUID, bootID),
    );
  }

  /** The status of an endpoint includes the counts. */
  settle(key: string, { included }: Pick<CountedInvocations, 'included'>): void {
    this.#due.delete(key);
    this.#writtenAt.set(key, this.#parts.now());
    this.#forgetEnded(key, included);
  }

  /** An endpoint is gone. */
  forget(key: string): void {
    for (const each of [this.#told, this.#changed, this.#due, this.#writtenAt]) each.delete(key);
  }

  /** Names the statuses to write, one after the other, until the signal is aborted. */
  async run(onDue: (key: string) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = this.#next();
      if (key !== undefined) {
        this.#changed.delete(key);
        this.#due.add(key);
        onDue(key);
      }
      await pause(ALL_MS, signal);
    }
  }

  #next(): string | undefined {
    const before = this.#parts.now() - EACH_MS;
    for (const key of this.#changed) {
      if ((this.#writtenAt.get(key) ?? Number.NEGATIVE_INFINITY) > before || this.#due.has(key)) continue;
      const endpoint = this.#parts.endpoint(key);
      const counted = endpoint && this.counted(endpoint);
      if (counted?.isChanged) return key;
      // The endpoint is gone, or its status includes everything: gateways report all counts to a new leader.
      if (counted === undefined) this.forget(key);
      else this.#forgetEnded(key, counted.included);
      this.#changed.delete(key);
    }
    return undefined;
  }

  #forgetEnded(key: string, included: ReadonlySet<string>): void {
    const told = this.#told.get(key);
    for (const { podUID, bootID } of told?.values() ?? [])
      if (included.has(bootID) && this.#hasEnded(podUID, bootID)) told?.delete(bootID);
  }

  #hasEnded(podUID: string, bootID: string): boolean {
    return this.#parts.isGone(podUID) || (this.#bootIDs.get(podUID) ?? bootID) !== bootID;
  }
}
