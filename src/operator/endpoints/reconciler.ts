import { isDeepStrictEqual } from 'node:util';
import { admitsTenant, tenantOf } from '../../api/defaults.ts';
import { HostTable } from '../../api/endpoints/host-table.ts';
import { executionLimits, limitsRefusedMessage } from '../../api/limits.ts';
import { scriptOf } from '../../api/run-request.ts';
import { fileReferences } from '../../api/script-files.ts';
import type { ScriptEndpoint, ScriptEndpointStatus } from '../../api/types.generated.ts';
import { hostsOf } from '../../cluster/gateway-urls.ts';
import { knownLimits } from '../../cluster/known-limits.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { SCRIPT_ENDPOINTS } from '../../cluster/resources.ts';
import type { SourceProjection } from '../../cluster/source-projection.ts';
import type { Sources } from '../../cluster/sources.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Informer } from '../../kube/informer.ts';
import { refKey } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import { isAtZero } from '../runtimes/is-at-zero.ts';
import { writeStatus } from '../write-status.ts';
import type { Compilations } from './compilations.ts';
import { type EndpointSituation, endpointConditions } from './endpoint-conditions.ts';
import { type EndpointProjection, projectEndpoint } from './endpoint-projection.ts';
import { ENDPOINTS_BY_HOST, runtimeKeyOf } from './indices.ts';
import type { Invocations } from './invocations.ts';

export interface EndpointReconcilerParts {
  readonly client: KubeClient;
  readonly endpoints: Informer<ScriptEndpoint, EndpointProjection>;
  readonly runtimes: Store<KnownRuntime>;
  readonly configMaps: Store<SourceProjection>;
  readonly sources: Pick<Sources, 'missing' | 'read'>;
  readonly compilations: Compilations;
  readonly invocations: Pick<Invocations, 'isDue' | 'counted' | 'settle' | 'forget'>;
  /** Pods of a runtime that take requests. */
  readonly servingPods: (runtime: string) => number;
  /** Where clients reach the gateways; the first is that of the endpoints' URLs. */
  readonly gatewayURLs: readonly [string, ...string[]];
  /** The API server's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** A pod that could not compile a script now may do so later. */
const COMPILE_AGAIN_MS = 2000;

/** Keeps the statuses of ScriptEndpoints. */
export class EndpointReconciler {
  readonly #parts: EndpointReconcilerParts;
  readonly #gatewayHosts: ReadonlySet<string>;

  constructor(parts: EndpointReconcilerParts) {
    this.#parts = parts;
    this.#gatewayHosts = hostsOf(parts.gatewayURLs);
  }

  /** The main loop's body. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const endpoint = this.#parts.endpoints.store.get(key);
    if (endpoint === undefined) this.#parts.invocations.forget(key);
    if (endpoint === undefined || endpoint.metadata.deletionTimestamp !== undefined) return undefined;
    const situation = this.#situation(endpoint);
    const isCompiled = situation.compilation !== undefined || !canCompile(situation);
    if (!isCompiled) {
      const compilation = await this.#compile(endpoint);
      if (compilation !== undefined) return await this.#record(endpoint, { ...situation, compilation });
    }
    const result = await this.#record(endpoint, situation);
    return isCompiled ? result : { requeueAfterMs: COMPILE_AGAIN_MS };
  }

  #situation(endpoint: EndpointProjection): EndpointSituation {
    const { runtimes, sources, compilations, servingPods } = this.#parts;
    const key = runtimeKeyOf(endpoint);
    const runtime = runtimes.get(key);
    return {
      runtimeName: endpoint.spec.runtimeRef.name,
      hasRuntime: runtime !== undefined,
      refusal: runtime && refusalOf(endpoint, runtime),
      conflicts: this.#conflicts(endpoint),
      missingSource: sources.missing(endpoint, runtime),
      servingPods: servingPods(key),
      isAtZero: runtime !== undefined && isAtZero(runtime),
      compilation: compilations.known(this.#version(endpoint, runtime)),
    };
  }

  #conflicts(endpoint: EndpointProjection): EndpointSituation['conflicts'] {
    const { spec } = endpoint;
    if (spec.hostnames === undefined) return [];
    const { store } = this.#parts.endpoints;
    const others = new Set(spec.hostnames.flatMap((hostname) => [...store.by(ENDPOINTS_BY_HOST, hostname)]));
    return new HostTable(others, this.#gatewayHosts).conflicts(endpoint);
  }

  /** Names what is compiled: the script, and the versions of all ConfigMaps that it is read from. */
  #version(
    { metadata: { uid, namespace }, spec, scriptDigest }: EndpointProjection,
    runtime: KnownRuntime | undefined,
  ): string {
    const names = new Set(fileReferences(spec.sourceFrom, runtime?.spec.imports).map(({ configMap }) => configMap));
    const versions = [...names].map((name) => {
      const known = this.#parts.configMaps.get({ namespace, name });
      return [name, known?.metadata.uid, known?.metadata.resourceVersion];
    });
    return JSON.stringify([uid, scriptDigest, runtime?.spec.imports, versions]);
  }

