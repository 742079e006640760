/**
 * A cluster in memory: an API server with one kind, the pods of a runtime, and leaders that come and go. The objects'
 * statuses are checked as the API server checks them, and the pods keep the ledger that real ones keep.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { RunOutcome, RunRequest } from '../../../../src/api/pod-protocol.ts';
import type { ExecutionClaim, ScriptExecution, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { executionQueue } from '../../../../src/operator/executions/execution-queue.ts';
import { type KnownExecution, knownExecution } from '../../../../src/operator/executions/known-execution.ts';
import { type KnownSource, knownSource } from '../../../../src/operator/executions/known-source.ts';
import { Notes } from '../../../../src/operator/executions/notes.ts';
import type { ExecutionObserver } from '../../../../src/operator/executions/observer.ts';
import { Places } from '../../../../src/operator/executions/places.ts';
import { ExecutionReconciler } from '../../../../src/operator/executions/reconciler.ts';
import { Sources } from '../../../../src/operator/executions/sources.ts';
import { StatusWriter } from '../../../../src/operator/executions/status-writer.ts';
import { ApiError } from '../../../../src/operator/kube/api-error.ts';
import type { KubeClient } from '../../../../src/operator/kube/client.ts';
import { Controller } from '../../../../src/operator/kube/controller.ts';
import type { Informer } from '../../../../src/operator/kube/informer.ts';
import { compareResourceVersions, keyOf, refKey } from '../../../../src/operator/kube/object.ts';
import type { ConfigMap } from '../../../../src/operator/kube/resources.ts';
import { Store } from '../../../../src/operator/kube/store.ts';
import type { WorkQueue } from '../../../../src/operator/kube/work-queue.ts';
import type { KnownPod } from '../../../../src/operator/pods/known-pod.ts';
import {
  type PodAddress,
  type PodClient,
  PodRefusal,
  PodUnreachable,
} from '../../../../src/operator/pods/pod-client.ts';
import type { ServingPod } from '../../../../src/operator/pods/pod-directory.ts';
import { RunLedger } from '../../../../src/runtime/server/ledger.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { accepted, execution, type Parts } from './objects.ts';

const RUNTIME = 'acme/default';

/** What a write of a status is made to end with: an error in its place, or after it was done. */
export type Trouble = { readonly error: Error; readonly isDone: boolean } | undefined;

export class Cluster {
  /** What happened, in its order: `write Running`, `start uid-1.1.1`, `acknowledge uid-1.1.1`. */
  readonly log: string[] = [];
  readonly runtimes = new Store<ScriptRuntime>();
  readonly configMaps = new Map<string, ConfigMap>();
  readonly sources = new Store<KnownSource>();
  readonly cache = new Store<KnownExecution>();
  readonly pods = new Map<string, Pod>();
  readonly watchers = new Set<(key: string) => void>();
  /** Asked before each write of a status. */
  trouble: (status: ScriptExecution['status']) => Trouble = () => undefined;
  readonly #objects = new Map<string, ScriptExecution>();
  #version = 100;

  constructor() {
    const runtime = defaultRuntime('default', 'acme');
    this.runtimes.set({ ...runtime, metadata: { ...runtime.metadata, uid: 'rt-1', generation: 1 } });
  }

