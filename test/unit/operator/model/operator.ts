import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { PodStats } from '../../../../src/api/pod-protocol.ts';
import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import type { KnownRuntime } from '../../../../src/cluster/known-runtime.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import type { PodClient } from '../../../../src/cluster/pods/pod-client.ts';
import { PodDirectory } from '../../../../src/cluster/pods/pod-directory.ts';
import { SCRIPT_EXECUTIONS } from '../../../../src/cluster/resources.ts';
import type { SourceProjection } from '../../../../src/cluster/source-projection.ts';
import { Sources } from '../../../../src/cluster/sources.ts';
import { Controller } from '../../../../src/kube/controller.ts';
import type { EventRecorder } from '../../../../src/kube/events.ts';
import { Informer } from '../../../../src/kube/informer.ts';
import type { Leadership, Term } from '../../../../src/kube/leadership.ts';
import { NO_METRICS } from '../../../../src/kube/metrics.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import type { Resource } from '../../../../src/kube/resource.ts';
import { PODS } from '../../../../src/kube/resources.ts';
import { Store } from '../../../../src/kube/store.ts';
import { WorkQueue } from '../../../../src/kube/work-queue.ts';
import { BY_UID, WAITING_BY_RUNTIME } from '../../../../src/operator/caches.ts';
import type { Dispatcher, DispatcherOptions } from '../../../../src/operator/dispatch/dispatcher.ts';
import { Slots } from '../../../../src/operator/dispatch/slots.ts';
import {
  type ExecutionProjection,
  projectExecution,
} from '../../../../src/operator/executions/execution-projection.ts';
import { isFinished } from '../../../../src/operator/executions/finished.ts';
import { ExecutionObserver } from '../../../../src/operator/executions/observer.ts';
import { Orphans } from '../../../../src/operator/executions/orphans.ts';
import { ExecutionReconciler, type ReconcilerParts } from '../../../../src/operator/executions/reconciler.ts';
import { removeExecution } from '../../../../src/operator/executions/removal.ts';
import { RunContents } from '../../../../src/operator/executions/run-contents.ts';
import { runtimeKeyOf } from '../../../../src/operator/executions/runtime-of.ts';
import type { StatusWriter } from '../../../../src/operator/executions/status-writer.ts';
import { ExecutionTrace } from '../../../../src/operator/executions/trace.ts';
import type { ApiServer } from './api-server.ts';
import { SimulatedKubeClient } from './kube-client.ts';
import type { Network } from './network.ts';
import { RUNTIME, type SimulatedPod } from './pod.ts';
import { SimulatedPodClient } from './pod-client.ts';
import { Process, type VirtualTime } from './virtual-time.ts';

/** The parts of an operator that a mutation replaces. */
export interface OperatorMakers {
  readonly writer: (...parts: ConstructorParameters<typeof StatusWriter>) => StatusWriter;
  readonly attempt: (parts: ReconcilerParts['attempt']) => ReconcilerParts['attempt'];
  readonly dispatcher: (options: DispatcherOptions) => Dispatcher;
}

export interface OperatorParts {
  readonly time: VirtualTime;
  readonly api: ApiServer;
  readonly network: Network;
  readonly podAt: (address: string) => SimulatedPod | undefined;
  readonly makers: OperatorMakers;
  readonly onError: (error: unknown) => void;
}

const SEATS = { limit: 7, reserved: 1, most: 7 };
const BACKOFF = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };
const RESTART_MS = 2000;

/** The successive processes of an operator: caches, and work during a term. */
export class Operator {
  readonly name: string;
  readonly #parts: OperatorParts;
  #process!: Process;
  #client!: SimulatedKubeClient;
  #caches!: Caches;
  #stop!: AbortController;
  #term: { readonly term: Term; readonly isIdle: () => boolean } | undefined;

  constructor(name: string, parts: OperatorParts) {
    this.name = name;
    this.#parts = parts;
    this.#boot();
  }

