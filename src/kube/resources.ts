/** Built-in Kubernetes kinds, as far as they are used. */
import type {
  EventsV1Event,
  V1ConfigMap,
  V1Deployment,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1ResourceQuota,
  V1Secret,
  V1SelfSubjectAccessReview,
  V1SelfSubjectReview,
  V1ServiceAccount,
  V1SubjectAccessReview,
  V1TokenReview,
} from '@kubernetes/client-node';
import { defineResource } from './resource.ts';
import type { WireObject } from './wire-type.ts';

export type ConfigMap = WireObject<V1ConfigMap>;
export type Deployment = WireObject<V1Deployment>;
export type Event = WireObject<EventsV1Event>;
export type Lease = WireObject<V1Lease>;
export type Namespace = WireObject<V1Namespace>;
export type NetworkPolicy = WireObject<V1NetworkPolicy>;
export type Pod = WireObject<V1Pod>;
export type PodDisruptionBudget = WireObject<V1PodDisruptionBudget>;
export type ReplicaSet = WireObject<V1ReplicaSet>;
export type ResourceQuota = WireObject<V1ResourceQuota>;
export type Secret = WireObject<V1Secret>;
export type SelfSubjectAccessReview = WireObject<V1SelfSubjectAccessReview>;
export type SelfSubjectReview = WireObject<V1SelfSubjectReview>;
export type ServiceAccount = WireObject<V1ServiceAccount>;
export type SubjectAccessReview = WireObject<V1SubjectAccessReview>;
export type TokenReview = WireObject<V1TokenReview>;

export const CONFIG_MAPS = defineResource<ConfigMap>('v1', 'ConfigMap', 'configmaps');
export const DEPLOYMENTS = defineResource<Deployment>('apps/v1', 'Deployment', 'deployments');
export const EVENTS = defineResource<Event>('events.k8s.io/v1', 'Event', 'events');
export const LEASES = defineResource<Lease>('coordination.k8s.io/v1', 'Lease', 'leases');
export const NAMESPACES = defineResource<Namespace>('v1', 'Namespace', 'namespaces', { namespaced: false });
export const NETWORK_POLICIES = defineResource<NetworkPolicy>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
);
export const PODS = defineResource<Pod>('v1', 'Pod', 'pods');
export const POD_DISRUPTION_BUDGETS = defineResource<PodDisruptionBudget>(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
);
export const REPLICA_SETS = defineResource<ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets');
export const RESOURCE_QUOTAS = defineResource<ResourceQuota>('v1', 'ResourceQuota', 'resourcequotas');
export const SECRETS = defineResource<Secret>('v1', 'Secret', 'secrets');
export const SELF_SUBJECT_ACCESS_REVIEWS = defineResource<SelfSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
  { namespaced: false },
);
export const SELF_SUBJECT_REVIEWS = defineResource<SelfSubjectReview>(
  'authentication.k8s.io/v1',
  'SelfSubjectReview',
  'selfsubjectreviews',
  { namespaced: false },
);
export const SERVICE_ACCOUNTS = defineResource<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts');
export const SUBJECT_ACCESS_REVIEWS = defineResource<SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  { namespaced: false },
);
export const TOKEN_REVIEWS = defineResource<TokenReview>('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', {
  namespaced: false,
});