  /** Makes or changes a ConfigMap with scripts; without any, it goes, and the news of it is still to come. */
  setSource(name: string, data?: Readonly<Record<string, string>>): void {
    const key = `acme/${name}`;
    this.configMaps.delete(key);
    if (data === undefined) return;
    const labels = { 'copepod.dev/source': 'true' };
    this.#version += 1;
    const metadata = { name, namespace: 'acme', uid: `uid-${name}`, resourceVersion: String(this.#version), labels };
    this.configMaps.set(key, { metadata, data });
    this.sources.set(knownSource({ metadata, data }));
  }

  /** Makes an execution, or changes its spec. */
  apply(name: string, spec: Parts['spec'] = {}, uid = `uid-${name}`): string {
    const before = this.#objects.get(`acme/${name}`);
    const made = execution({ spec, metadata: { name, uid, creationTimestamp: new Date().toISOString() } });
    const changed = before === undefined ? made : { ...before, spec: { ...made.spec } };
    const generation = (before?.metadata.generation ?? 0) + 1;
    return this.put({ ...changed, metadata: { ...changed.metadata, generation } });
  }

  /** Stores an object as it is, and the news of it comes to everybody. */
  put(object: ScriptExecution): string {
    const stored = this.#store(object);
    this.cache.set(knownExecution(stored));
    const key = keyOf(stored);
    for (const watcher of this.watchers) watcher(key);
    return key;
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.cache.delete(key);
    for (const watcher of this.watchers) watcher(key);
  }

  get(key: string): ScriptExecution {
    const object = this.#objects.get(key);
    if (object === undefined) throw new Error(`there is no ${key}`);
    return object;
  }

  versionOf(key: string): string | undefined {
    return this.#objects.get(key)?.metadata.resourceVersion;
  }

  reason(key: string): string | undefined {
    return this.get(key).status.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
  }

  addPod(name: string, options: { capacity?: number } = {}): Pod {
    const pod = new Pod(this, name, options.capacity ?? 2);
    this.pods.set(pod.uid, pod);
    return pod;
  }

  readonly client = {
    replaceStatus: async (_resource: unknown, object: ScriptExecution): Promise<ScriptExecution> => {
      await turn();
      const before = this.#objects.get(keyOf(object));
      if (before === undefined || before.metadata.uid !== object.metadata.uid) {
        throw new ApiError(before === undefined ? 404 : 409, {
          reason: before === undefined ? 'NotFound' : 'Conflict',
        });
      }
      if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new ApiError(409, { reason: 'Conflict', message: 'the object has been modified' });
      }
      const status = accepted(before, object.status);
      const trouble = this.trouble(status);
      if (trouble && !trouble.isDone) throw trouble.error;
      const written = this.#store({ ...before, status });
      this.log.push(`write ${this.reason(keyOf(object))}`);
      if (trouble) throw trouble.error;
      await turn();
      return written;
    },
    find: async (
      _resource: unknown,
      ref: { name: string; namespace: string },
    ): Promise<ScriptExecution | undefined> => {
      await turn();
      return this.#objects.get(`${ref.namespace}/${ref.name}`);
    },
  } as unknown as KubeClient;

  /** Takes what we have written ourselves, and tells nobody: as the Informer has it. */
  readonly informer = {
    observe: (object: ScriptExecution): void => {
      const before = this.cache.get(keyOf(object));
      const { uid, resourceVersion = '' } = object.metadata;
      if (before?.metadata.uid !== uid) return;
      if (compareResourceVersions(resourceVersion, before?.metadata.resourceVersion ?? '') <= 0) return;
      this.cache.set(knownExecution(object));
    },
  } as unknown as Informer<KnownExecution>;

  #store(object: ScriptExecution): ScriptExecution {
    this.#version += 1;
    const stored = JSON.parse(JSON.stringify(object)) as ScriptExecution;
    stored.metadata.resourceVersion = String(this.#version);
    this.#objects.set(keyOf(stored), stored);
    return stored;
  }
}

/** A pod: what it is asked to run it runs until the test ends it. */
export class Pod {
  readonly name: string;
  readonly uid: string;
  readonly capacity: number;
  bootID = 'boot-1';
  isServing = true;
  /** Requests do not arrive. */
  isCut = false;
  /** Requests arrive, and answers do not. */
  isMute = false;
  readonly requests = new Map<string, RunRequest>();
  /** How a script ends, at once; undefined: when the test ends it. */
  result: ((request: RunRequest) => RunOutcome) | undefined;
  #ledger: RunLedger;
  readonly #running = new Map<string, (outcome: RunOutcome) => void>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, name: string, capacity: number) {
    this.#cluster = cluster;
    this.name = name;
    this.uid = `pod-${name}`;
    this.capacity = capacity;
    this.#ledger = this.#newLedger();
  }

