/**
 * A cluster in memory: an API server with one kind, the pods of a runtime, and successive leaders. Statuses are validated
 * as by the API server, and the pods keep the ledger of real ones.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { LimitValues } from '../../../../src/api/limits.ts';
import type { RunOutcome, RunRequest } from '../../../../src/api/pod-protocol.ts';
import type { ExecutionClaim, ScriptExecution, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import type { PodAddress, PodClient } from '../../../../src/cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable } from '../../../../src/cluster/pods/pod-errors.ts';
import type { ServingPod } from '../../../../src/cluster/pods/serving-pod.ts';
import { projectSource, type SourceProjection } from '../../../../src/cluster/source-projection.ts';
import { Sources } from '../../../../src/cluster/sources.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { Controller, type ReconcileResult } from '../../../../src/kube/controller.ts';
import { compareResourceVersions, keyOf, refKey } from '../../../../src/kube/object.ts';
import type { ConfigMap } from '../../../../src/kube/resources.ts';
import { Store } from '../../../../src/kube/store.ts';
import { WorkQueue } from '../../../../src/kube/work-queue.ts';
import type { Concurrency } from '../../../../src/operator/dispatch/adaptive-concurrency.ts';
import { Dispatcher } from '../../../../src/operator/dispatch/dispatcher.ts';
import { Slots } from '../../../../src/operator/dispatch/slots.ts';
import type { WorkKind } from '../../../../src/operator/dispatch/work.ts';
import {
  type ExecutionProjection,
  projectExecution,
} from '../../../../src/operator/executions/execution-projection.ts';
import type { ExecutionSpans } from '../../../../src/operator/executions/execution-spans.ts';
import type { ExecutionObserver } from '../../../../src/operator/executions/observer.ts';
import { ExecutionReconciler } from '../../../../src/operator/executions/reconciler.ts';
import { RunContents } from '../../../../src/operator/executions/run-contents.ts';
import { StatusWriter } from '../../../../src/operator/executions/status-writer.ts';
import { ExecutionTrace } from '../../../../src/operator/executions/trace.ts';
import { RunLedger } from '../../../../src/runtime/server/ledger.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import { LIMITS } from '../../../support/limits.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { accepted, execution, type Parts } from './objects.ts';

const RUNTIME = 'acme/default';
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A fault in a status write: an error instead of the write, or after it. */
export type WriteFault = { readonly error: Error; readonly isDone: boolean } | undefined;

export class Cluster {
  /** Events in order: `write Running`, `start uid-1.1.1`, `acknowledge uid-1.1.1`. */
  readonly log: string[] = [];
  readonly runtimes = new Store<ScriptRuntime>();
  readonly configMaps = new Map<string, ConfigMap>();
  readonly sources = new Store<SourceProjection>();
  readonly cache = new Store<ExecutionProjection>();
  readonly pods = new Map<string, Pod>();
  readonly watchers = new Set<(key: string) => void>();
  readonly contents = new RunContents();
  /** Concurrent writes. */
  concurrency: Concurrency = { limit: 4, reserved: 1, most: 4 };
  /** Duration of a status write. */
  writeMs = 0;
  /** Called before each status write. */
  writeFault: (status: ScriptExecution['status']) => WriteFault = () => undefined;
  readonly #objects = new Map<string, ScriptExecution>();
  #version = 100;

  constructor() {
    this.setRuntime();
  }

  /** Creates or changes the runtime `default` of a namespace. */
  setRuntime(spec: Partial<ScriptRuntime['spec']> = {}, namespace = 'acme'): void {
    const { metadata, ...runtime } = defaultRuntime('default', namespace);
    this.runtimes.set({
      ...runtime,
      metadata: { ...metadata, uid: `rt-${namespace}`, generation: 1 },
      spec: { ...runtime.spec, ...spec },
    });
  }

