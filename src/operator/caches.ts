import { type Ending, FINISHED, finishedKey } from './executions/history.ts';
import { type KnownExecution, knownExecution } from './executions/known-execution.ts';
import { type KnownSource, knownSource } from './executions/known-source.ts';
import { hasEnded } from './executions/next-step.ts';
import { runtimeKeyOf } from './executions/run-request.ts';
import { SOURCE_SELECTOR, sourceKey } from './executions/sources.ts';
import type { KubeClient } from './kube/client.ts';
import { Informer } from './kube/informer.ts';
import type { Metrics } from './kube/metrics.ts';
import { type KubeObject, withoutManagedFields } from './kube/object.ts';
import type { Resource } from './kube/resource.ts';
import { CONFIG_MAPS, type Deployment, PODS } from './kube/resources.ts';
import type { Store } from './kube/store.ts';
import { type KnownPod, knownPod } from './pods/known-pod.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from './resources.ts';
import { CHILD_RESOURCES, type ChildStores } from './runtimes/child-writer.ts';
import { MANAGED_SELECTOR } from './runtimes/children.ts';
import type { KnownRuntime } from './runtimes/known-runtime.ts';
import { PODS_BY_RUNTIME } from './runtimes/reconciler.ts';

export interface CacheOptions {
  readonly client: KubeClient;
  /** Only these; all where left out. */
  readonly namespaces: readonly string[] | undefined;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

/** Indices of the executions' cache: those that are not over, by what they wait for. */
export const WAITING_BY_RUNTIME = 'waitingByRuntime';
export const WAITING_BY_SOURCE = 'waitingBySource';
/** Index of all of them. */
export const BY_UID = 'uid';

/** An execution can have 1.5 MiB: so many at most are in memory whole. */
const EXECUTIONS_A_PAGE = 100;
/** A ConfigMap can have 1 MiB. */
const SOURCES_A_PAGE = 50;

/** What the operator knows of the cluster: a cache of each kind that it looks at, kept small and up to date. */
export class Caches {
  readonly runtimes: Informer<KnownRuntime>;
  readonly executions: Informer<KnownExecution>;
  readonly pods: Informer<KnownPod>;
  readonly sources: Informer<KnownSource>;
  /** Of the kinds of objects that a runtime owns. */
  readonly children: readonly Informer<KubeObject>[];

  constructor({ client, namespaces, metrics, onError }: CacheOptions) {
    const common = { client, namespaces, metrics, onError };
    this.runtimes = new Informer({ ...common, resource: SCRIPT_RUNTIMES, transform: withoutManagedFields });
    this.executions = new Informer<KnownExecution>({
      ...common,
      resource: SCRIPT_EXECUTIONS as Resource<KnownExecution>,
      transform: knownExecution,
      pageSize: EXECUTIONS_A_PAGE,
      indexers: {
        [BY_UID]: ({ metadata: { uid } }) => (uid === undefined ? [] : [uid]),
        [WAITING_BY_RUNTIME]: (execution) => (isWaiting(execution) ? [runtimeKeyOf(execution)] : []),
        [FINISHED]: (execution) => {
          const ending = endingOf(execution);
          return ending === undefined ? [] : [finishedKey(runtimeKeyOf(execution), ending)];
        },
        [WAITING_BY_SOURCE]: (execution) => {
          const source = isWaiting(execution) ? sourceKey(execution) : undefined;
          return source === undefined ? [] : [source];
        },
      },
    });
    this.pods = new Informer<KnownPod>({
      ...common,
      resource: PODS as unknown as Resource<KnownPod>,
      transform: knownPod as unknown as (pod: KnownPod) => KnownPod,
      labelSelector: MANAGED_SELECTOR,
      indexers: { [PODS_BY_RUNTIME]: ({ runtime }) => (runtime === undefined ? [] : [runtime]) },
    });
    this.sources = new Informer<KnownSource>({
      ...common,
      resource: CONFIG_MAPS as unknown as Resource<KnownSource>,
      labelSelector: SOURCE_SELECTOR,
      transform: knownSource as unknown as (source: KnownSource) => KnownSource,
      pageSize: SOURCES_A_PAGE,
    });
    this.children = CHILD_RESOURCES.map(
      (resource) =>
        new Informer<KubeObject>({
          ...common,
          resource,
          labelSelector: MANAGED_SELECTOR,
          transform: (object) =>
            withoutManagedFields({ apiVersion: resource.apiVersion, kind: resource.kind, ...object }),
        }),
    );
  }

  get childStores(): ChildStores {
    return Object.fromEntries(CHILD_RESOURCES.map(({ kind }, index) => [kind, this.#child(index).store]));
  }

  get deployments(): Store<Deployment> {
    return this.childStores.Deployment as Store<Deployment>;
  }

  get hasSynced(): boolean {
    return this.#all.every((informer) => informer.hasSynced);
  }

  /** Follows the API server until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((informer) => informer.run(signal)));
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((informer) => informer.whenSynced(signal)));
  }

  get #all(): readonly Pick<Informer<KubeObject>, 'run' | 'whenSynced' | 'hasSynced'>[] {
    return [this.runtimes, this.executions, this.pods, this.sources, ...this.children];
  }

  #child(index: number): Informer<KubeObject> {
    return this.children[index] as Informer<KubeObject>;
  }
}

function endingOf(execution: KnownExecution): Ending | undefined {
  // One that is being deleted is not there to be deleted again.
  if (isWaiting(execution) || execution.metadata.deletionTimestamp !== undefined) return undefined;
  const succeeded = execution.status.conditions?.find(({ type }) => type === 'Succeeded');
  return succeeded?.status === 'True' ? 'succeeded' : 'failed';
}

const isWaiting = ({ status, digest }: KnownExecution): boolean => !hasEnded(status) || status.runDigest !== digest;
