import type { KubeObject } from '../../kube/object.ts';
import { controllerOf } from '../../kube/owner-references.ts';
import type { Pod } from '../../kube/resources.ts';
import { type DeletionCost, deletionCostOf } from './deletion-cost.ts';
import { type OutcomeBounds, outcomeBoundsOf } from './outcome-bounds.ts';
import { CONTAINER, POD_PORT, RUNTIME_LABEL, TEMPLATE_ANNOTATION } from './pod-template.ts';

/** The cached fields of a runtime's pod. */
export interface KnownPod extends KubeObject {
  /** Key of its ScriptRuntime; undefined if it is not managed by one. */
  readonly runtime: string | undefined;
  readonly address: string | undefined;
  /** It has terminated. */
  readonly isTerminal: boolean;
  readonly standing: Standing;
  readonly deletionCost: DeletionCost;
  /** Changes with each start of its container. */
  readonly life: string;
  /** Limits of its outcomes; undefined: those of the API. */
  readonly outcomeBounds?: OutcomeBounds | undefined;
  /** Digest of its template; undefined: from an earlier version. */
  readonly template?: string | undefined;
  /** Why it does not run, as reported by the kubelet or the scheduler. */
  readonly trouble: PodTrouble | undefined;
}

/** Progress of a pod as the ReplicaSet controller ranks it: the least advanced is deleted first. */
export const STANDINGS = ['unassigned', 'pending', 'unknown', 'unready', 'ready'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface PodTrouble {
  /** Kubernetes' reason: `ErrImagePull`, `CrashLoopBackOff`, `Unschedulable`. */
  readonly reason: string;
  readonly message: string;
}

/** The OOM killer has ended its container. */
export const OOM_KILLED = 'OOMKilled';

/** Reasons of a waiting container that are transient. */
const PASSING = new Set(['ContainerCreating', 'PodInitializing']);

/** The projection of a pod that is cached. */
export function knownPod({ apiVersion, kind, metadata, spec, status }: Pod): KnownPod {
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    labels,
    annotations,
    creationTimestamp,
    deletionTimestamp,
    ownerReferences,
  } = metadata;
  const container = containerOf(status);
  const address = status?.podIP;
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    runtime: runtimeOf(namespace, labels?.[RUNTIME_LABEL], ownerReferences, spec?.hostNetwork),
    address: address === undefined ? undefined : `${address.includes(':') ? `[${address}]` : address}:${POD_PORT}`,
    isTerminal: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    standing: standingOf(spec?.nodeName, status),
    deletionCost: deletionCostOf(annotations),
    life: `${container?.containerID ?? ''}#${container?.restartCount ?? 0}`,
    outcomeBounds: outcomeBoundsOf(spec?.containers.find((each) => each.name === CONTAINER)),
    template: annotations?.[TEMPLATE_ANNOTATION],
    trouble: troubleOf(status),
  };
}

/** A label is not proof: only pods managed by a ReplicaSet of the runtime's Deployment belong to it. */
function runtimeOf(
  namespace: string | undefined,
  label: string | undefined,
  ownerReferences: Pod['metadata']['ownerReferences'],
  hostNetwork: boolean | undefined,
): string | undefined {
  if (namespace === undefined || label === undefined || hostNetwork) return undefined;
  const owner = controllerOf({ metadata: ownerReferences === undefined ? {} : { ownerReferences } });
  if (owner?.kind !== 'ReplicaSet' || !owner.name.startsWith(`copepod-${label}-`)) return undefined;
  return `${namespace}/${label}`;
}

/** The runtime container: a cluster may inject others. */
const containerOf = (status: Pod['status']) => status?.containerStatuses?.find(({ name }) => name === CONTAINER);

function standingOf(nodeName: string | undefined, status: Pod['status']): Standing {
  if (!nodeName) return 'unassigned';
  if (status?.phase === 'Unknown') return 'unknown';
  if (status?.phase !== 'Running') return 'pending';
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? 'ready' : 'unready';
}

function troubleOf(status: Pod['status']): PodTrouble | undefined {
  const unscheduled = status?.conditions?.find(
    ({ type, status: holds }) => type === 'PodScheduled' && holds === 'False',
  );
  if (unscheduled) return { reason: unscheduled.reason ?? 'Unschedulable', message: unscheduled.message ?? '' };
  const container = containerOf(status);
  const waiting = container?.state?.waiting;
  const ended = container?.state?.terminated ?? (container?.ready ? undefined : container?.lastState?.terminated);
  if (ended?.reason === OOM_KILLED) {
    return { reason: OOM_KILLED, message: `its container has been started anew ${container?.restartCount ?? 0} times` };
  }
  if (!waiting?.reason || PASSING.has(waiting.reason)) return undefined;
  return { reason: waiting.reason, message: waiting.message ?? '' };
}
