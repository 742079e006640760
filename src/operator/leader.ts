import { BY_UID, type Caches } from './caches.ts';
import { EndingNamespaces } from './ending-namespaces.ts';
import { executionQueue } from './executions/execution-queue.ts';
import { History } from './executions/history.ts';
import type { KnownExecution } from './executions/known-execution.ts';
import { Leftovers } from './executions/leftovers.ts';
import { Notes } from './executions/notes.ts';
import { type EventLevel, ExecutionObserver } from './executions/observer.ts';
import { Places } from './executions/places.ts';
import { ExecutionReconciler } from './executions/reconciler.ts';
import { removeExecution } from './executions/removal.ts';
import { Sources } from './executions/sources.ts';
import { StatusWriter } from './executions/status-writer.ts';
import type { KubeClient } from './kube/client.ts';
import { AdaptiveConcurrency, type Concurrency } from './kube/concurrency.ts';
import { Controller, type ReconcileResult } from './kube/controller.ts';
import type { EventRecorder } from './kube/events.ts';
import type { Leadership } from './kube/leadership.ts';
import type { Metrics } from './kube/metrics.ts';
import { keyOf } from './kube/object.ts';
import { CONFIG_MAPS, NAMESPACES, PODS } from './kube/resources.ts';
import { WorkQueue } from './kube/work-queue.ts';
import type { OperatorLog } from './log.ts';
import { knownPod } from './pods/known-pod.ts';
import { PodClient } from './pods/pod-client.ts';
import { PodDirectory } from './pods/pod-directory.ts';
import { podRequestMetrics } from './pods/pod-metrics.ts';
import { Autoscaling } from './runtimes/autoscaling.ts';
import { ChildWriter } from './runtimes/child-writer.ts';
import { childName, type PodDefaults } from './runtimes/children.ts';
import { RuntimeReconciler } from './runtimes/reconciler.ts';
import { Saturation } from './runtimes/saturation.ts';
import { ScaleDown } from './runtimes/scale-down.ts';
import type { SigningKey } from './signing-key.ts';
import { tellOfTerm } from './term-gauges.ts';
import { WakeUps } from './wake-ups.ts';

export interface LeaderParts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly signingKey: SigningKey;
  readonly podDefaults: PodDefaults;
  readonly eventLevel: EventLevel;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly log: OperatorLog;
}

const RUNTIME_WORKERS = 4;
const HISTORY_WORKERS = 2;
/** A reconcile that fails is tried again after 50 ms, and at least every half minute. */
const BACKOFF = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };

/**
 * What a leader does in its term: its controllers, and the pods' directory between them. All of it is made anew for each term, and
 * writes only while the term is held; what runs on pods goes on when it ends, and the next leader finds it.
 */