  async #compile(endpoint: EndpointProjection): Promise<EndpointSituation['compilation']> {
    const { client, endpoints, runtimes, sources, compilations } = this.#parts;
    // The cache has no scripts.
    const object = await client.find(SCRIPT_ENDPOINTS, endpoint.metadata);
    if (object?.metadata.uid !== endpoint.metadata.uid || object === undefined) return undefined;
    endpoints.observe(object);
    const newest = projectEndpoint(object);
    const runtime = runtimes.get(runtimeKeyOf(newest));
    const version = this.#version(newest, runtime);
    const files = await sources.read(object, runtime);
    if (files === undefined || newest.scriptDigest !== endpoint.scriptDigest) return undefined;
    const { name } = object.metadata;
    return await compilations.compile(runtimeKeyOf(newest), version, scriptOf(name, object.spec, files));
  }

  /** Writes the status where it is another. */
  async #record(endpoint: EndpointProjection, situation: EndpointSituation): Promise<ReconcileResult> {
    const { metadata, status: before } = endpoint;
    const { generation = 1 } = metadata;
    const now = new Date(this.#parts.now());
    const status: ScriptEndpointStatus = {
      ...before,
      observedGeneration: generation,
      conditions: endpointConditions(situation, { generation, now, previous: before.conditions }),
      url: urlOf(endpoint, situation.conflicts, this.#parts.gatewayURLs[0]),
    };
    const { client, endpoints: cache, invocations } = this.#parts;
    const key = refKey(metadata);
    if (isDeepStrictEqual(before, status) && !invocations.isDue(key)) return undefined;
    // Counts alone are written seldom, and with everything else.
    const counted = invocations.counted(endpoint);
    const written = counted.isChanged ? { ...status, invocations: counted.invocations } : status;
    if (!isDeepStrictEqual(before, written)) {
      const isWritten = await writeStatus({ client, resource: SCRIPT_ENDPOINTS, cache }, endpoint, written);
      if (!isWritten) return { requeueAfterMs: 50 };
    }
    invocations.settle(key, counted);
    return undefined;
  }
}

/** A pod can be asked, and nothing else is in the way. */
const canCompile = ({ hasRuntime, missingSource, servingPods }: EndpointSituation): boolean =>
  hasRuntime && missingSource === undefined && servingPods > 0;

function refusalOf(endpoint: EndpointProjection, runtime: KnownRuntime): EndpointSituation['refusal'] {
  const { name } = endpoint.spec.runtimeRef;
  const tenant = tenantOf(endpoint);
  if (!admitsTenant(runtime, tenant)) {
    const message = `ScriptRuntime "${name}" does not admit tenant "${tenant}".`;
    return { reason: 'TenantRefused', message };
  }
  const { exceeded } = executionLimits(knownLimits(runtime), endpoint.spec.limits);
  if (exceeded.length === 0) return undefined;
  return { reason: 'LimitsRefused', message: `${limitsRefusedMessage(exceeded)}.` };
}

/** Where clients reach an endpoint: by the first hostname that it is served for, else by its own path. */
function urlOf(
  { metadata: { namespace, name }, spec: { hostnames, path } }: EndpointProjection,
  conflicts: EndpointSituation['conflicts'],
  gatewayURL: string,
): string {
  const hostname = hostnames?.find((each) => !conflicts.some((conflict) => conflict.hostname === each));
  if (hostname === undefined) return `${gatewayURL}/${refKey({ namespace, name })}`;
  return `${new URL(gatewayURL).protocol}//${hostname}${path}`;
}
