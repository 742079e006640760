import { hash } from 'node:crypto';
import { canonicalJson } from '../../api/digest.ts';
import { parseDuration } from '../../api/duration.ts';
import { keyOf, VALUES_DIRECTORY, type ValueReference, valuePath, valueReferences } from '../../api/env.ts';
import { busyPodBytes, idleMemoryBytes, SUPERVISOR_BYTES } from '../../api/pod-memory.ts';
import { formatBytes } from '../../api/quantity.ts';
import type { ScriptRuntime, ScriptRuntimeSpec } from '../../api/types.generated.ts';
import { CONTAINER, POD_PORT, RUNTIME_LABEL, TEMPLATE_ANNOTATION } from '../../cluster/pods/pod-template.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { egressPeers } from './egress-policy.ts';

/** Settings of all runtimes' pods, set at installation. */
export interface PodDefaults {
  /** Default container image: the operator's own. */
  readonly image: string;
  /** The operator's public key as JWK text; pods accept requests signed with it. */
  readonly publicKey: string;
  /** The gateways' public key as JWK text; pods accept runs signed with it. */
  readonly gatewayPublicKey: string;
  /** Namespace of the operator and of gateways: only their pods may send requests to runtime pods. */
  readonly operatorNamespace: string;
  /** Additional namespaces whose pods with the scraper label may read `/metrics`. */
  readonly scraperNamespaces: readonly string[];
  /** Variables of the pods that name the proxies for requests of scripts; left out: none. */
  readonly proxies?: Readonly<Record<string, string>>;
}

/** Pods with this label, in a namespace given at installation, may read `/metrics`. */
const SCRAPER_LABELS = { 'copepod.dev/scraper': 'true' };
/** Labels of the pods that send requests to runtime pods: see deploy/. */
const CALLERS = ['operator', 'gateway'].map((component) => ({
  'app.kubernetes.io/name': 'copepod',
  'app.kubernetes.io/component': component,
}));
/** Part of the grace period for stopping the sandboxes. */
const CLOSING_SECONDS = 2;
/** Time after the longest script for fetching outcomes. */
const DRAIN_SECONDS = 30;
/** Progress deadline of the Deployment: a new node takes minutes. */
const PROGRESS_DEADLINE_SECONDS = 300;
/** On each child: digest of the content that the operator applied last. */
const APPLIED_ANNOTATION = 'copepod.dev/applied';

/** An object owned by a runtime. */
export type Child = KubeObject & Record<string, unknown>;

/**
 * The objects of a runtime as the operator applies them. Pure; the names depend only on the runtime's name.
 * @param secrets what its pods authenticate requests for endpoints by
 */
export function childrenOf(
  runtime: ScriptRuntime,
  replicas: number,
  defaults: PodDefaults,
  secrets: readonly ValueReference[] = [],
): readonly Child[] {
  const meta = metadataFor(runtime);
  return [
    // First: no pod is used before it is in place.
    networkPolicy(runtime, meta, defaults),
    serviceAccount(meta),
    deployment(runtime, meta, { replicas, defaults, secrets }),
    disruptionBudget(runtime, meta),
  ].map(signed);
}

/** Digest of the content a child was made from. */
export const appliedDigest = ({ metadata }: Child): string => metadata.annotations?.[APPLIED_ANNOTATION] ?? '';

/** Digest of the pod template in these children. */
export function templateOf(children: readonly Child[]): string | undefined {
  const { spec } = (children.find(({ kind }) => kind === 'Deployment') ?? {}) as {
    spec?: { template?: { metadata?: ObjectMeta } };
  };
  return spec?.template?.metadata?.annotations?.[TEMPLATE_ANNOTATION];
}

/** Adds the digest of its content to a child: obsolete content is found by it and removed. */
function signed(child: Child): Child {
  const annotations = { ...child.metadata.annotations, [APPLIED_ANNOTATION]: digestOf(child) };
  return { ...child, metadata: { ...child.metadata, annotations } };
}

const digestOf = (value: object): string => hash('sha256', canonicalJson(value as never)).slice(0, 16);

