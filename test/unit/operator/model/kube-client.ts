import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import { ApiError, TransportError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import type {
  DeleteOptions,
  ListOptions,
  ListResult,
  WatchOptions,
  WriteGuard,
} from '../../../../src/kube/client-options.ts';
import { type KubeObject, type ObjectRef, refKey } from '../../../../src/kube/object.ts';
import type { Resource } from '../../../../src/kube/resource.ts';
import type { ApiServer, Change } from './api-server.ts';
import type { Channel, Network } from './network.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

interface Parts {
  readonly process: Process;
  readonly api: ApiServer;
  readonly network: Network;
  readonly time: VirtualTime;
}

const TIMEOUT_MS = 30_000;

/** The verbs of `KubeClient` that the claim protocol needs, for one operator process. */
export class SimulatedKubeClient {
  readonly #parts: Parts;
  readonly #guard: () => void;
  readonly #streams: Set<Stream>;

  constructor(parts: Parts, guard: () => void = () => {}, streams = new Set<Stream>()) {
    this.#parts = parts;
    this.#guard = guard;
    this.#streams = streams;
  }

  asClient(): KubeClient {
    return this as unknown as KubeClient;
  }

  guardedBy({ assertHeld }: Pick<WriteGuard, 'assertHeld'>): SimulatedKubeClient {
    return new SimulatedKubeClient(this.#parts, assertHeld, this.#streams);
  }

  async find<T extends KubeObject>({ plural }: Resource<T>, ref: ObjectRef): Promise<T | undefined> {
    return await this.#call('api read', (api) => api.collection(plural).get(refKey(ref)) as T | undefined);
  }

  async list<T extends KubeObject, U = T>({ plural }: Resource<T>, { map }: ListOptions<T, U>): Promise<ListResult<U>> {
    const { items, resourceVersion } = await this.#call('api list', (api) => {
      return { items: api.collection(plural).list() as T[], resourceVersion: api.version };
    });
    return { items: items.map((item) => (map ? map(item) : (item as unknown as U))), resourceVersion };
  }

  async replaceStatus(_resource: Resource<ScriptExecution>, object: ScriptExecution): Promise<ScriptExecution> {
    this.#guard();
    return await this.#call('api write', (api) => api.replaceStatus(object));
  }

  async delete(_resource: Resource, ref: ObjectRef, options: DeleteOptions): Promise<void> {
    this.#guard();
    await this.#call('api write', (api) => api.delete(refKey(ref), options));
  }

  async *watch<T extends KubeObject>(
    { plural }: Resource<T>,
    { resourceVersion, signal }: WatchOptions,
  ): AsyncGenerator<Change<T>, void> {
    const stream = new Stream(this.#parts, plural, resourceVersion);
    this.#streams.add(stream);
    signal?.addEventListener('abort', () => stream.end(), { once: true });
    try {
      for (let change = await stream.next(); change !== undefined; change = await stream.next())
        yield change as Change<T>;
    } finally {
      stream.end();
      this.#streams.delete(stream);
    }
  }

  /** Delays the watches for this time; no event is lost. */
  delayWatches(ms: number): void {
    for (const stream of this.#streams) stream.delay(ms);
  }

  /** Ends the watches as expired: the operator lists again. */
  breakWatches(): void {
    for (const stream of this.#streams) stream.fail(new ApiError(410, { reason: 'Expired' }));
  }

  async #call<T>(channel: Channel, handle: (api: ApiServer) => T): Promise<T> {
    const { process, api, network } = this.#parts;
    const failure = (message: string): Error => new TransportError(message, 'ETIMEDOUT');
    const call = { from: process, to: 'api', server: () => api.process, channel, failure, timeoutMs: TIMEOUT_MS };
    return await network.call({ ...call, handle: () => handle(api) });
  }
}

/** One watch: each change arrives once and in order, possibly late. */
class Stream {
  readonly #parts: Parts;
  readonly #underWay: (Change | Error)[] = [];
  readonly #arrived: (Change | Error | undefined)[] = [];
  readonly #stop: () => void;
  #freeAt = 0;
  #wake: (() => void) | undefined;

  constructor(parts: Parts, plural: string, after: string) {
    this.#parts = parts;
    this.#stop = parts.api.collection(plural).watch(after, (change) => this.#deliver(change));
  }

  async next(): Promise<Change | undefined> {
    while (this.#arrived.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const next = this.#arrived.shift();
    if (next instanceof Error) throw next;
    return next;
  }

  end(): void {
    this.#stop();
    this.#arrived.push(undefined);
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#stop();
    this.#deliver(error);
  }

  delay(ms: number): void {
    this.#freeAt = Math.max(this.#freeAt, this.#parts.time.now + ms);
  }

  #deliver(item: Change | Error): void {
    const { time, network, process } = this.#parts;
    this.#underWay.push(item);
    const at = time.now + network.latencyMs('api', process.name) + network.cutFor(process.name, 'api');
    this.#freeAt = Math.max(this.#freeAt, at);
    time.after(this.#freeAt - time.now, process, () => this.#arrive());
  }

  /** The first event in flight arrives. */
  #arrive(): void {
    const { time, network, process } = this.#parts;
    const cutForMs = network.cutFor(process.name, 'api'); // a partition that has begun meanwhile delays it as well
    if (cutForMs > 0) {
      this.delay(cutForMs);
      time.after(cutForMs, process, () => this.#arrive());
      return;
    }
    const item = this.#underWay.shift();
    if (item !== undefined) this.#arrived.push(item);
    this.#wake?.();
  }
}
