import { BY_UID, type Caches, WAITING_BY_RUNTIME, WAITING_BY_SOURCE } from './caches.ts';
import { History, SWEEP_AFTER_MS } from './executions/history.ts';
import { Leftovers } from './executions/leftovers.ts';
import { Notes } from './executions/notes.ts';
import { type EventLevel, ExecutionObserver } from './executions/observer.ts';
import { Places } from './executions/places.ts';
import { ExecutionReconciler } from './executions/reconciler.ts';
import { removeExecution } from './executions/removal.ts';
import { Sources } from './executions/sources.ts';
import { StatusWriter } from './executions/status-writer.ts';
import type { KubeClient } from './kube/client.ts';
import { Controller } from './kube/controller.ts';
import type { EventRecorder } from './kube/events.ts';
import type { Leadership } from './kube/leadership.ts';
import type { Metrics } from './kube/metrics.ts';
import { keyOf, refKey } from './kube/object.ts';
import { controllerOf } from './kube/owner-references.ts';
import { PODS } from './kube/resources.ts';
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
import type { SigningKey } from './signing-key.ts';

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

/** As many writes at once as an API server makes good use of: with more, each only waits longer (bench/cluster). */
const EXECUTION_WORKERS = 8;
const RUNTIME_WORKERS = 4;
const HISTORY_WORKERS = 2;
/** A reconcile that fails is tried again after 50 ms, and at least every half minute. */
const BACKOFF = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };

/**
 * What a leader does in its term: two controllers, the pods' directory between them. All of it is made anew for each term, and
 * writes only while the term is held; what runs on pods goes on when it ends, and the next leader finds it.
 */
