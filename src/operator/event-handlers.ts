import type { ScriptExecution } from '../api/types.generated.ts';
import type { ServingPod } from '../cluster/pods/serving-pod.ts';
import type { KubeObject } from '../kube/object.ts';
import { keyOf, refKey } from '../kube/object.ts';
import { controllerOf } from '../kube/owner-references.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import { type Caches, RUNTIMES_BY_IMPORT, WAITING_BY_RUNTIME, WAITING_BY_SOURCE } from './caches.ts';
import type { EndpointProjection } from './endpoints/endpoint-projection.ts';
import {
  ENDPOINTS_BY_HOST,
  ENDPOINTS_BY_RUNTIME,
  ENDPOINTS_BY_SOURCE,
  runtimeKeyOf as runtimeKeyOfEndpoint,
} from './endpoints/indices.ts';
import { isFinished } from './executions/finished.ts';
import { SWEEP_AFTER_MS } from './executions/history.ts';
import { runtimeKeyOf } from './executions/runtime-of.ts';
import { isAtZero } from './runtimes/is-at-zero.ts';

/** The controllers' work queues. */
export interface Queues {
  readonly executions: WorkQueue;
  readonly runtimes: WorkQueue;
  /** Runtimes whose finished executions may exceed their history limits. */
  readonly histories: WorkQueue;
  readonly schedules: WorkQueue;
  readonly endpoints: WorkQueue;
}

/** Enqueues the objects affected by a change. */
export class EventHandlers {
  readonly #caches: Caches;
  readonly #queues: Queues;
  /** The limits and mounted values of each runtime's pods when its executions were last enqueued for them. */
  readonly #given = new Map<string, string>();

  constructor(caches: Caches, queues: Queues) {
    this.#caches = caches;
    this.#queues = queues;
  }

