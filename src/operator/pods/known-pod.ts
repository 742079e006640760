import type { KubeObject } from '../kube/object.ts';
import { controllerOf } from '../kube/owner-references.ts';
import type { Pod } from '../kube/resources.ts';
import { CONTAINER, POD_PORT, RUNTIME_LABEL, TEMPLATE_ANNOTATION } from '../runtimes/children.ts';
import { type DeletionCost, deletionCostOf } from './deletion-cost.ts';
import { type OutcomeBounds, outcomeBoundsOf } from './outcome-bounds.ts';

/** What the operator keeps of a runtime's pod. */
export interface KnownPod extends KubeObject {
  /** Key of the ScriptRuntime that it belongs to; undefined where it only says so. */
  readonly runtime: string | undefined;
  readonly address: string | undefined;
  /** It has ended for good. */
  readonly isTerminal: boolean;
  readonly standing: Standing;
  readonly deletionCost: DeletionCost;
  /** Changes with each start of its container. */
  readonly life: string;
  /** How much of the outcome of a run is taken from it; undefined: as much as the API allows. */
  readonly outcomeBounds?: OutcomeBounds | undefined;
  /** The template that it was made from; undefined: one of before. */
  readonly template?: string | undefined;
  /** Why it does not get to run, where the kubelet or the scheduler says so. */
  readonly trouble: PodTrouble | undefined;
}

/** How far a pod has come, as the ReplicaSet controller looks at it: it deletes what has come the least far first. */
export const STANDINGS = ['unassigned', 'pending', 'unknown', 'unready', 'ready'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface PodTrouble {
  /** One word of Kubernetes': `ErrImagePull`, `CrashLoopBackOff`, `Unschedulable`. */
  readonly reason: string;
  readonly message: string;
}

/** The kernel has ended its container for want of memory. */
export const OOM_KILLED = 'OOMKilled';

/** Reasons of a waiting container that pass by themselves. */
const PASSING = new Set(['ContainerCreating', 'PodInitializing']);

/** Takes from a pod what is kept of it. */
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

/** Anybody who may make pods can label one: only what our Deployment's ReplicaSets manage is a runtime's. */
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

/** Ours: a cluster may put its own beside it. */
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