  get active(): number {
    return this.#ledger.active;
  }

  get unacknowledged(): number {
    return this.#ledger.unacknowledged;
  }

  /** Ends what runs. */
  end(id: string, outcome: RunOutcome = outcomeOf('done')): void {
    const resolve = this.#running.get(id);
    if (resolve === undefined) throw new Error(`${id} does not run on ${this.name}`);
    resolve(outcome);
  }

  drain(): void {
    this.#ledger.drain();
  }

  /** Its process ends, and another takes its place. */
  restart(): void {
    this.bootID = `boot-${Number(this.bootID.slice(5)) + 1}`;
    this.#ledger = this.#newLedger();
  }

  start(id: string, body: string): Promise<Buffer> {
    return this.#ledger.start(id, () => ({
      requestBytes: body.length,
      run: (signal) => {
        this.#cluster.log.push(`start ${id}`);
        const request = JSON.parse(body) as RunRequest;
        this.requests.set(id, request);
        if (this.result !== undefined) return Promise.resolve(this.result(request));
        const { promise, resolve } = Promise.withResolvers<RunOutcome>();
        this.#running.set(id, resolve);
        signal.addEventListener('abort', () => resolve({ ...outcomeOf(''), reason: 'Cancelled' }), { once: true });
        return promise;
      },
    }));
  }

  state(id: string): Buffer {
    return this.#ledger.state(id);
  }

  cancel(id: string): void {
    this.#ledger.cancel(id);
    this.#cluster.log.push(`cancel ${id}`);
  }

  acknowledge(id: string): void {
    this.#ledger.acknowledge(id);
    this.#cluster.log.push(`acknowledge ${id}`);
  }

  get known(): KnownPod {
    return {
      metadata: { name: this.name, namespace: 'acme', uid: this.uid },
      runtime: RUNTIME,
      address: '10.0.0.1:8080',
      isTerminal: false,
      standing: 'ready',
      deletionCost: { given: undefined, isMarked: false },
      life: this.bootID,
      trouble: undefined,
    };
  }

  #newLedger(): RunLedger {
    const bounds = { maxActive: 100, maxRuns: 1000, maxBytes: 1e9, maxRemembered: 1e6 };
    const ledger = new RunLedger(bounds, { failed: (id) => outcomeOf(`lost ${id}`), full: () => {} });
    ledger.open();
    return ledger;
  }
}

