import { hash } from 'node:crypto';
import { canonicalJson } from '../../api/digest.ts';
import { parseDuration } from '../../api/duration.ts';
import type { ValueReference } from '../../api/env.ts';
import type { ScriptRuntime, ScriptRuntimeSpec } from '../../api/types.generated.ts';
import { POD_PORT, RUNTIME_LABEL, TEMPLATE_ANNOTATION } from '../../cluster/pods/pod-template.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { egressPeers } from './egress-policy.ts';
import type { PodDefaults } from './pod-defaults.ts';
import { runtimeContainer, valuesVolume } from './runtime-container.ts';

/** Pods with this label, in a namespace given at installation, may read `/metrics`. */
const SCRAPER_LABELS = { 'copepod.dev/scraper': 'true' };
/** Labels of the pods that send requests to runtime pods: see deploy/. */
const CALLERS = ['operator', 'gateway'].map((component) => ({
  'app.kubernetes.io/name': 'copepod',
  'app.kubernetes.io/component': component,
}));
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
          containers: [runtimeContainer(spec, graceSeconds, { defaults, secrets })],
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