export async function lead(leadership: Leadership, parts: LeaderParts): Promise<void> {
  const { caches, metrics, log } = parts;
  const client = parts.client.guardedBy(leadership.assertHeld);
  const pods = new PodClient({
    privateKey: parts.signingKey.privateKey,
    epoch: leadership.epoch,
    onRequest: podRequestMetrics(metrics),
  });
  const executionQueue = new WorkQueue({ name: 'scriptexecution', metrics, backoff: BACKOFF });
  const historyQueue = new WorkQueue({ name: 'history', metrics, backoff: BACKOFF });
  const runtimeQueue = new WorkQueue({ name: 'scriptruntime', metrics, backoff: BACKOFF });

  const directory = new PodDirectory({
    pods: caches.pods,
    client: pods,
    onServing: (runtime) => {
      runtimeQueue.add(runtime);
      const count = directory.servingCount(runtime);
      // Only the first and the last pod change what those who wait are told.
      if (count <= 1) enqueueWaiting(runtime);
      places.pump();
    },
    onStats: (pod, stats) => {
      runtimes.podTold(pod, stats);
      if (stats.unacknowledged > 0) void leftovers.settle(pod, stats.bootID);
      if (pod.runtime !== undefined) runtimeQueue.add(pod.runtime);
    },
    onGone: (pod) => {
      runtimes.podGone(pod);
      executions.podGone(pod.metadata.uid ?? '');
      if (pod.runtime !== undefined) runtimeQueue.add(pod.runtime);
    },
  });
  const places = new Places({
    serving: (runtime) => directory.serving(runtime),
    onGranted: (key) => executionQueue.add(key),
  });
  const notes = new Notes(
    (key) => executionQueue.add(key),
    (key) => places.isMoving(key),
  );
  const executions = new ExecutionReconciler({
    executions: caches.executions.store,
    runtimes: caches.runtimes.store,
    sources: new Sources(caches.configMaps.store),
    places,
    notes,
    writer: new StatusWriter(client, caches.executions),
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
    remove: (execution) => removeExecution(client, execution),
    observer: new ExecutionObserver(parts.events, parts.eventLevel, metrics),
    onWaiting: (runtime) => autoscaling.wake(runtime),
    onEnded: (runtime) => {
      if (keepsHistory(runtime)) historyQueue.addAfter(runtime, SWEEP_AFTER_MS);
    },
    enqueue: (key) => executionQueue.add(key),
  });
  const autoscaling = new Autoscaling({
    runtimes: caches.runtimes.store,
    demand: (runtime) => places.demand(runtime),
    readyPods: (runtime) => directory.servingCount(runtime),
    currentReplicas: ({ metadata: { name, namespace } }) =>
      caches.deployments.get({ namespace, name: childName(name) })?.spec?.replicas,
    onChanged: (runtime) => runtimeQueue.add(runtime),
  });
  const leftovers = new Leftovers({
    client: pods,
    findByUID: (uid) => caches.executions.store.by(BY_UID, uid).next().value ?? undefined,
    isFollowed: (key, runID) => executions.isFollowed(key, runID),
  });
  const runtimes = new RuntimeReconciler({
    client,
    runtimes: caches.runtimes,
    deployments: caches.deployments,
    pods: caches.pods.store,
    children: new ChildWriter(client, caches.childStores),
    podDefaults: parts.podDefaults,
    events: parts.events,
    replicas: (runtime) => autoscaling.replicas(runtime),
    serving: (runtime) => directory.servingCount(runtime),
    executions: (runtime) => ({ running: places.running(runtime), pending: places.waiting(runtime) }),
  });

  let isOver = false;
  for (const [name, help, read] of [
    ['copepod_operator_executions_pending', 'Executions that wait for a place on a pod.', () => places.waitingInAll],
    ['copepod_operator_executions_running', 'Executions that pods have.', () => executions.following],
    ['copepod_operator_pods_serving', 'Runtime pods that take executions.', () => directory.servingInAll],
  ] as const) {
    metrics.gauge({ name, help, labelNames: [] }, (gauge) => gauge.set({}, isOver ? 0 : read()));
  }

  function enqueueWaiting(runtime: string): void {
    for (const execution of caches.executions.store.by(WAITING_BY_RUNTIME, runtime)) {
      executionQueue.add(keyOf(execution));
    }
  }

  const history = new History({
    runtimes: caches.runtimes.store,
    executions: caches.executions.store,
    remove: (execution) => removeExecution(client, execution),
  });
  const controllers = [
    new Controller({
      name: 'history',
      queue: historyQueue,
      workers: HISTORY_WORKERS,
      reconcile: (key) => history.sweep(key),
      onError: (error, key) => log.write('warn', 'a reconcile failed', { controller: 'history', key, error }),
      metrics,
    }),
    new Controller({
      name: 'scriptexecution',
      queue: executionQueue,
      workers: EXECUTION_WORKERS,
      reconcile: (key) => executions.reconcile(key),
      onError: (error, key) => log.write('warn', 'a reconcile failed', { controller: 'scriptexecution', key, error }),
      metrics,
    }),
    new Controller({
      name: 'scriptruntime',
      queue: runtimeQueue,
      workers: RUNTIME_WORKERS,
      reconcile: (key) => runtimes.reconcile(key),
      onError: (error, key) => log.write('warn', 'a reconcile failed', { controller: 'scriptruntime', key, error }),
      metrics,
    }),
  ];
  const subscriptions = [
    caches.executions.handle({
      added: (execution) => executionQueue.add(keyOf(execution)),
      updated: (execution) => executionQueue.add(keyOf(execution)),
      deleted: (execution) => executionQueue.add(keyOf(execution)),
    }),
    caches.runtimes.handle({
      added: (runtime) => runtimeChanged(keyOf(runtime)),
      updated: (runtime, before) => {
        if (runtime.metadata.generation !== before.metadata.generation) runtimeChanged(keyOf(runtime));
        else runtimeQueue.add(keyOf(runtime));
      },
      deleted: (runtime) => runtimeChanged(keyOf(runtime)),
    }),
    caches.pods.handle({
      updated: ({ runtime }) => runtime !== undefined && runtimeQueue.add(runtime),
      added: ({ runtime }) => runtime !== undefined && runtimeQueue.add(runtime),
    }),
    caches.configMaps.handle({
      added: (source) => sourceChanged(keyOf(source)),
      updated: (source) => sourceChanged(keyOf(source)),
      deleted: (source) => sourceChanged(keyOf(source)),
    }),
    ...caches.children.map((informer) =>
      informer.handle({ added: ownerChanged, updated: ownerChanged, deleted: ownerChanged }),
    ),
  ];

  function keepsHistory(runtime: string): boolean {
    const { successfulExecutionsHistoryLimit, failedExecutionsHistoryLimit } =
      caches.runtimes.store.get(runtime)?.spec ?? {};
    return successfulExecutionsHistoryLimit !== undefined || failedExecutionsHistoryLimit !== undefined;
  }

  function runtimeChanged(runtime: string): void {
    runtimeQueue.add(runtime);
    if (keepsHistory(runtime)) historyQueue.add(runtime);
    enqueueWaiting(runtime);
  }

  function sourceChanged(source: string): void {
    for (const execution of caches.executions.store.by(WAITING_BY_SOURCE, source)) executionQueue.add(keyOf(execution));
  }

  function ownerChanged(child: Parameters<typeof controllerOf>[0] & { metadata: { namespace?: string } }): void {
    const owner = controllerOf(child);
    if (owner?.kind === 'ScriptRuntime')
      runtimeQueue.add(refKey({ namespace: child.metadata.namespace, name: owner.name }));
  }

  log.write('info', 'leads', { epoch: leadership.epoch });
  try {
    await Promise.all([directory, autoscaling, ...controllers].map((each) => each.run(leadership.signal)));
  } finally {
    isOver = true;
    for (const unsubscribe of subscriptions) unsubscribe();
    executionQueue.close();
    runtimeQueue.close();
    historyQueue.close();
    notes.close();
    await executions.close();
    pods.close();
    log.write('info', 'leads no more', { epoch: leadership.epoch });
  }
}
