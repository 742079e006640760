import { endpointSecrets } from '../api/endpoints/endpoint-secrets.ts';
import type { Log } from '../cluster/log.ts';
import { knownPod } from '../cluster/pods/known-pod.ts';
import { PodClient } from '../cluster/pods/pod-client.ts';
import { PodDirectory } from '../cluster/pods/pod-directory.ts';
import { podRequestMetrics } from '../cluster/pods/pod-metrics.ts';
import type { SigningKey } from '../cluster/signing-key.ts';
import { Sources } from '../cluster/sources.ts';
import type { KubeClient } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Leadership } from '../kube/leadership.ts';
import type { Metrics } from '../kube/metrics.ts';
import { keyOf } from '../kube/object.ts';
import { CONFIG_MAPS, PODS } from '../kube/resources.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { BY_UID, type Caches } from './caches.ts';
import { AdaptiveConcurrency } from './dispatch/adaptive-concurrency.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Slots } from './dispatch/slots.ts';
import type { EndingNamespaces } from './ending-namespaces.ts';
import { ENDPOINTS_BY_RUNTIME } from './endpoints/indices.ts';
import { EventHandlers, type Queues } from './event-handlers.ts';
import type { AttemptParts } from './executions/attempt.ts';
import type { ExecutionProjection } from './executions/execution-projection.ts';
import { ExecutionSpans } from './executions/execution-spans.ts';
import { type EventLevel, ExecutionObserver } from './executions/observer.ts';
import { ExecutionReconciler } from './executions/reconciler.ts';
import { removeExecution } from './executions/removal.ts';
import { StatusWriter } from './executions/status-writer.ts';
import { ExecutionTrace } from './executions/trace.ts';
import { GatewayDemand } from './gateways/demand.ts';
import type { GatewayPods } from './gateways/gateway-pods.ts';
import { Autoscaling } from './runtimes/autoscaling.ts';
import { ChildWriter } from './runtimes/child-writer.ts';
import { childName } from './runtimes/children.ts';
import type { PodDefaults } from './runtimes/pod-defaults.ts';
import { RuntimeReconciler } from './runtimes/reconciler.ts';
import { Saturation } from './runtimes/saturation.ts';
import { ScaleDown } from './runtimes/scale-down.ts';
import type { tellOfTerm } from './term-gauges.ts';

export interface LeaderParts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly signingKey: SigningKey;
  readonly podDefaults: PodDefaults;
  readonly eventLevel: EventLevel;
  /** Where clients reach the gateways. */
  readonly gatewayURLs: readonly [string, ...string[]];
  readonly events: EventRecorder;
  /** Of this term. */
  readonly gateways: GatewayPods;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Undefined: nothing is traced. */
  readonly tracing: Tracing | undefined;
}

/** Failed reconciles are retried after 50 ms, with back-off up to half a minute. */
const BACKOFF = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };

type Base = ReturnType<typeof baseOf>;
type Scheduling = ReturnType<typeof schedulingOf>;

/** The base layer of a term: clients, queues, and the event handlers that fill them. */
export function baseOf(leadership: Leadership, { client: anyClient, caches, signingKey, metrics }: LeaderParts) {
  const client = anyClient.guardedBy(leadership);
  const options = { metrics, backoff: BACKOFF };
  const queues: Queues = {
    executions: new WorkQueue({ name: 'scriptexecution', ...options }),
    runtimes: new WorkQueue({ name: 'scriptruntime', ...options }),
    histories: new WorkQueue({ name: 'history', ...options }),
    schedules: new WorkQueue({ name: 'scriptschedule', ...options }),
    endpoints: new WorkQueue({ name: 'scriptendpoint', ...options }),
  };
  return {
    client,
    pods: new PodClient({
      privateKey: signingKey.privateKey,
      epoch: leadership.epoch,
      outcomeBounds: (podUID) => caches.pods.store.by(BY_UID, podUID).next().value?.outcomeBounds,
      onRequest: podRequestMetrics(metrics, 'operator'),
    }),
    queues,
    handlers: new EventHandlers(caches, queues),
    sources: new Sources({ known: caches.sources.store, read: (ref) => client.find(CONFIG_MAPS, ref) }),
    concurrency: new AdaptiveConcurrency(),
    remove: (execution: Pick<ExecutionProjection, 'metadata'>): Promise<void> => removeExecution(client, execution),
  };
}

