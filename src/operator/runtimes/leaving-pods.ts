import { STANDINGS, type Standing } from '../../cluster/pods/known-pod.ts';

/** An existing pod that is not being deleted. */
export interface PresentPod {
  readonly uid: string;
  readonly standing: Standing;
  /** Deletion cost set by other clients: lower is removed first. */
  readonly cost: number;
  /** It is marked: the ReplicaSet controller removes it before unmarked pods. */
  readonly isMarked: boolean;
  /** It reports that it accepts runs. */
  readonly isServing: boolean;
  /** Its template is older than the Deployment's: it will be replaced anyway. */
  readonly isOutdated: boolean;
  /** Executions that have a slot on it. */
  readonly runs: number;
  readonly createdMs: number;
  /** For how long it has been selected for removal; undefined: it is not. */
  readonly leavingForMs: number | undefined;
}

export interface Departures {
  /** Replicas that the Deployment should have for now. */
  readonly replicas: number;
  /** Uids of the pods selected for removal: they get no new runs. */
  readonly leaving: readonly string[];
  /** The selected pods to mark now: each is removed once its mark is observed. */
  readonly mark: readonly string[];
  /** Uids of pods that stay after all. */
  readonly unmark: readonly string[];
  /** When the result changes by time alone. */
  readonly lookAgainMs: number | undefined;
}

/** A selected pod that is still busy is removed after this time: on SIGTERM it finishes its runs. */
export const PATIENCE_MS = 30_000;
/** After this time a pod is removed without a mark. */
const MARK_WITHIN_MS = 5000;
/** A marked pod that is not removed within this time serves again. */
export const TAKEN_WITHIN_MS = 60_000;

/**
 * Which pods to remove, and how many of them can be removed now because they are idle. The marks are the only state: a
 * new leader continues from them. Pure.
 *
 * @param wanted desired number of pods
 * @param current current replicas of the Deployment; undefined: it does not exist
 */
export function departures(wanted: number, current: number | undefined, pods: readonly PresentPod[]): Departures {
  // When all pods are removed, no selection is needed: they finish their runs. When none is removed, all serve.
  const isChoice = wanted > 0 && current !== undefined && wanted <= current;
  const isFalling = isChoice && wanted < current;
  // Once the Deployment is scaled down, marked pods are being removed.
  const isCandidate = (pod: PresentPod): boolean => isFalling || (pod.isMarked && leftMs(pod, TAKEN_WITHIN_MS) > 0);
  const candidates = isChoice ? pods.filter(isCandidate).toSorted(goesBefore) : [];
  const leaving = candidates.slice(0, Math.max(0, pods.length - wanted));
  const uids = new Set(leaving.map(({ uid }) => uid));
  const isTaken = (pod: PresentPod): boolean => pod.isMarked || leftMs(pod, PATIENCE_MS + MARK_WITHIN_MS) <= 0;
  const isDone = (pod: PresentPod): boolean => pod.runs === 0 || leftMs(pod, PATIENCE_MS) <= 0;
  const dues = leaving.flatMap((pod) => {
    if (pod.isMarked) return isFalling ? [] : [leftMs(pod, TAKEN_WITHIN_MS)];
    return [leftMs(pod, PATIENCE_MS), leftMs(pod, PATIENCE_MS + MARK_WITHIN_MS)];
  });
  const due = Math.min(...dues.filter((ms) => ms > 0));
  const taken = leaving.filter(isTaken).length;
  return {
    replicas: isFalling ? Math.min(current, Math.max(wanted, pods.length - taken)) : wanted,
    leaving: [...uids],
    mark: leaving.filter((pod) => !pod.isMarked && isDone(pod)).map(({ uid }) => uid),
    unmark: pods.filter(({ uid, isMarked }) => isMarked && wanted > 0 && !uids.has(uid)).map(({ uid }) => uid),
    lookAgainMs: Number.isFinite(due) ? due : undefined,
  };
}

const leftMs = ({ leavingForMs = 0 }: PresentPod, ms: number): number => ms - leavingForMs;

/** Ordered criteria: the first in which two pods differ decides, lower is removed first. */
const RANKS: readonly ((pod: PresentPod) => number)[] = [
  // The ReplicaSet controller removes unready pods first, marked or not.
  ({ standing }) => STANDINGS.indexOf(standing),
  // A selected pod stays selected.
  ({ isMarked }) => (isMarked ? 0 : 1),
  ({ leavingForMs }) => (leavingForMs === undefined ? 1 : 0),
  // The user's cost takes precedence over our criteria.
  ({ cost }) => cost,
  ({ isOutdated }) => (isOutdated ? 0 : 1),
  ({ runs }) => runs,
  ({ isServing }) => (isServing ? 1 : 0),
  ({ createdMs }) => -createdMs,
];

function goesBefore(a: PresentPod, b: PresentPod): number {
  for (const rank of RANKS) {
    const difference = rank(a) - rank(b);
    if (difference !== 0) return difference;
  }
  return a.uid < b.uid ? -1 : 1;
}
