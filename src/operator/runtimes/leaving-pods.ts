import { STANDINGS, type Standing } from '../pods/known-pod.ts';

/** A pod that there is, and that nobody has deleted yet. */
export interface PresentPod {
  readonly uid: string;
  readonly standing: Standing;
  /** What somebody else wants it to cost to delete: lower goes first. */
  readonly cost: number;
  /** It is marked: the ReplicaSet controller takes it before those that are not. */
  readonly isMarked: boolean;
  /** It says that it takes runs, or would if it was asked to. */
  readonly isServing: boolean;
  /** It is of an older template than the Deployment's: it goes anyway. */
  readonly isOutdated: boolean;
  /** Executions that have a place on it. */
  readonly runs: number;
  readonly createdMs: number;
  /** For how long it has been chosen to go; undefined: it is not. */
  readonly leavingForMs: number | undefined;
}

export interface Departures {
  /** Pods that the Deployment shall have for now. */
  readonly replicas: number;
  /** Uids of the pods that are chosen to go: they get nothing new. */
  readonly leaving: readonly string[];
  /** Of these, the ones to mark now: each is taken as soon as its mark is seen. */
  readonly mark: readonly string[];
  /** Uids of pods that stay after all. */
  readonly unmark: readonly string[];
  /** When time alone changes this. */
  readonly lookAgainMs: number | undefined;
}

/** A pod that is chosen and still busy is taken then all the same: told to end, it finishes what it runs. */
export const PATIENCE_MS = 30_000;
/** Where a mark can't be set, it is done without. */
const MARK_WITHIN_MS = 5000;
/** A pod that is marked and that nobody takes serves again. */
export const TAKEN_WITHIN_MS = 60_000;

/**
 * Which pods go when there shall be fewer, and how many may go already: those that have nothing left to run. The marks are the
 * memory: an operator that comes in the middle goes on from them. Pure.
 *
 * @param wanted pods that there should be
 * @param current pods that the Deployment shall have as it is; undefined: there is none
 */
export function departures(wanted: number, current: number | undefined, pods: readonly PresentPod[]): Departures {
  // Where all go nobody has to choose, and they finish what they run; where none goes, all serve.
  const isChoice = wanted > 0 && current !== undefined && wanted <= current;
  const isFalling = isChoice && wanted < current;
  // Once the Deployment knows, those that are marked are on their way out.
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

/** By the first of these in which two pods differ, the one with less goes first. */
const RANKS: readonly ((pod: PresentPod) => number)[] = [
  // The ReplicaSet controller takes first what is not ready, whatever is marked.
  ({ standing }) => STANDINGS.indexOf(standing),
  // What is chosen stays chosen.
  ({ isMarked }) => (isMarked ? 0 : 1),
  ({ leavingForMs }) => (leavingForMs === undefined ? 1 : 0),
  // What somebody else has said counts more than what we think.
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
