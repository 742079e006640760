import { makeExecution } from '../../../../src/api/defaults.ts';
import { formatTime } from '../../../../src/api/time.ts';
import { Dispatcher } from '../../../../src/operator/dispatch/dispatcher.ts';
import { StatusWriter } from '../../../../src/operator/executions/status-writer.ts';
import { ApiServer } from './api-server.ts';
import type { Chance } from './chance.ts';
import { Election } from './election.ts';
import { Invariants } from './invariants.ts';
import type { Mutation } from './mutations.ts';
import { Network } from './network.ts';
import { Operator } from './operator.ts';
import { type PodParts, SimulatedPod } from './pod.ts';
import type { Schedule, Script } from './schedule.ts';
import type { VirtualTime } from './virtual-time.ts';

const PODS = 2;
const OPERATORS = 2;
const REPLACED_AFTER_MS = 1000;

/** A small cluster: an API server, two operators with one leader, and two pods of one runtime. */
export class World {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly invariants: Invariants;
  readonly api: ApiServer;
  readonly operators: readonly Operator[];
  readonly election: Election;
  /** Including deleted ones. */
  readonly pods: SimulatedPod[] = [];
  readonly #scripts = new Map<string, Script>();
  readonly #podParts: PodParts;
  #made = 0;

  /** Must be created under its own virtual time. */
  constructor({ clockSkewS }: Schedule, mutation: Mutation, time: VirtualTime, chance: Chance) {
    this.time = time;
    this.network = new Network(time, chance);
    this.invariants = new Invariants({
      api: () => this.api,
      now: () => time.now,
      isAlive: (podUID, bootID) => {
        return this.pods.some((pod) => pod.uid === podUID && pod.isThere && pod.life?.bootID === bootID);
      },
    });
    this.api = new ApiServer((before, after) => this.invariants.written(before, after));
    const { gate = (real) => real, ledger = (real) => real } = mutation;
    this.#podParts = {
      time,
      api: this.api,
      observer: this.invariants,
      scriptOf: (uid) => this.#scripts.get(uid) ?? 'quick',
      makers: { gate, ledger },
      clockSkewMs: clockSkewS * 1000,
    };
    for (let i = 0; i < PODS; i += 1) this.#makePod();
    const {
      writer = (...given) => new StatusWriter(...given),
      attempt = (real) => real,
      dispatcher = (options) => new Dispatcher(options),
    } = mutation;
    const operatorParts = {
      time,
      api: this.api,
      network: this.network,
      podAt: (address: string) => this.pods.find(({ uid }) => uid === address),
      makers: { writer, attempt, dispatcher },
      onError: (error: unknown) => this.#failed(error),
    };
    this.operators = Array.from({ length: OPERATORS }, (_, i) => new Operator(`operator-${i + 1}`, operatorParts));
    this.election = new Election(time, this.network, this.operators, (line) => this.invariants.tell(line));
  }

  /** Applies a manifest. */
  create(script: Script, backoffLimit: number, name = `x-${this.#made + 1}`): void {
    this.#made += 1;
    const uid = `u${this.#made}`;
    this.#scripts.set(uid, script);
    const made = makeExecution({ name, namespace: 'acme', uid }, { source: script, backoffLimit });
    const metadata = { ...made.metadata, generation: 1, creationTimestamp: formatTime(new Date()) };
    this.api.executions.put({ ...made, metadata, status: { observedGeneration: -1 } });
  }

  scriptOf(uid: string): Script {
    return this.#scripts.get(uid) ?? 'quick';
  }

  /** The Deployment creates another pod. */
  replacePod(): void {
    this.time.after(REPLACED_AFTER_MS, undefined, () => this.#makePod());
  }

  #makePod(): void {
    this.pods.push(new SimulatedPod(`pod-${this.pods.length + 1}`, this.#podParts));
  }

  /** Errors that no injected fault explains: bugs of the program or of the model. */
  #failed(error: unknown): void {
    const isBug = error instanceof TypeError || error instanceof ReferenceError;
    if (isBug) this.invariants.violated(`a bug: ${error.stack}`);
  }
}
