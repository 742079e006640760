import type { ScriptEndpoint } from '../../api/types.generated.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { type KnownPod, knownPod } from '../../cluster/pods/known-pod.ts';
import { MANAGED_SELECTOR, RUNTIME_LABEL } from '../../cluster/pods/pod-template.ts';
import { SCRIPT_ENDPOINTS, SCRIPT_RUNTIMES } from '../../cluster/resources.ts';
import { projectSource, type SourceProjection } from '../../cluster/source-projection.ts';
import { SOURCE_SELECTOR } from '../../cluster/sources.ts';
import type { KubeClient } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import type { Metrics } from '../../kube/metrics.ts';
import { type KubeObject, withoutManagedFields } from '../../kube/object.ts';
import {
  CONFIG_MAPS,
  type ConfigMap,
  NETWORK_POLICIES,
  type NetworkPolicy,
  PODS,
  type Pod,
} from '../../kube/resources.ts';

export interface CacheOptions {
  readonly client: KubeClient;
  /** Watched namespaces; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}

/** What is kept of a NetworkPolicy of runtime pods. */
export interface KnownPolicy extends KubeObject {
  /** Key of its ScriptRuntime. */
  readonly runtime: string;
  /** It restricts both directions. */
  readonly isComplete: boolean;
}

/** Index of NetworkPolicies by runtime. */
const BY_RUNTIME = 'runtime';
/** A ConfigMap can have 1 MiB. */
const SOURCES_A_PAGE = 50;
/** An endpoint can have a script of 256 KiB. */
const ENDPOINTS_A_PAGE = 100;

/** A gateway's view of the cluster. */
export class GatewayCaches {
  readonly runtimes: Informer<KnownRuntime>;
  /** With their scripts. */
  readonly endpoints: Informer<ScriptEndpoint>;
  readonly pods: Informer<Pod, KnownPod>;
  readonly policies: Informer<NetworkPolicy, KnownPolicy>;
  readonly sources: Informer<ConfigMap, SourceProjection>;

  constructor({ client, namespaces, metrics, onError }: CacheOptions) {
    const common = { client, namespaces, metrics, onError };
    this.runtimes = new Informer({ ...common, resource: SCRIPT_RUNTIMES, transform: withoutManagedFields });
    this.endpoints = new Informer({
      ...common,
      resource: SCRIPT_ENDPOINTS,
      transform: withoutManagedFields,
      pageSize: ENDPOINTS_A_PAGE,
    });
    this.pods = new Informer({ ...common, resource: PODS, labelSelector: MANAGED_SELECTOR, transform: knownPod });
    this.policies = new Informer({
      ...common,
      resource: NETWORK_POLICIES,
      labelSelector: MANAGED_SELECTOR,
      transform: knownPolicy,
      indexers: { [BY_RUNTIME]: ({ runtime }) => [runtime] },
    });
    this.sources = new Informer({
      ...common,
      resource: CONFIG_MAPS,
      labelSelector: SOURCE_SELECTOR,
      transform: projectSource,
      pageSize: SOURCES_A_PAGE,
    });
  }

  /** Whether the NetworkPolicy of a runtime's pods is in place: without it, none of them gets a script. */
  hasNetworkPolicy(runtime: string): boolean {
    for (const { isComplete } of this.policies.store.by(BY_RUNTIME, runtime)) if (isComplete) return true;
    return false;
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
    return [this.runtimes, this.endpoints, this.pods, this.policies, this.sources];
  }
}

function knownPolicy({ metadata, spec }: NetworkPolicy): KnownPolicy {
  const { name, namespace, uid, resourceVersion, labels } = metadata;
  const types: readonly string[] = spec?.policyTypes ?? [];
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    runtime: `${namespace}/${labels?.[RUNTIME_LABEL]}`,
    isComplete: types.includes('Ingress') && types.includes('Egress'),
  };
}
