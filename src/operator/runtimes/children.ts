import { hash } from 'node:crypto';
import { canonicalJson } from '../../api/digest.ts';
import { parseDuration } from '../../api/duration.ts';
import { formatBytes, parseBytes } from '../../api/quantity.ts';
import type { ScriptRuntime, ScriptRuntimeSpec } from '../../api/types.generated.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';

/** What all runtimes' pods have in common: set when the operator is installed. */
export interface PodDefaults {
  /** Container image where a runtime names none: the operator's own. */
  readonly image: string;
  /** The operator's public key as JWK text; pods believe what it signs. */
  readonly publicKey: string;
  /** Where the operator runs: only its pods may speak to a runtime's. */
  readonly operatorNamespace: string;
  /** Beside the operator's own: namespaces whose pods may read `/metrics`, where they carry the scraper's label. */
  readonly scraperNamespaces: readonly string[];
}

export const RUNTIME_LABEL = 'copepod.dev/runtime';
/** Selects the objects of all runtimes, their pods among them. */
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=copepod';
export const POD_PORT = 8080;
/** Name of the container that runs scripts; others may stand beside it. */
export const CONTAINER = 'runtime';
/** Pods that carry this label, in a namespace that the installer has named, may read `/metrics`. */
const SCRAPER_LABELS = { 'copepod.dev/scraper': 'true' };
const OPERATOR_LABELS = { 'app.kubernetes.io/name': 'copepod', 'app.kubernetes.io/component': 'operator' };
/** What a pod needs beside its VMs: the supervisor, its buffers, and the ids of ten million runs that are over. */
const SUPERVISOR_BYTES = 320 << 20;
/** What a VM holds beside its limit: an idle sandbox process, and what grows between two looks at it. */
const VM_OVERHEAD_BYTES = 128 << 20;
/** What a pod needs of its grace period to end its sandboxes in. */
const CLOSING_SECONDS = 2;
/** Time beyond the longest script for outcomes to be fetched. */
const DRAIN_SECONDS = 30;
/** How long pods may take to become ready before that counts as a failure: a new node takes minutes. */
const PROGRESS_DEADLINE_SECONDS = 300;
/** On each child: what the operator applied last. */
const APPLIED_ANNOTATION = 'copepod.dev/applied';
/** On each pod: the template that it was made from. */
export const TEMPLATE_ANNOTATION = 'copepod.dev/template';

/** An object that a runtime owns. */
export type Child = KubeObject & Record<string, unknown>;

/** The objects of a runtime, each as the operator applies it. Pure; the names follow from the runtime's alone. */
export function childrenOf(runtime: ScriptRuntime, replicas: number, defaults: PodDefaults): readonly Child[] {
  const meta = metadataFor(runtime);
  return [
    // First: no pod is used before it is there.
    networkPolicy(runtime, meta, defaults),
    serviceAccount(meta),
    deployment(runtime, meta, replicas, defaults),
    disruptionBudget(runtime, meta),
  ].map(signed);
}

/** What a child was made from, as it is known by. */
export const appliedDigest = ({ metadata }: Child): string => metadata.annotations?.[APPLIED_ANNOTATION] ?? '';

/** The template that the pods of these children are made from, as it is known by. */
export function templateOf(children: readonly Child[]): string | undefined {
  const { spec } = (children.find(({ kind }) => kind === 'Deployment') ?? {}) as {
    spec?: { template?: { metadata?: ObjectMeta } };
  };
  return spec?.template?.metadata?.annotations?.[TEMPLATE_ANNOTATION];
}

/** A child that says what it was made from: what is no longer wanted of it is found by that, and taken back. */
function signed(child: Child): Child {
  const annotations = { ...child.metadata.annotations, [APPLIED_ANNOTATION]: digestOf(child) };
  return { ...child, metadata: { ...child.metadata, annotations } };
}

const digestOf = (value: object): string => hash('sha256', canonicalJson(value as never)).slice(0, 16);

/** Name of every child of a runtime. */
export const childName = (runtimeName: string): string => `copepod-${runtimeName}`;

/** Selects the pods of a runtime. */
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

/** Pods need a name of their own, and no token: they speak to nobody. */
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

/** In: the operator, and who may scrape. Out: nothing. */
const networkPolicy = (
  runtime: ScriptRuntime,
  metadata: ObjectMeta,
  { operatorNamespace, scraperNamespaces }: PodDefaults,
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
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
            podSelector: { matchLabels: OPERATOR_LABELS },
          },
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
    egress: [],
  },
});

function deployment(
  { metadata: { name }, spec }: ScriptRuntime,
  metadata: ObjectMeta,
  replicas: number,
  defaults: PodDefaults,
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
      // A new pod is ready before an old one drains: a change of the runtime costs no capacity.
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
          containers: [container(spec, graceSeconds, defaults)],
          // Said, so that nobody else can say otherwise.
          initContainers: [],
          volumes: [],
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

/** What the author of a runtime may say of its pods, and nothing else. */
function scheduling(template: NonNullable<ScriptRuntimeSpec['template']>): Record<string, unknown> {
  const { metadata: _metadata, resources: _resources, ...placement } = template;
  return placement;
}

function container(spec: ScriptRuntimeSpec, graceSeconds: number, defaults: PodDefaults): Record<string, unknown> {
  const { pool, cache, limits } = spec;
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
      { name: 'COPEPOD_GRACE_SECONDS', value: String(graceSeconds - CLOSING_SECONDS) },
      { name: 'COPEPOD_RUNTIME_CONFIG', value: JSON.stringify({ pool, cache, limits }) },
    ],
    ports: [{ name: 'http', containerPort: POD_PORT, protocol: 'TCP' }],
    readinessProbe: probe('/readyz', 1),
    livenessProbe: { ...probe('/healthz', 10), failureThreshold: 6 },
    resources: spec.template?.resources ?? defaultResources(spec),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** The memory that the runtime container has where `spec.template.resources` does not say. */
export function memoryLimitOf({ pool, limits }: ScriptRuntimeSpec): string {
  return formatBytes(SUPERVISOR_BYTES + (pool.size + 1) * (parseBytes(limits.memory) + VM_OVERHEAD_BYTES));
}

/** Memory for every VM at its limit, so that one tenant's use never has the kernel end another's pod. */
function defaultResources(spec: ScriptRuntimeSpec): Record<string, unknown> {
  const idle = SUPERVISOR_BYTES + (spec.pool.size + 1) * (64 << 20);
  return {
    requests: { cpu: '100m', memory: formatBytes(idle) },
    limits: { memory: memoryLimitOf(spec) },
  };
}
