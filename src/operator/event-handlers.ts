import { type Caches, WAITING_BY_RUNTIME, WAITING_BY_SOURCE } from './caches.ts';
import { isFinished } from './executions/finished.ts';
import { SWEEP_AFTER_MS } from './executions/history.ts';
import type { KubeObject } from './kube/object.ts';
import { keyOf, refKey } from './kube/object.ts';
import { controllerOf } from './kube/owner-references.ts';
import type { WorkQueue } from './kube/work-queue.ts';
import type { ServingPod } from './pods/pod-directory.ts';

/** The keys that the controllers work on. */
export interface Queues {
  readonly executions: WorkQueue;
  readonly runtimes: WorkQueue;
  /** Of runtimes, whose finished executions may be too many. */
  readonly histories: WorkQueue;
}

/** What is reconciled when something changes. */
export class EventHandlers {
  readonly #caches: Caches;
  readonly #queues: Queues;
  /** What the pods of each runtime could give a run when its executions were last reconciled for that. */
  readonly #given = new Map<string, string>();

  constructor(caches: Caches, queues: Queues) {
    this.#caches = caches;
    this.#queues = queues;
  }

  /**
   * Subscribes to the caches; gives what ends that.
   * @param onPodDeleted called with the namespace of each pod that is being deleted
   */
  subscribe(onPodDeleted: (namespace: string) => void): () => void {
    const { executions, runtimes, pods, sources, children } = this.#caches;
    const queues = this.#queues;
    const subscriptions = [
      executions.handle(onAny((execution) => queues.executions.add(keyOf(execution)))),
      runtimes.handle({
        ...onAny((runtime) => this.#runtimeChanged(keyOf(runtime))),
        updated: (runtime, before) => {
          if (runtime.metadata.generation !== before.metadata.generation) this.#runtimeChanged(keyOf(runtime));
          else queues.runtimes.add(keyOf(runtime));
        },
      }),
      pods.handle(
        onAny(({ runtime, metadata: { namespace, deletionTimestamp } }) => {
          if (runtime === undefined) return;
          queues.runtimes.add(runtime);
          if (deletionTimestamp !== undefined && namespace !== undefined) onPodDeleted(namespace);
        }),
      ),
      sources.handle(onAny((source) => this.#enqueueBy(WAITING_BY_SOURCE, keyOf(source)))),
      ...children.map((informer) => informer.handle(onAny((child) => this.#ownerOf(child)))),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  /**
   * The pods that take runs of a runtime have changed. Executions that wait for it are told something else where the first has
   * come, the last has gone, or the limits that they have are others.
   */
  servingChanged(runtime: string, pods: Iterable<ServingPod>): void {
    this.#queues.runtimes.add(runtime);
    const given = [...new Set(Iterator.from(pods).map(({ limits }) => JSON.stringify(limits)))].toSorted().join();
    if (given === (this.#given.get(runtime) ?? '')) return;
    if (given === '') this.#given.delete(runtime);
    else this.#given.set(runtime, given);
    this.#enqueueBy(WAITING_BY_RUNTIME, runtime);
  }

  /** A namespace is being deleted, or no longer: what is in it, and is not finished, is reconciled. */
  namespaceChanged(namespace: string): void {
    for (const runtime of this.#caches.runtimes.store.values()) {
      if (runtime.metadata.namespace === namespace) this.#runtimeChanged(keyOf(runtime));
    }
    for (const { metadata, status } of this.#caches.executions.store.values()) {
      if (metadata.namespace === namespace && !isFinished(status)) this.#queues.executions.add(refKey(metadata));
    }
  }

  /** An execution of a runtime has finished: there may be one too many, and some more in a moment. */
  finished(runtime: string): void {
    if (this.#keepsHistory(runtime)) this.#queues.histories.addAfter(runtime, SWEEP_AFTER_MS);
  }

  #runtimeChanged(runtime: string): void {
    this.#queues.runtimes.add(runtime);
    if (this.#keepsHistory(runtime)) this.#queues.histories.add(runtime);
    this.#enqueueBy(WAITING_BY_RUNTIME, runtime);
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

  #ownerOf(child: KubeObject): void {
    const owner = controllerOf(child);
    if (owner?.kind !== 'ScriptRuntime') return;
    this.#queues.runtimes.add(refKey({ namespace: child.metadata.namespace, name: owner.name }));
  }
}

/** The same for an object that comes, changes or goes. */
const onAny = <T>(handle: (object: T) => void) => ({ added: handle, updated: handle, deleted: handle });