  get process(): Process {
    return this.#process;
  }

  /** Whether it can become leader. */
  get isReady(): boolean {
    const { executions, pods } = this.#caches;
    return this.#term === undefined && !this.#stop.signal.aborted && executions.hasSynced && pods.hasSynced;
  }

  get leads(): Term | undefined {
    return this.#term?.term;
  }

  /** Whether it follows no attempt and holds no slot. */
  get isIdle(): boolean {
    return this.#term?.isIdle() ?? true;
  }

  /** Works until the term is over, then releases the lease if it has not expired yet. */
  async lead(term: Term, released: () => void): Promise<void> {
    const { process } = this;
    const leading = lead(term, { ...this.#parts, process, client: this.#client, caches: this.#caches });
    this.#term = { term, isIdle: leading.isIdle };
    await leading.over;
    const isHeld = term.held;
    if (isHeld) term.close();
    this.#term = undefined;
    if (isHeld) released();
    if (this.#stop.signal.aborted) this.crash();
  }

  /** Crashes at any point; a new process replaces it shortly after. */
  crash(): void {
    this.#process.end();
    this.#stop.abort();
    this.#term = undefined;
    this.#parts.time.after(RESTART_MS, undefined, () => this.#boot());
  }

  /** Shuts down gracefully, and releases the lease. */
  stop(): void {
    if (this.#stop.signal.aborted) return;
    const { time } = this.#parts;
    const term = this.#term?.term;
    if (term === undefined) {
      this.crash();
      return;
    }
    time.after(0, this.#process, () => {
      this.#stop.abort();
      term.stop(new Error('told to end'));
    });
  }

  freeze(ms: number): void {
    const process = this.#process;
    process.pause();
    this.#parts.time.after(ms, undefined, () => this.#parts.time.wake(process));
  }

  delayWatches(ms: number): void {
    this.#client.delayWatches(ms);
  }

  breakWatches(): void {
    this.#client.breakWatches();
  }

  #boot(): void {
    const { time, api, network, onError } = this.#parts;
    const process = new Process(this.name);
    const stop = new AbortController();
    this.#process = process;
    this.#stop = stop;
    this.#client = new SimulatedKubeClient({ process, api, network, time });
    this.#caches = cachesOf(this.#client, onError);
    const { executions, pods } = this.#caches;
    time.after(0, process, () => void Promise.all([executions.run(stop.signal), pods.run(stop.signal)]));
  }
}

interface Caches {
  readonly executions: Informer<ScriptExecution, ExecutionProjection>;
  readonly contents: RunContents;
  /** The simulated API server stores pods as the cache does. */
  readonly pods: Informer<KnownPod>;
}

function cachesOf(client: SimulatedKubeClient, onError: (error: unknown) => void): Caches {
  const common = { client: client.asClient(), onError };
  const contents = new RunContents();
  return {
    contents,
    executions: new Informer<ScriptExecution, ExecutionProjection>({
      ...common,
      resource: SCRIPT_EXECUTIONS,
      transform: (execution) => projectExecution(execution, contents.keep),
      indexers: {
        [BY_UID]: ({ metadata: { uid } }) => (uid === undefined ? [] : [uid]),
        [WAITING_BY_RUNTIME]: (execution) => {
          const { status, digest } = execution;
          return !isFinished(status) || status.runDigest !== digest ? [runtimeKeyOf(execution)] : [];
        },
      },
    }),
    pods: new Informer<KnownPod>({
      ...common,
      resource: PODS as unknown as Resource<KnownPod>,
      transform: (pod) => pod,
    }),
  };
}

interface TermParts extends OperatorParts {
  readonly process: Process;
  readonly client: SimulatedKubeClient;
  readonly caches: Caches;
}

/** Connects the parts for executions as `lead` (src/operator/leader.ts) does. */
function lead(leadership: Leadership, parts: TermParts): { over: Promise<void>; isIdle: () => boolean } {
  const { caches, makers, network, time, podAt, process, onError } = parts;
  const client = parts.client.guardedBy(leadership);
  const pods = new SimulatedPodClient({ process, epoch: leadership.epoch, network, time, podAt });
  const queue = new WorkQueue({ name: 'scriptexecution', backoff: BACKOFF });
  const directory = new PodDirectory({ pods: caches.pods, client: pods });
  const slots = new Slots((runtime) => directory.serving(runtime));
  const reportError = (error: unknown): void => onError(error);
  const dispatcher = makers.dispatcher({ concurrency: SEATS, slots, queue, backoff: BACKOFF, onError: reportError });
  const executions = new ExecutionReconciler({
    executions: caches.executions.store,
    runtimes: runtimesOf(),
    sources: new Sources({ known: new Store<SourceProjection>(), read: async () => undefined }),
    contents: caches.contents,
    slots,
    dispatcher,
    writer: makers.writer(client.asClient(), caches.executions),
    now: () => Date.now(),
    attempt: makers.attempt({
      client: pods as Pick<PodClient, keyof SimulatedPodClient>,
      suspect: (podUID) => directory.suspect(podUID),
      findPod: async ({ podName, podUID }, namespace) => {
        const known = directory.find(podUID);
        if (known !== undefined) return known;
        const found = (await client.find(PODS, { namespace, name: podName })) as unknown as KnownPod | undefined;
        return found?.metadata.uid !== podUID || found.isTerminal ? undefined : found;
      },
    }),
    serving: (runtime) => directory.serving(runtime),
    isNamespaceEnding: () => false,
    remove: (execution) => removeExecution(client.asClient(), execution),
    observer: new ExecutionObserver({ record: () => {} } as unknown as EventRecorder, 'none', NO_METRICS),
    trace: new ExecutionTrace({ writesDebug: false, write: () => {} }),
    onWaiting: () => {},
    onFinished: () => {},
    enqueue: (key) => queue.add(key),
  });
  const orphans = new Orphans({
    client: pods,
    findByUID: (uid) => caches.executions.store.by(BY_UID, uid).next().value ?? undefined,
    isFollowed: (key, runID) => executions.isFollowed(key, runID),
  });
  const controller = new Controller({
    name: 'scriptexecution',
    queue,
    reconcile: async (key) => executions.reconcile(key),
    onError,
  });
  const podHandler = {
    hasNetworkPolicy: () => true,
    onServing: (runtime: string) => {
      if (directory.servingCount(runtime) <= 1) {
        for (const execution of caches.executions.store.by(WAITING_BY_RUNTIME, runtime)) queue.add(keyOf(execution));
      }
      slots.podsChanged();
    },
    onStats: (pod: KnownPod, stats: PodStats) => {
      if (stats.unacknowledged > 0) void orphans.settle(pod, stats.bootID, leadership.signal);
    },
    onGone: (pod: KnownPod) => executions.podGone(pod.metadata.uid ?? ''),
  };
  const add = (execution: ExecutionProjection): void => queue.add(keyOf(execution));
  const unsubscribe = caches.executions.handle({ added: add, updated: add, deleted: add });
  const act = async (): Promise<void> => {
    const { signal } = leadership;
    try {
      await Promise.all([
        directory.run(podHandler, signal),
        dispatcher.run((key, kind) => executions.write(key, kind), signal),
        controller.run(signal),
      ]);
    } finally {
      unsubscribe();
      queue.close();
      await executions.close();
    }
  };
  const isIdle = (): boolean =>
    executions.following === 0 && slots.taken.byRuntime.of(RUNTIME) === 0 && dispatcher.waiting.of(RUNTIME) === 0;
  return { over: act(), isIdle };
}

function runtimesOf(): Store<KnownRuntime> {
  const runtimes = new Store<KnownRuntime>();
  runtimes.set(defaultRuntime('default', 'acme'));
  return runtimes;
}
