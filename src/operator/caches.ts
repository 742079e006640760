import { succeededCondition } from '../api/conditions.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptSchedule } from '../api/types.generated.ts';
import type { KnownRuntime } from '../cluster/known-runtime.ts';
import { type KnownPod, knownPod } from '../cluster/pods/known-pod.ts';
import { MANAGED_SELECTOR } from '../cluster/pods/pod-template.ts';
import { SCRIPT_ENDPOINTS, SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES, SCRIPT_SCHEDULES } from '../cluster/resources.ts';
import { projectSource, type SourceProjection } from '../cluster/source-projection.ts';
import { importKeys, SOURCE_SELECTOR } from '../cluster/sources.ts';
import type { KubeClient } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { Metrics } from '../kube/metrics.ts';
import { type KubeObject, withoutManagedFields } from '../kube/object.ts';
import { CONFIG_MAPS, type ConfigMap, type Deployment, PODS, type Pod } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import { type EndpointProjection, projectEndpoint } from './endpoints/endpoint-projection.ts';
import {
  ENDPOINTS_BY_HOST,
  ENDPOINTS_BY_RUNTIME,
  ENDPOINTS_BY_SOURCE,
  runtimeKeyOf as runtimeKeyOfEndpoint,
  sourceKeysOf,
} from './endpoints/indices.ts';
import { type ExecutionProjection, projectExecution } from './executions/execution-projection.ts';
import { isFinished } from './executions/finished.ts';
import { type Ending, FINISHED, finishedKey } from './executions/history.ts';
import { RunContents } from './executions/run-contents.ts';
import { runtimeKeyOf } from './executions/runtime-of.ts';
import { sourceKey } from './executions/source-rules.ts';
import { CHILD_RESOURCES, type ChildStores } from './runtimes/child-writer.ts';
import { PODS_BY_RUNTIME } from './runtimes/pods-by-runtime.ts';
import { EXECUTIONS_BY_OWNER } from './schedules/executions-by-owner.ts';
import { projectSchedule, type ScheduleProjection } from './schedules/schedule-projection.ts';

export interface CacheOptions {
  readonly client: KubeClient;
  /** Watched namespaces; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

/** Indices of the executions' cache: unfinished executions by what they wait for. */
export const WAITING_BY_RUNTIME = 'waitingByRuntime';
export const WAITING_BY_SOURCE = 'waitingBySource';
/** Index of runtimes by the ConfigMaps that they import from. */
export const RUNTIMES_BY_IMPORT = 'runtimesByImport';
/** Index of executions and of pods. */
export const BY_UID = 'uid';

/** An execution can have 1.5 MiB: at most this many are in memory whole. */
const EXECUTIONS_A_PAGE = 100;
/** A ConfigMap can have 1 MiB. */
const SOURCES_A_PAGE = 50;
/** A schedule or an endpoint can hold a script of 256 KiB. */
const SCHEDULES_A_PAGE = 100;
const ENDPOINTS_A_PAGE = 100;

/** The operator's view of the cluster: a small, up-to-date cache per kind. */
export class Caches {
  readonly runtimes: Informer<KnownRuntime>;
  readonly executions: Informer<ScriptExecution, ExecutionProjection>;
  readonly schedules: Informer<ScriptSchedule, ScheduleProjection>;
  readonly endpoints: Informer<ScriptEndpoint, EndpointProjection>;
  /** Run contents of unfinished executions, the most recent ones. */
  readonly contents = new RunContents();
  readonly pods: Informer<Pod, KnownPod>;
  readonly sources: Informer<ConfigMap, SourceProjection>;
  /** Informers of the kinds that a runtime owns. */
  readonly children: readonly Informer<KubeObject>[];

  constructor({ client, namespaces, metrics, onError }: CacheOptions) {
    const common = { client, namespaces, metrics, onError };
    this.runtimes = new Informer({
      ...common,
      resource: SCRIPT_RUNTIMES,
      transform: withoutManagedFields,
      indexers: { [RUNTIMES_BY_IMPORT]: importKeys },
    });
    this.executions = new Informer({
      ...common,
      resource: SCRIPT_EXECUTIONS,
      transform: (execution) => projectExecution(execution, this.contents.keep),
      pageSize: EXECUTIONS_A_PAGE,
      indexers: {
        [BY_UID]: ({ metadata: { uid } }) => (uid === undefined ? [] : [uid]),
        [EXECUTIONS_BY_OWNER]: ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
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
    this.schedules = new Informer({
      ...common,
      resource: SCRIPT_SCHEDULES,
      transform: projectSchedule,
      pageSize: SCHEDULES_A_PAGE,
    });
    this.endpoints = new Informer({
      ...common,
      resource: SCRIPT_ENDPOINTS,
      transform: projectEndpoint,
      pageSize: ENDPOINTS_A_PAGE,
      indexers: {
        [ENDPOINTS_BY_RUNTIME]: (endpoint) => [runtimeKeyOfEndpoint(endpoint)],
        [ENDPOINTS_BY_SOURCE]: sourceKeysOf,
        [ENDPOINTS_BY_HOST]: ({ spec }) => spec.hostnames ?? [],
      },
    });
    this.pods = new Informer({
      ...common,
      resource: PODS,
      transform: knownPod,
      labelSelector: MANAGED_SELECTOR,
      indexers: {
        [BY_UID]: ({ metadata: { uid } }) => (uid === undefined ? [] : [uid]),
        [PODS_BY_RUNTIME]: ({ runtime }) => (runtime === undefined ? [] : [runtime]),
      },
    });
    this.sources = new Informer({
      ...common,
      resource: CONFIG_MAPS,
      labelSelector: SOURCE_SELECTOR,
      transform: projectSource,
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
    return this.unsynced.length === 0;
  }

  /** The resources whose first list is not complete. */
  get unsynced(): readonly string[] {
    return this.#all.filter((informer) => !informer.hasSynced).map((informer) => informer.resource);
  }

  /** Follows the API server until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((informer) => informer.run(signal)));
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((informer) => informer.whenSynced(signal)));
  }

  get #all(): readonly Pick<Informer<KubeObject>, 'run' | 'whenSynced' | 'hasSynced' | 'resource'>[] {
    const { runtimes, executions, schedules, endpoints, pods, sources, children } = this;
    return [runtimes, executions, schedules, endpoints, pods, sources, ...children];
  }

  #child(index: number): Informer<KubeObject> {
    return this.children[index] as Informer<KubeObject>;
  }
}

function endingOf(execution: ExecutionProjection): Ending | undefined {
  // An execution that is being deleted must not be deleted again.
  if (isWaiting(execution) || execution.metadata.deletionTimestamp !== undefined) return undefined;
  const succeeded = succeededCondition(execution.status);
  return succeeded?.status === 'True' ? 'succeeded' : 'failed';
}

const isWaiting = ({ status, digest }: ExecutionProjection): boolean =>
  !isFinished(status) || status.runDigest !== digest;
