import { type Caches, WAITING_BY_RUNTIME, WAITING_BY_SOURCE } from './caches.ts';
import { SWEEP_AFTER_MS } from './executions/history.ts';
import { hasEnded } from './executions/next-step.ts';
import type { KubeObject } from './kube/object.ts';
import { keyOf, refKey } from './kube/object.ts';
import { controllerOf } from './kube/owner-references.ts';
import type { WorkQueue } from './kube/work-queue.ts';

/** The keys that the controllers work on. */
export interface Queues {
  readonly executions: WorkQueue;
  readonly runtimes: WorkQueue;
  /** Of runtimes, whose finished executions may be too many. */
  readonly histories: WorkQueue;
}

/** What is looked at again when something changes. */
export class WakeUps {
  readonly #caches: Caches;
  readonly #queues: Queues;

  constructor(caches: Caches, queues: Queues) {
    this.#caches = caches;
    this.#queues = queues;
  }

  /**
   * Listens to the caches; gives what ends that.
   * @param onPodDeleted told of the namespace of each pod that is being deleted
   */
  subscribe(onPodDeleted: (namespace: string) => void): () => void {
    const { executions, runtimes, pods, sources, children } = this.#caches;
    const queues = this.#queues;
    const subscriptions = [
      executions.handle(onAny((execution) => queues.executions.add(keyOf(execution)))),
      runtimes.handle({
        ...onAny((runtime) => this.runtime(keyOf(runtime))),
        updated: (runtime, before) => {
          if (runtime.metadata.generation !== before.metadata.generation) this.runtime(keyOf(runtime));
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
      sources.handle(onAny((source) => this.#source(keyOf(source)))),
      ...children.map((informer) => informer.handle(onAny((child) => this.#owner(child)))),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  /** A runtime has come, changed or gone: it, and who waits for it. */
  runtime(runtime: string): void {
    this.#queues.runtimes.add(runtime);
    if (this.#keepsHistory(runtime)) this.#queues.histories.add(runtime);
    this.waitingFor(runtime);
  }

  /** Executions that wait for a runtime are told something else now. */
  waitingFor(runtime: string): void {
    for (const execution of this.#caches.executions.store.by(WAITING_BY_RUNTIME, runtime)) {
      this.#queues.executions.add(keyOf(execution));
    }
  }

  /** A namespace is being deleted, or no longer: what is in it, and is not over, is reconciled. */
  namespace(namespace: string): void {
    for (const runtime of this.#caches.runtimes.store.values()) {
      if (runtime.metadata.namespace === namespace) this.runtime(keyOf(runtime));
    }
    for (const { metadata, status } of this.#caches.executions.store.values()) {
      if (metadata.namespace === namespace && !hasEnded(status)) this.#queues.executions.add(refKey(metadata));
    }
  }

  /** An execution of a runtime has ended: there may be one too many, and some more in a moment. */
  ended(runtime: string): void {
    if (this.#keepsHistory(runtime)) this.#queues.histories.addAfter(runtime, SWEEP_AFTER_MS);
  }

  #keepsHistory(runtime: string): boolean {
    const spec = this.#caches.runtimes.store.get(runtime)?.spec;
    return spec?.successfulExecutionsHistoryLimit !== undefined || spec?.failedExecutionsHistoryLimit !== undefined;
  }

  #source(source: string): void {
    for (const execution of this.#caches.executions.store.by(WAITING_BY_SOURCE, source)) {
      this.#queues.executions.add(keyOf(execution));
    }
  }

  #owner(child: KubeObject): void {
    const owner = controllerOf(child);
    if (owner?.kind !== 'ScriptRuntime') return;
    this.#queues.runtimes.add(refKey({ namespace: child.metadata.namespace, name: owner.name }));
  }
}

/** The same for an object that comes, changes or goes. */
const onAny = <T>(handle: (object: T) => void) => ({ added: handle, updated: handle, deleted: handle });
