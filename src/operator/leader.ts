import { Controller, type ReconcileResult } from '../kube/controller.ts';
import type { Leadership } from '../kube/leadership.ts';
import { NAMESPACES } from '../kube/resources.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import { BY_UID } from './caches.ts';
import { EndingNamespaces } from './ending-namespaces.ts';
import { Compilations } from './endpoints/compilations.ts';
import { Invocations } from './endpoints/invocations.ts';
import { EndpointReconciler } from './endpoints/reconciler.ts';
import { History } from './executions/history.ts';
import { Orphans } from './executions/orphans.ts';
import type { RuntimeReconciler } from './runtimes/reconciler.ts';
import { ScheduleObserver } from './schedules/observer.ts';
import { ScheduleReconciler } from './schedules/reconciler.ts';
import { tellOfTerm } from './term-gauges.ts';
import { baseOf, executionsOf, type LeaderParts, readingsOf, runtimesOf, schedulingOf } from './term-layers.ts';

const RUNTIME_WORKERS = 4;
const HISTORY_WORKERS = 2;
const SCHEDULE_WORKERS = 8;
const ENDPOINT_WORKERS = 4;
/**
 * The work of a leader in its term: its controllers and what they share. Everything is created for each term, layer by
 * layer, and writes only while the term is held; runs on pods continue after the term, and the next leader adopts them.
 */
export async function lead(leadership: Leadership, parts: LeaderParts): Promise<void> {
  const { caches, gateways, metrics, log } = parts;
  const base = baseOf(leadership, parts);
  const scheduling = schedulingOf(base, parts);
  const { queues, handlers, pods } = base;
  const { directory, slots, dispatcher, autoscaling, saturation, demand } = scheduling;
  const endingNamespaces = new EndingNamespaces({
    read: (name) => base.client.find(NAMESPACES, { name }),
    onChanged: (namespace) => handlers.namespaceChanged(namespace),
    onError: (error, namespace) => log.write('warn', 'a namespace could not be read', { namespace, error }),
  });
  const executions = executionsOf(base, scheduling, endingNamespaces, parts);
  const orphans = new Orphans({
    client: pods,
    findByUID: (uid) => caches.executions.store.by(BY_UID, uid).next().value ?? undefined,
    isFollowed: (key, runID) => executions.isFollowed(key, runID),
  });
  const { runtimes, scaleDown, children } = runtimesOf(base, scheduling, parts);
  const history = new History({
    runtimes: caches.runtimes.store,
    executions: caches.executions.store,
    remove: base.remove,
  });

  const schedules = new ScheduleReconciler({
    client: base.client,
    schedules: caches.schedules,
    executions: caches.executions,
    remove: base.remove,
    now: () => base.client.now(),
    observer: new ScheduleObserver(parts.events, parts.eventLevel, metrics),
  });

  const invocations = new Invocations({
    endpoint: (key) => caches.endpoints.store.get(key),
    isGone: (podUID) => gateways.isGone(podUID),
    now: () => performance.now(),
  });
  const endpoints = new EndpointReconciler({
    invocations,
    client: base.client,
    endpoints: caches.endpoints,
    runtimes: caches.runtimes.store,
    configMaps: caches.sources.store,
    sources: base.sources,
    compilations: new Compilations({ client: pods, serving: (runtime) => directory.serving(runtime) }),
    servingPods: (runtime) => directory.servingCount(runtime),
    gatewayURLs: parts.gatewayURLs,
    now: () => base.client.now(),
  });

  slots.on('released', (runtime, podUID) => {
    if (slots.taken.byPod.of(podUID) === 0 && scaleDown.isLeaving(runtime, podUID)) queues.runtimes.add(runtime);
  });
  const podHandler = {
    hasNetworkPolicy: (runtime: string) => children.hasNetworkPolicy(runtime),
    onServing: (runtime: string) => {
      handlers.servingChanged(runtime, directory.serving(runtime));
      slots.podsChanged();
    },
    onStats: (...[pod, stats]: Parameters<RuntimeReconciler['podTold']>) => {
      runtimes.podTold(pod, stats);
      if (stats.unacknowledged > 0) void orphans.settle(pod, stats.bootID, leadership.signal);
      if (pod.runtime !== undefined) queues.runtimes.add(pod.runtime);
    },
    onGone: (...[pod]: Parameters<RuntimeReconciler['podGone']>) => {
      runtimes.podGone(pod);
      executions.podGone(pod.metadata.uid ?? '');
      orphans.podGone(pod.metadata.uid ?? '');
      if (pod.runtime !== undefined) queues.runtimes.add(pod.runtime);
    },
  };
  const controller = (
    name: string,
    queue: WorkQueue,
    workers: number,
    reconcile: (key: string) => Promise<ReconcileResult>,
  ): Controller => {
    const onError = (error: unknown, key: string): void =>
      log.write('warn', 'a reconcile failed', { controller: name, key, error });
    return new Controller({ name, queue, workers, reconcile, onError, metrics });
  };
  const controllers = [
    // One worker: it only decides, and writes nothing.
    controller('scriptexecution', queues.executions, 1, async (key) => executions.reconcile(key)),
    controller('scriptruntime', queues.runtimes, RUNTIME_WORKERS, (key) => runtimes.reconcile(key)),
    controller('history', queues.histories, HISTORY_WORKERS, (key) => history.sweep(key)),
    controller('scriptendpoint', queues.endpoints, ENDPOINT_WORKERS, (key) => endpoints.reconcile(key)),
    controller('scriptschedule', queues.schedules, SCHEDULE_WORKERS, (key) => schedules.reconcile(key)),
  ];
  tellOfTerm(metrics, leadership, readingsOf(scheduling, executions, caches));
  const unsubscribe = handlers.subscribe((namespace) => endingNamespaces.suspect(namespace));

  log.write('info', 'became leader', { epoch: leadership.epoch });
  const { signal } = leadership;
  try {
    await Promise.all([
      directory.run(podHandler, signal),
      dispatcher.run((key, kind) => executions.write(key, kind), signal),
      autoscaling.run(signal),
      gateways.run([demand.stream((runtime) => autoscaling.wake(runtime)), invocations.stream()], signal),
      invocations.run((key) => queues.endpoints.add(key), signal),
      saturation.run(signal),
      ...controllers.map((each) => each.run(signal)),
    ]);
  } finally {
    unsubscribe();
    for (const queue of Object.values(queues)) queue.close();
    endingNamespaces.close();
    await executions.close();
    pods.close();
    log.write('info', 'stopped leading', { epoch: leadership.epoch });
  }
}