export async function lead(leadership: Leadership, parts: LeaderParts): Promise<void> {
  const { caches, metrics, log } = parts;
  const client = parts.client.guardedBy(leadership);
  const pods = new PodClient({
    privateKey: parts.signingKey.privateKey,
    epoch: leadership.epoch,
    outcomeBounds: (podUID) => directory.find(podUID)?.outcomeBounds,
    onRequest: podRequestMetrics(metrics),
  });
  const options = { metrics, backoff: BACKOFF };
  const { queue, rightOfWay } = executionQueue(caches.executions.store, () => places, options);
  const queues = {
    executions: queue,
    runtimes: new WorkQueue({ name: 'scriptruntime', ...options }),
    histories: new WorkQueue({ name: 'history', ...options }),
  };
  const remove = (execution: KnownExecution): Promise<void> => removeExecution(client, execution);
  const wakeUps = new WakeUps(caches, queues);
  const writes = new AdaptiveConcurrency();

  const endingNamespaces = new EndingNamespaces({
    read: (name) => client.find(NAMESPACES, { name }),
    onChanged: (namespace) => wakeUps.namespace(namespace),
    onError: (error, namespace) => log.write('warn', 'a namespace could not be read', { namespace, error }),
  });
  const directory = new PodDirectory({
    pods: caches.pods,
    client: pods,
    hasNetworkPolicy: (runtime) => children.hasNetworkPolicy(runtime),
    onServing: (runtime) => {
      queues.runtimes.add(runtime);
      // Only the first and the last pod change what those who wait are told.
      if (directory.servingCount(runtime) <= 1) wakeUps.waitingFor(runtime);
      places.pump();
    },
    onStats: (pod, stats) => {
      runtimes.podTold(pod, stats);
      if (stats.unacknowledged > 0) void leftovers.settle(pod, stats.bootID, leadership.signal);
      if (pod.runtime !== undefined) queues.runtimes.add(pod.runtime);
    },
    onGone: (pod) => {
      runtimes.podGone(pod);
      executions.podGone(pod.metadata.uid ?? '');
      leftovers.podGone(pod.metadata.uid ?? '');
      if (pod.runtime !== undefined) queues.runtimes.add(pod.runtime);
    },
  });
  const places = new Places({
    serving: (runtime) => directory.serving(runtime),
    onGranted: (key) => queues.executions.add(key),
    onIdle: (runtime, podUID) => {
      if (scaleDown.isLeaving(runtime, podUID)) queues.runtimes.add(runtime);
    },
  });
  const notes = new Notes(
    (key) => queues.executions.add(key),
    (key) => places.isMoving(key),
  );
  const executions = new ExecutionReconciler({
    executions: caches.executions.store,
    runtimes: caches.runtimes.store,
    sources: new Sources({ known: caches.sources.store, read: (ref) => client.find(CONFIG_MAPS, ref) }),
    places,
    rightOfWay,
    giveBackTurn: (key) => queue.giveBackTurn(key),
    notes,
    writer: new StatusWriter(client, caches.executions, (key, write) =>
      writes.measure(write, (longerMs) => rightOfWay.wrote(key, longerMs)),
    ),
    now: () => client.now(),
    attempt: {
      client: pods,
      suspect: (podUID) => directory.suspect(podUID),
      findPod: async ({ podName, podUID }, namespace) => {
        const known = directory.find(podUID);
        if (known !== undefined) return known;
        // The cache may be behind: whether a pod is gone only the API server can say.
        const found = await client.find(PODS, { namespace, name: podName });
        if (found?.metadata.uid !== podUID) return undefined;
        const pod = knownPod(found);
        return pod.isTerminal ? undefined : pod;
      },
    },
    servingPods: (runtime) => directory.servingCount(runtime),
    isNamespaceEnding: (namespace) => endingNamespaces.has(namespace),
    remove,
    observer: new ExecutionObserver(parts.events, parts.eventLevel, metrics),
    onWaiting: (runtime) => autoscaling.wake(runtime),
    onEnded: (runtime) => wakeUps.ended(runtime),
    enqueue: (key) => queues.executions.add(key),
  });
  const autoscaling = new Autoscaling({
    runtimes: caches.runtimes.store,
    demand: (runtime) => places.demand(runtime),
    readyPods: (runtime) => directory.servingCount(runtime),
    currentReplicas: ({ metadata: { name, namespace } }) =>
      caches.deployments.get({ namespace, name: childName(name) })?.spec?.replicas,
    onChanged: (runtime) => queues.runtimes.add(runtime),
  });
  const saturation = new Saturation({
    runtimes: caches.runtimes.store,
    isShort: (runtime) => directory.servingCount(runtime) > 0 && places.isShort(runtime),
    onChanged: (runtime) => queues.runtimes.add(runtime),
  });
  const leftovers = new Leftovers({
    client: pods,
    findByUID: (uid) => caches.executions.store.by(BY_UID, uid).next().value ?? undefined,
    isFollowed: (key, runID) => executions.isFollowed(key, runID),
  });
  const scaleDown = new ScaleDown({
    client,
    pods: caches.pods.store,
    deployments: caches.deployments,
    isServing: (podUID) => directory.isServing(podUID),
    runsOn: (podUID) => places.runsOn(podUID),
    withhold: (podUID, isWithheld) => directory.withhold(podUID, isWithheld),
    onError: (error, pod) => log.write('warn', 'a pod could not be annotated', { pod, error }),
  });
  const children = new ChildWriter(client, caches.childStores, (runtime) => directory.networkPolicyChanged(runtime));
  const runtimes = new RuntimeReconciler({
    client,
    runtimes: caches.runtimes,
    deployments: caches.deployments,
    pods: caches.pods.store,
    children,
    podDefaults: parts.podDefaults,
    events: parts.events,
    replicas: (runtime) => autoscaling.replicas(runtime),
    scaleDown,
    serving: (runtime) => directory.servingCount(runtime),
    isSaturated: (runtime) => saturation.isSaturated(runtime),
    executions: (runtime) => ({ running: places.running(runtime), pending: places.waiting(runtime) }),
  });

  tellOfTerm(metrics, leadership, {
    pending: () => places.waitingInAll,
    running: () => executions.following,
    pods: () => directory.countByState(),
    *runtimes() {
      for (const runtime of caches.runtimes.store.values()) {
        const { name, namespace } = runtime.metadata;
        const key = keyOf(runtime);
        const [pending, running] = [places.waiting(key), places.running(key)];
        const [wanted, serving] = [autoscaling.replicas(runtime), directory.servingCount(key)];
        yield { namespace, runtime: name, pending, running, wanted, serving };
      }
    },
  });
  const history = new History({
    runtimes: caches.runtimes.store,
    executions: caches.executions.store,
    remove,
  });
  const controller = (
    name: string,
    queue: WorkQueue,
    workers: number | Concurrency,
    reconcile: (key: string) => Promise<ReconcileResult>,
  ): Controller => {
    const onError = (error: unknown, key: string): void =>
      log.write('warn', 'a reconcile failed', { controller: name, key, error });
    return new Controller({ name, queue, workers, reconcile, onError, metrics });
  };
  const controllers = [
    controller('scriptexecution', queues.executions, writes, (key) => executions.reconcile(key)),
    controller('scriptruntime', queues.runtimes, RUNTIME_WORKERS, (key) => runtimes.reconcile(key)),
    controller('history', queues.histories, HISTORY_WORKERS, (key) => history.sweep(key)),
  ];
  const unsubscribe = wakeUps.subscribe((namespace) => endingNamespaces.suspect(namespace));

  log.write('info', 'leads', { epoch: leadership.epoch });
  try {
    await Promise.all([directory, autoscaling, saturation, ...controllers].map((each) => each.run(leadership.signal)));
  } finally {
    unsubscribe();
    for (const queue of Object.values(queues)) queue.close();
    endingNamespaces.close();
    notes.close();
    rightOfWay.close();
    await executions.close();
    pods.close();
    log.write('info', 'leads no more', { epoch: leadership.epoch });
  }
}
