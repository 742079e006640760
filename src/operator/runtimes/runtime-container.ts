import { keyOf, VALUES_DIRECTORY, type ValueReference, valuePath, valueReferences } from '../../api/env.ts';
import { busyPodBytes, idleMemoryBytes, SUPERVISOR_BYTES } from '../../api/pod-memory.ts';
import { formatBytes } from '../../api/quantity.ts';
import type { ScriptRuntimeSpec } from '../../api/types.generated.ts';
import { CONTAINER, POD_PORT } from '../../cluster/pods/pod-template.ts';
import type { PodDefaults } from './pod-defaults.ts';

/** Part of the grace period for stopping the sandboxes. */
const CLOSING_SECONDS = 2;

/**
 * The container of a runtime's pods. Pure.
 * @param graceSeconds that a pod has to end
 * @param secrets what its pods authenticate requests for endpoints by
 */
export function runtimeContainer(
  spec: ScriptRuntimeSpec,
  graceSeconds: number,
  { defaults, secrets }: { readonly defaults: PodDefaults; readonly secrets: readonly ValueReference[] },
): Record<string, unknown> {
  const { pool, cache, limits, egress, tools } = spec;
  const probe = (path: string, periodSeconds: number): Record<string, unknown> => ({
    httpGet: { path, port: 'http' },
    periodSeconds,
    timeoutSeconds: 5,
  });
  return {
    name: CONTAINER,
    image: spec.image ?? defaults.image,
    args: ['runtime', '--port', String(POD_PORT)],
    env: [
      { name: 'COPEPOD_POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      { name: 'COPEPOD_PUBLIC_KEY', value: defaults.publicKey },
      { name: 'COPEPOD_GATEWAY_PUBLIC_KEY', value: defaults.gatewayPublicKey },
      { name: 'COPEPOD_GRACE_SECONDS', value: String(graceSeconds - CLOSING_SECONDS) },
      {
        name: 'COPEPOD_RUNTIME_CONFIG',
        value: JSON.stringify({
          pool,
          cache,
          limits,
          ...(egress === undefined ? {} : { egress }),
          ...(tools === undefined ? {} : { tools }),
          ...referringEnv(spec),
        }),
      },
      ...Object.entries(defaults.proxies ?? {}).map(([name, value]) => ({ name, value })),
      ...(secrets.length === 0
        ? []
        : [
            {
              name: 'COPEPOD_ENDPOINT_SECRETS',
              value: JSON.stringify(secrets.map(({ name, key }) => ({ name, key }))),
            },
          ]),
    ],
    ports: [{ name: 'http', containerPort: POD_PORT, protocol: 'TCP' }],
    readinessProbe: probe('/readyz', 1),
    livenessProbe: { ...probe('/healthz', 10), failureThreshold: 6 },
    volumeMounts: mountedValues(spec, secrets).length === 0 ? [] : [VALUES_MOUNT],
    resources: spec.template?.resources ?? defaultResources(spec),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

const VALUES_MOUNT = { name: 'values', mountPath: VALUES_DIRECTORY, readOnly: true };

/**
 * The values of Secrets and ConfigMaps that the runtime refers to, and no others. One volume, so that the kubelet replaces all
 * at once. Each is optional: a pod whose volume is incomplete would not start, and its executions that do not need the value
 * could not run.
 */
export function valuesVolume(spec: ScriptRuntimeSpec, secrets: readonly ValueReference[]): Record<string, unknown>[] {
  const byObject = Map.groupBy(mountedValues(spec, secrets), ({ kind, name }) => `${kind}/${name}`);
  const sources = [...byObject.values()].map((references) => {
    const [{ kind, name }] = references as [ValueReference];
    const items = references.map((reference) => ({ key: reference.key, path: valuePath(reference) }));
    return { [kind === 'Secret' ? 'secret' : 'configMap']: { name, items, optional: true } };
  });
  // Read-only for all: pods have no root user, and only their container has the volume.
  return sources.length === 0 ? [] : [{ name: VALUES_MOUNT.name, projected: { sources, defaultMode: 0o444 } }];
}

/** Once each: an endpoint may have the Secret of a variable. */
function mountedValues(spec: ScriptRuntimeSpec, secrets: readonly ValueReference[]): readonly ValueReference[] {
  const references = valueReferences(spec);
  const known = new Set(references.map(keyOf));
  return [...references, ...secrets.filter((each) => !known.has(keyOf(each)))];
}

/** The variables that a pod needs to know the values that are mounted; it gets the others with each run. */
function referringEnv({ env = [] }: ScriptRuntimeSpec): Pick<ScriptRuntimeSpec, 'env'> {
  const referring = env.flatMap(({ name, valueFrom }) => (valueFrom === undefined ? [] : [{ name, valueFrom }]));
  return referring.length === 0 ? {} : { env: referring };
}

/** Memory limit of the runtime container unless `spec.template.resources` sets it. */
export function memoryLimitOf(spec: ScriptRuntimeSpec): string {
  return formatBytes(busyPodBytes(spec) + idleMemoryBytes(spec));
}

/** Memory for every VM, at its limit or idle: no tenant can cause an out-of-memory kill of a shared pod. */
function defaultResources(spec: ScriptRuntimeSpec): Record<string, unknown> {
  const idle = SUPERVISOR_BYTES + (spec.pool.size + 1) * (64 << 20);
  return {
    requests: { cpu: '100m', memory: formatBytes(idle) },
    limits: { memory: memoryLimitOf(spec) },
  };
}