/** An operator in its term. */
export class Leader {
  readonly reconciler: ExecutionReconciler;
  readonly places: Places;
  readonly errors: unknown[] = [];
  readonly ended: string[] = [];
  /** What each look at an execution came to. */
  readonly looks: { readonly key: string; readonly wrote: boolean; readonly gaveTurnBack: boolean }[] = [];
  readonly #turnsBack = new Set<string>();
  readonly #cluster: Cluster;
  readonly #queue: WorkQueue;
  readonly #stop = new AbortController();
  readonly #notes: Notes;
  readonly #working: Promise<void>;
  readonly #watch = (key: string): void => this.#queue.add(key);

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const backoff = { baseMs: 20, maxMs: 200 };
    const { queue, rightOfWay } = executionQueue(cluster.cache, () => this.places, { backoff });
    const enqueue = (key: string): void => queue.add(key);
    this.#queue = queue;
    this.places = new Places({ serving: () => this.#serving(), onGranted: enqueue });
    this.#notes = new Notes(enqueue, (key) => this.places.isMoving(key));
    this.reconciler = new ExecutionReconciler({
      executions: cluster.cache,
      runtimes: cluster.runtimes,
      sources: new Sources({ known: cluster.sources, read: async (ref) => cluster.configMaps.get(refKey(ref)) }),
      places: this.places,
      rightOfWay,
      notes: this.#notes,
      writer: new StatusWriter(cluster.client, cluster.informer),
      now: () => Date.now(),
      attempt: {
        client: podClient(cluster),
        suspect: () => {},
        findPod: async ({ podUID }: ExecutionClaim) => cluster.pods.get(podUID)?.known,
      },
      servingPods: () => [...this.#serving()].length,
      isNamespaceEnding: () => false,
      observer: {
        claimed: () => {},
        waits: () => {},
        ended: ({ metadata }: ScriptExecution) => this.ended.push(metadata.name),
      } as unknown as ExecutionObserver,
      onWaiting: () => {},
      onEnded: () => {},
      remove: async (object) => cluster.delete(keyOf(object)),
      enqueue,
      giveBackTurn: (key) => {
        this.#turnsBack.add(key);
        queue.giveBackTurn(key);
      },
    });
    cluster.watchers.add(this.#watch);
    for (const key of cluster.cache.keys()) enqueue(key);
    this.#working = new Controller({
      name: 'test',
      queue: this.#queue,
      workers: 4,
      reconcile: async (key) => {
        const before = cluster.versionOf(key);
        try {
          return await this.reconciler.reconcile(key);
        } finally {
          const gaveTurnBack = this.#turnsBack.delete(key);
          this.looks.push({ key, wrote: cluster.versionOf(key) !== before, gaveTurnBack });
        }
      },
      onError: (error) => this.errors.push(error),
    }).run(this.#stop.signal);
  }

  /** A pod goes away. */
  podGone(pod: Pod): void {
    this.#cluster.pods.delete(pod.uid);
    this.reconciler.podGone(pod.uid);
  }

  /** Looks at an execution, though there is no news of it. */
  look(key: string): void {
    this.#queue.add(key);
  }

  /** Its term is over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cluster.watchers.delete(this.#watch);
    await this.#working;
    this.#queue.close();
    this.#notes.close();
    await this.reconciler.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  *#serving(): Generator<ServingPod> {
    for (const { name, uid, bootID, capacity, isServing } of this.#cluster.pods.values()) {
      if (isServing) yield { runtime: RUNTIME, name, uid, bootID, capacity, address: '10.0.0.1:8080' };
    }
  }
}

/** Speaks to the pods of the cluster as the client does over HTTP. */
function podClient(cluster: Cluster): Pick<PodClient, 'run' | 'state' | 'cancel' | 'acknowledge'> {
  const ask = async <T>({ podUID, bootID }: PodAddress, signal: AbortSignal | undefined, act: (pod: Pod) => T) => {
    await turn(); // it is signed
    signal?.throwIfAborted();
    const pod = cluster.pods.get(podUID);
    if (pod === undefined || pod.isCut) throw new PodUnreachable('connection refused');
    if (pod.bootID !== bootID) throw new PodRefusal({ code: 'OtherBoot', message: 'another life', bootID: pod.bootID });
    try {
      const aborted = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
      const answer = await Promise.race([act(pod), aborted.promise]);
      if (pod.isMute) throw new PodUnreachable('the connection broke');
      return answer;
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      throw new PodRefusal({ code: error.code, message: error.message, bootID: pod.bootID });
    }
  };
  const json = (body: Buffer): { state?: unknown; outcome?: unknown } => JSON.parse(body.toString()) as object;
  return {
    run: async (pod, id, body, signal) => json(await ask(pod, signal, (each) => each.start(id, body))).outcome,
    state: async (pod, id, signal) => json(await ask(pod, signal, (each) => each.state(id))),
    cancel: async (pod, id) => await ask(pod, undefined, (each) => each.cancel(id)),
    acknowledge: async (pod, id) => await ask(pod, undefined, (each) => each.acknowledge(id)),
  };
}