/** The scheduling layer: where executions can run, which write is next, and how many pods are needed. */
export function schedulingOf({ pods, queues, concurrency }: Base, { caches, metrics, log }: LeaderParts) {
  const directory = new PodDirectory({ pods: caches.pods, client: pods });
  const demand = new GatewayDemand();
  const slots = new Slots((runtime) => directory.serving(runtime));
  const dispatcher = new Dispatcher({
    concurrency,
    slots,
    queue: queues.executions,
    backoff: BACKOFF,
    onError: (error, key) => log.write('warn', 'a status could not be written', { execution: key, error }),
    metrics,
  });
  /** More pods would help: executions wait, and no pod has an idle VM (prefetched claims aside). */
  const isShort = (runtime: string): boolean =>
    dispatcher.waiting.of(runtime) > 0 &&
    [...directory.serving(runtime)].every(({ uid, capacity }) => slots.taken.byPod.of(uid) >= capacity);
  const autoscaling = new Autoscaling({
    runtimes: caches.runtimes.store,
    demand: (runtime) =>
      slots.taken.byRuntime.of(runtime) +
      (isShort(runtime) ? dispatcher.waiting.of(runtime) : 0) +
      demand.inFlight(runtime) +
      demand.waiting(runtime),
    readyPods: (runtime) => directory.servingCount(runtime),
    currentReplicas: ({ metadata: { name, namespace } }) =>
      caches.deployments.get({ namespace, name: childName(name) })?.spec?.replicas,
    onChanged: (runtime) => queues.runtimes.add(runtime),
  });
  const saturation = new Saturation({
    runtimes: caches.runtimes.store,
    isShort: (runtime) => directory.servingCount(runtime) > 0 && (isShort(runtime) || demand.waiting(runtime) > 0),
    onChanged: (runtime) => queues.runtimes.add(runtime),
  });
  return { directory, slots, dispatcher, autoscaling, saturation, demand };
}

export function executionsOf(
  { client, pods, queues, handlers, concurrency, sources, remove }: Base,
  { directory, slots, dispatcher, autoscaling }: Scheduling,
  endingNamespaces: EndingNamespaces,
  { caches, events, eventLevel, metrics, log, tracing }: LeaderParts,
): ExecutionReconciler {
  const trace = new ExecutionTrace(log);
  const spans = tracing === undefined ? undefined : new ExecutionSpans(tracing);
  const findPod: AttemptParts['findPod'] = async ({ podName, podUID }, namespace) => {
    const known = directory.find(podUID);
    if (known !== undefined) return known;
    // The cache may be behind: only the API server knows whether a pod is deleted.
    const found = await client.find(PODS, { namespace, name: podName });
    if (found?.metadata.uid !== podUID) return undefined;
    const pod = knownPod(found);
    return pod.isTerminal ? undefined : pod;
  };
  return new ExecutionReconciler({
    executions: caches.executions.store,
    runtimes: caches.runtimes.store,
    sources,
    contents: caches.contents,
    slots,
    dispatcher,
    writer: new StatusWriter(client, caches.executions, (write) => concurrency.measure(write), trace, spans),
    attempt: { client: pods, suspect: (podUID) => directory.suspect(podUID), findPod },
    serving: (runtime) => directory.serving(runtime),
    isNamespaceEnding: (namespace) => endingNamespaces.has(namespace),
    observer: new ExecutionObserver(events, eventLevel, metrics),
    trace,
    spans,
    onWaiting: (runtime) => autoscaling.wake(runtime),
    onFinished: (execution) => handlers.finished(execution),
    remove,
    enqueue: (key) => queues.executions.add(key),
    now: () => client.now(),
  });
}

export function runtimesOf(
  { client }: Base,
  { directory, slots, dispatcher, autoscaling, saturation }: Scheduling,
  { caches, podDefaults, events, log }: LeaderParts,
): { readonly runtimes: RuntimeReconciler; readonly scaleDown: ScaleDown; readonly children: ChildWriter } {
  const scaleDown = new ScaleDown({
    client,
    pods: caches.pods.store,
    deployments: caches.deployments,
    isServing: (podUID) => directory.isServing(podUID),
    runsOn: (podUID) => slots.taken.byPod.of(podUID),
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
    podDefaults,
    endpointSecrets: (runtime) => endpointSecrets(caches.endpoints.store.by(ENDPOINTS_BY_RUNTIME, runtime)),
    events,
    replicas: (runtime) => autoscaling.replicas(runtime),
    scaleDown,
    serving: (runtime) => directory.servingCount(runtime),
    isSaturated: (runtime) => saturation.isSaturated(runtime),
    executions: (runtime) => ({
      running: slots.taken.byRuntime.of(runtime),
      pending: dispatcher.waiting.of(runtime),
    }),
  });
  return { runtimes, scaleDown, children };
}

/** The values of the leader's gauges. */
export function readingsOf(
  { directory, slots, dispatcher, autoscaling }: Scheduling,
  executions: ExecutionReconciler,
  caches: Caches,
): Parameters<typeof tellOfTerm>[2] {
  return {
    pending: () => dispatcher.waiting.total,
    running: () => executions.following,
    seats: () => dispatcher.seats.counts,
    pods: () => directory.countByState(),
    *runtimes() {
      for (const runtime of caches.runtimes.store.values()) {
        const { name, namespace } = runtime.metadata;
        const key = keyOf(runtime);
        const [pending, running] = [dispatcher.waiting.of(key), slots.taken.byRuntime.of(key)];
        const [wanted, serving] = [autoscaling.replicas(runtime), directory.servingCount(key)];
        yield { namespace, runtime: name, pending, running, wanted, serving };
      }
    },
  };
}