/** Name of all children of a runtime. */
export const childName = (runtimeName: string): string => `copepod-${runtimeName}`;

/** Label selector of a runtime's pods. */
export const podSelector = (runtimeName: string): Record<string, string> => ({ [RUNTIME_LABEL]: runtimeName });

function metadataFor({ apiVersion, kind, metadata }: ScriptRuntime): ObjectMeta {
  const { name, namespace = 'default', uid = '' } = metadata;
  return {
    name: childName(name),
    namespace,
    labels: {
      ...podSelector(name),
      'app.kubernetes.io/name': 'copepod',
      'app.kubernetes.io/component': 'runtime',
      'app.kubernetes.io/managed-by': 'copepod',
    },
    ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
  };
}

/** Pods have a service account without a token: they do not use the API. */
const serviceAccount = (metadata: ObjectMeta): Child => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata,
  automountServiceAccountToken: false,
});

const disruptionBudget = (runtime: ScriptRuntime, metadata: ObjectMeta): Child => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata,
  spec: { maxUnavailable: 1, selector: { matchLabels: podSelector(runtime.metadata.name) } },
});

/** Ingress from the operator, from gateways and from scrapers; egress to what `spec.egress` names. */
const networkPolicy = (
  runtime: ScriptRuntime,
  metadata: ObjectMeta,
  { operatorNamespace, scraperNamespaces, proxies = {} }: PodDefaults,
): Child => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: {
    podSelector: { matchLabels: podSelector(runtime.metadata.name) },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          ...CALLERS.map((matchLabels) => ({
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
            podSelector: { matchLabels },
          })),
          {
            namespaceSelector: {
              matchExpressions: [
                {
                  key: 'kubernetes.io/metadata.name',
                  operator: 'In',
                  values: [...new Set([operatorNamespace, ...scraperNamespaces])].sort(),
                },
              ],
            },
            podSelector: { matchLabels: SCRAPER_LABELS },
          },
        ],
        ports: [{ port: POD_PORT, protocol: 'TCP' }],
      },
    ],
    egress: egressPeers(runtime.spec.egress ?? [], proxies),
  },
});

function deployment(
  { metadata: { name }, spec }: ScriptRuntime,
  metadata: ObjectMeta,
  {
    replicas,
    defaults,
    secrets,
  }: { readonly replicas: number; readonly defaults: PodDefaults; readonly secrets: readonly ValueReference[] },
): Child {
  const { template = {} } = spec;
  const graceSeconds = Math.ceil(parseDuration(spec.limits.timeout) / 1000) + DRAIN_SECONDS;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: podSelector(name) },
      // A new pod is ready before an old one drains: a rollout keeps the capacity.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      progressDeadlineSeconds: PROGRESS_DEADLINE_SECONDS,
      template: podTemplate({
        labels: { ...template.metadata?.labels, ...metadata.labels },
        annotations: { ...template.metadata?.annotations },
        spec: {
          serviceAccountName: metadata.name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: graceSeconds,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(spec, graceSeconds, { defaults, secrets })],
          // Set explicitly, so that the operator owns these fields.
          initContainers: [],
          volumes: valuesVolume(spec, secrets),
          hostNetwork: false,
          hostPID: false,
          hostIPC: false,
          ...scheduling(template),
        },
      }),
    },
  };
}

function podTemplate({
  labels,
  annotations,
  spec,
}: {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: Record<string, unknown>;
}): Record<string, unknown> {
  const digest = digestOf({ labels, annotations, spec });
  return { metadata: { labels, annotations: { ...annotations, [TEMPLATE_ANNOTATION]: digest } }, spec };
}

/** The fields of pods that a runtime's author may set. */
function scheduling(template: NonNullable<ScriptRuntimeSpec['template']>): Record<string, unknown> {
  const { metadata: _metadata, resources: _resources, ...placement } = template;
  return placement;
}

function container(
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
function valuesVolume(spec: ScriptRuntimeSpec, secrets: readonly ValueReference[]): Record<string, unknown>[] {
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