  /** Creates or changes a ConfigMap with scripts; without data, deletes it before its watch event is delivered. */
  setSource(name: string, data?: Readonly<Record<string, string>>): void {
    const key = `acme/${name}`;
    this.configMaps.delete(key);
    if (data === undefined) return;
    const labels = { 'copepod.dev/source': 'true' };
    this.#version += 1;
    const metadata = { name, namespace: 'acme', uid: `uid-${name}`, resourceVersion: String(this.#version), labels };
    this.configMaps.set(key, { metadata, data });
    this.sources.set(projectSource({ metadata, data }));
  }

  /** Creates an execution, or changes its spec. */
  apply(name: string, spec: Parts['spec'] = {}, uid = `uid-${name}`, namespace = 'acme'): string {
    const before = this.#objects.get(`${namespace}/${name}`);
    const made = execution({ spec, metadata: { name, namespace, uid, creationTimestamp: new Date().toISOString() } });
    const changed = before === undefined ? made : { ...before, spec: { ...made.spec } };
    const generation = (before?.metadata.generation ?? 0) + 1;
    return this.put({ ...changed, metadata: { ...changed.metadata, generation } });
  }

  /** Stores an object unchecked, and delivers its watch event. */
  put(object: ScriptExecution): string {
    const stored = this.#store(object);
    this.cache.set(projectExecution(stored, this.contents.keep));
    const key = keyOf(stored);
    for (const watcher of this.watchers) watcher(key);
    return key;
  }

  /** Creates an execution whose spec JSON.stringify cannot write, as the API server (in Go) accepts it. */
  putRaw(name: string, spec: NonNullable<Parts['spec']>): string {
    const metadata = { name, uid: `uid-${name}`, creationTimestamp: new Date().toISOString() };
    return this.put(execution({ spec, metadata }));
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

  addPod(name: string, options: PodOptions = {}): Pod {
    const pod = new Pod(this, name, options);
    this.pods.set(pod.uid, pod);
    return pod;
  }

  /** The pods of a runtime that accept runs. */
  *serving(runtime: string): Generator<ServingPod> {
    for (const { name, uid, bootID, capacity, limits, isServing, ...pod } of this.pods.values()) {
      if (!isServing || pod.runtime !== runtime) continue;
      yield { runtime, name, uid, bootID, capacity, limits, address: '10.0.0.1:8080' };
    }
  }

  readonly client = {
    replaceStatus: async (_resource: unknown, object: ScriptExecution): Promise<ScriptExecution> => {
      await (this.writeMs > 0 ? sleep(this.writeMs) : turn());
      const before = this.#objects.get(keyOf(object));
      if (before === undefined || before.metadata.uid !== object.metadata.uid) {
        throw new ApiError(before === undefined ? 404 : 409, {
          reason: before === undefined ? 'NotFound' : 'Conflict',
        });
      }
      if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new ApiError(409, { reason: 'Conflict', message: 'the object has been modified' });
      }
      const { params: _, ...spec } = before.spec;
      const status = accepted({ ...before, spec }, object.status);
      const writeFault = this.writeFault(status);
      if (writeFault && !writeFault.isDone) throw writeFault.error;
      const written = this.#store({ ...before, status });
      this.log.push(`write ${this.reason(keyOf(object))}`);
      if (writeFault) throw writeFault.error;
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

  /** Stores an own write without an event, as the Informer does. */
  readonly informer: ConstructorParameters<typeof StatusWriter>[1] = {
    observe: (object: ScriptExecution): void => {
      const before = this.cache.get(keyOf(object));
      const { uid, resourceVersion = '' } = object.metadata;
      if (before?.metadata.uid !== uid) return;
      if (compareResourceVersions(resourceVersion, before?.metadata.resourceVersion ?? '') <= 0) return;
      this.cache.set(projectExecution(object, this.contents.keep));
    },
  };

  #store(object: ScriptExecution): ScriptExecution {
    this.#version += 1;
    const stored = structuredCloneOf(object);
    stored.metadata.resourceVersion = String(this.#version);
    this.#objects.set(keyOf(stored), stored);
    return stored;
  }
}

/** A copy of the object that shares its params, which may be nested too deep to be copied. */
function structuredCloneOf(object: ScriptExecution): ScriptExecution {
  const { params, ...spec } = object.spec;
  const copy = JSON.parse(JSON.stringify({ ...object, spec })) as ScriptExecution;
  return { ...copy, spec: { ...copy.spec, ...(params === undefined ? {} : { params }) } };
}

export interface PodOptions {
  readonly capacity?: number;
  /** Key of its ScriptRuntime. */
  readonly runtime?: string;
  readonly limits?: LimitValues;
}

/** A pod whose runs continue until the test finishes them. */
export class Pod {
  readonly name: string;
  readonly uid: string;
  readonly capacity: number;
  readonly runtime: string;
  limits: LimitValues;
  bootID = 'boot-1';
  isServing = true;
  /** It was started before its runtime changed. */
  isUnsuitable = false;
  /** Requests do not arrive. */
  isCut = false;
  /** Requests arrive, and answers do not. */
  isMute = false;
  readonly requests = new Map<string, RunRequest>();
  /** The immediate outcome of a script; undefined: the test finishes it. */
  result: ((request: RunRequest) => RunOutcome) | undefined;
  #ledger: RunLedger;
  readonly #running = new Map<string, (outcome: RunOutcome) => void>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, name: string, { capacity = 2, runtime = RUNTIME, limits = LIMITS }: PodOptions) {
    this.#cluster = cluster;
    this.name = name;
    this.uid = `pod-${name}`;
    this.capacity = capacity;
    this.runtime = runtime;
    this.limits = limits;
    this.#ledger = this.#newLedger();
  }

  get active(): number {
    return this.#ledger.active;
  }

  get unacknowledged(): number {
    return this.#ledger.unacknowledged;
  }

  /** Finishes a run. */
  end(id: string, outcome: RunOutcome = outcomeOf('done')): void {
    const resolve = this.#running.get(id);
    if (resolve === undefined) throw new Error(`${id} does not run on ${this.name}`);
    resolve(outcome);
  }

  drain(): void {
    this.#ledger.drain();
  }

  /** Its process exits, and another one replaces it. */
  restart(): void {
    this.bootID = `boot-${Number(this.bootID.slice(5)) + 1}`;
    this.#ledger = this.#newLedger();
  }

  start(id: string, body: string): Promise<Buffer> {
    return this.#ledger.start(id, () => {
      if (this.isUnsuitable) throw new RefusalError('Unsuitable', 'this pod has lower limits');
      return this.#work(id, body);
    });
  }

  #work(id: string, body: string): ReturnType<Parameters<RunLedger['start']>[1]> {
    return {
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
    };
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
      runtime: this.runtime,
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

/** An operator during its term: reconciler, slots and dispatcher, connected as in `lead`. */
export class Leader {
  readonly reconciler: ExecutionReconciler;
  readonly slots: Slots;
  readonly dispatcher: Dispatcher;
  readonly errors: unknown[] = [];
  readonly ended: string[] = [];
  /** Dispatches by their start, and whether they have written. */
  readonly dispatches: { readonly key: string; readonly kind: WorkKind; wrote: boolean }[] = [];
  /** Lines of the log at level debug: `transition run`. */
  readonly lines: string[] = [];
  readonly trace = new ExecutionTrace({
    writesDebug: true,
    write: (_, message, { run, ...fields } = {}) => this.lines.push(`${message} ${run} ${JSON.stringify(fields)}`),
  });
  /** Reconciles so far. */
  reconciles = 0;
  readonly #cluster: Cluster;
  readonly #queue: WorkQueue;
  readonly #stop = new AbortController();
  readonly #working: Promise<unknown>;
  readonly #watch = (key: string): void => this.#queue.add(key);

  constructor(cluster: Cluster, spans?: ExecutionSpans) {
    this.#cluster = cluster;
    const backoff = { baseMs: 20, maxMs: 200 };
    const onError = (error: unknown): void => void this.errors.push(error);
    const queue = new WorkQueue({ name: 'test', backoff });
    const enqueue = (key: string): void => queue.add(key);
    this.#queue = queue;
    this.slots = new Slots((runtime) => cluster.serving(runtime));
    this.dispatcher = new Dispatcher({ concurrency: cluster.concurrency, slots: this.slots, queue, backoff, onError });
    this.reconciler = new ExecutionReconciler({
      executions: cluster.cache,
      runtimes: cluster.runtimes,
      sources: new Sources({ known: cluster.sources, read: async (ref) => cluster.configMaps.get(refKey(ref)) }),
      contents: cluster.contents,
      slots: this.slots,
      dispatcher: this.dispatcher,
      writer: new StatusWriter(cluster.client, cluster.informer, undefined, this.trace, spans),
      now: () => Date.now(),
      attempt: {
        client: podClient(cluster),
        suspect: () => {},
        findPod: async ({ podUID }: ExecutionClaim) => cluster.pods.get(podUID)?.known,
      },
      serving: (runtime) => cluster.serving(runtime),
      isNamespaceEnding: () => false,
      observer: {
        claimed: () => {},
        waits: () => {},
        ended: ({ metadata }: ScriptExecution) => this.ended.push(metadata.name),
      } as unknown as ExecutionObserver,
      trace: this.trace,
      spans,
      onWaiting: () => {},
      onFinished: () => {},
      remove: async ({ metadata }) => cluster.delete(keyOf({ metadata })),
      enqueue,
    });
    cluster.watchers.add(this.#watch);
    for (const key of cluster.cache.keys()) enqueue(key);
    const reconcile = async (key: string): Promise<ReconcileResult> => {
      this.reconciles += 1;
      return this.reconciler.reconcile(key);
    };
    const write = async (key: string, kind: WorkKind): Promise<ReconcileResult> => {
      const before = cluster.versionOf(key);
      const dispatch = { key, kind, wrote: false };
      this.dispatches.push(dispatch);
      try {
        return await this.reconciler.write(key, kind);
      } finally {
        dispatch.wrote = cluster.versionOf(key) !== before;
      }
    };
    this.#working = Promise.all([
      new Controller({ name: 'test', queue, reconcile, onError }).run(this.#stop.signal),
      this.dispatcher.run(write, this.#stop.signal),
    ]);
  }

  /** The serving pods have changed, as in `EventHandlers`. */
  podsChanged(): void {
    for (const key of this.#cluster.cache.keys()) this.#queue.add(key);
    this.slots.podsChanged();
  }

  /** A pod is deleted. */
  podGone(pod: Pod): void {
    this.#cluster.pods.delete(pod.uid);
    this.reconciler.podGone(pod.uid);
  }

  /** Reconciles an execution without a change. */
  look(key: string): void {
    this.#queue.add(key);
  }

  /** Ends its term. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cluster.watchers.delete(this.#watch);
    await this.#working;
    this.#queue.close();
    await this.reconciler.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A client of the in-memory pods, in place of HTTP. */
function podClient(cluster: Cluster): Pick<PodClient, 'run' | 'state' | 'cancel' | 'acknowledge'> {
  const ask = async <T>({ podUID, bootID }: PodAddress, signal: AbortSignal | undefined, act: (pod: Pod) => T) => {
    await turn(); // signing
    signal?.throwIfAborted();
    const pod = cluster.pods.get(podUID);
    if (pod === undefined || pod.isCut) throw new PodUnreachable('connection refused');
    if (pod.bootID !== bootID) throw new PodRefusal({ code: 'OtherBoot', message: 'another boot', bootID: pod.bootID });
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