  /**
   * Subscribes to the caches; returns a function that unsubscribes.
   * @param onPodDeleted called with the namespace of each pod that is being deleted
   */
  subscribe(onPodDeleted: (namespace: string) => void): () => void {
    const { executions, schedules, endpoints, runtimes, pods, sources, children } = this.#caches;
    const queues = this.#queues;
    const subscriptions = [
      executions.handle(
        onAny((execution) => {
          queues.executions.add(keyOf(execution));
          this.#scheduleOf(execution);
        }),
      ),
      schedules.handle(onAny((schedule) => queues.schedules.add(keyOf(schedule)))),
      endpoints.handle({
        ...onAny((endpoint) => this.#endpointChanged(endpoint)),
        updated: (endpoint, before) => {
          this.#endpointChanged(endpoint);
          if (runtimeKeyOfEndpoint(before) !== runtimeKeyOfEndpoint(endpoint)) this.#endpointChanged(before);
        },
      }),
      runtimes.handle({
        ...onAny((runtime) => this.#runtimeChanged(keyOf(runtime))),
        updated: (runtime, before) => {
          if (runtime.metadata.generation !== before.metadata.generation) this.#runtimeChanged(keyOf(runtime));
          else queues.runtimes.add(keyOf(runtime));
          if (isAtZero(runtime) !== isAtZero(before)) this.#enqueueEndpoints(ENDPOINTS_BY_RUNTIME, keyOf(runtime));
        },
      }),
      pods.handle(
        onAny(({ runtime, metadata: { namespace, deletionTimestamp } }) => {
          if (runtime === undefined) return;
          queues.runtimes.add(runtime);
          if (deletionTimestamp !== undefined && namespace !== undefined) onPodDeleted(namespace);
        }),
      ),
      sources.handle(onAny((source) => this.#sourceChanged(keyOf(source)))),
      ...children.map((informer) => informer.handle(onAny((child) => this.#ownerOf(child)))),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  /**
   * The serving pods of a runtime have changed. Waiting executions are reconciled if the first pod has appeared, the
   * last has gone, or their limits or mounted values differ.
   */
  servingChanged(runtime: string, pods: Iterable<ServingPod>): void {
    this.#queues.runtimes.add(runtime);
    this.#enqueueEndpoints(ENDPOINTS_BY_RUNTIME, runtime);
    const given = [...new Set(Iterator.from(pods).map(({ limits, values }) => JSON.stringify([limits, values])))]
      .toSorted()
      .join();
    if (given === (this.#given.get(runtime) ?? '')) return;
    if (given === '') this.#given.delete(runtime);
    else this.#given.set(runtime, given);
    this.#enqueueBy(WAITING_BY_RUNTIME, runtime);
  }

  /** The deletion of a namespace has started, or no longer applies: its unfinished executions are reconciled. */
  namespaceChanged(namespace: string): void {
    for (const runtime of this.#caches.runtimes.store.values()) {
      if (runtime.metadata.namespace === namespace) this.#runtimeChanged(keyOf(runtime));
    }
    for (const { metadata, status } of this.#caches.executions.store.values()) {
      if (metadata.namespace === namespace && !isFinished(status)) this.#queues.executions.add(refKey(metadata));
    }
  }

  /**
   * The leader has recorded that an execution finished: its runtime may keep one too many, and some more in a moment; and the
   * schedule that started it tells of it. The cache has it already, so no event of the watch will.
   */
  finished(execution: ScriptExecution): void {
    const runtime = runtimeKeyOf(execution);
    if (this.#keepsHistory(runtime)) this.#queues.histories.addAfter(runtime, SWEEP_AFTER_MS);
    this.#scheduleOf(execution);
  }

  #runtimeChanged(runtime: string): void {
    this.#queues.runtimes.add(runtime);
    if (this.#keepsHistory(runtime)) this.#queues.histories.add(runtime);
    this.#enqueueBy(WAITING_BY_RUNTIME, runtime);
    this.#enqueueEndpoints(ENDPOINTS_BY_RUNTIME, runtime);
  }

  /** Executions that wait for a ConfigMap's files, their own or their runtime's imports; and endpoints that have them. */
  #sourceChanged(configMap: string): void {
    this.#enqueueBy(WAITING_BY_SOURCE, configMap);
    this.#enqueueEndpoints(ENDPOINTS_BY_SOURCE, configMap);
    for (const runtime of this.#caches.runtimes.store.by(RUNTIMES_BY_IMPORT, configMap)) {
      this.#enqueueBy(WAITING_BY_RUNTIME, keyOf(runtime));
      this.#enqueueEndpoints(ENDPOINTS_BY_RUNTIME, keyOf(runtime));
    }
  }

  #keepsHistory(runtime: string): boolean {
    const spec = this.#caches.runtimes.store.get(runtime)?.spec;
    return spec?.successfulExecutionsHistoryLimit !== undefined || spec?.failedExecutionsHistoryLimit !== undefined;
  }

  #enqueueBy(index: string, value: string): void {
    for (const execution of this.#caches.executions.store.by(index, value)) {
      this.#queues.executions.add(keyOf(execution));
    }
  }

  #endpointChanged(endpoint: EndpointProjection): void {
    this.#queues.endpoints.add(keyOf(endpoint));
    // Its pods are given the Secret that its requests are authenticated by.
    this.#queues.runtimes.add(runtimeKeyOfEndpoint(endpoint));
    // One that comes or goes decides about others with its hostnames.
    for (const hostname of endpoint.spec.hostnames ?? []) this.#enqueueEndpoints(ENDPOINTS_BY_HOST, hostname);
  }

  #enqueueEndpoints(index: string, value: string): void {
    for (const endpoint of this.#caches.endpoints.store.by(index, value)) this.#queues.endpoints.add(keyOf(endpoint));
  }

  #scheduleOf({ metadata }: KubeObject): void {
    const owner = controllerOf({ metadata });
    if (owner?.kind !== 'ScriptSchedule') return;
    this.#queues.schedules.add(refKey({ namespace: metadata.namespace, name: owner.name }));
  }

  #ownerOf(child: KubeObject): void {
    const owner = controllerOf(child);
    if (owner?.kind !== 'ScriptRuntime') return;
    this.#queues.runtimes.add(refKey({ namespace: child.metadata.namespace, name: owner.name }));
  }
}

/** One handler for added, updated and deleted objects. */
const onAny = <T>(handle: (object: T) => void) => ({ added: handle, updated: handle, deleted: handle });
