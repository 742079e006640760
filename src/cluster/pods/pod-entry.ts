import { backoffMs } from '../../kube/backoff.ts';
import type { KnownPod } from './known-pod.ts';
import { type PodState, podState } from './pod-state.ts';
import type { ServingPod } from './serving-pod.ts';

/** How often a pod that serves is asked how it is. */
const SERVING_EVERY_MS = 5000;
/**
 * One that starts is asked often until it listens: an execution may wait for it, and the kubelet looks once a second. Then it
 * keeps the question until it serves.
 */
const STARTING_EVERY_MS = 50;
const TROUBLED_EVERY_MS = 1000;
/** One whose answers are not in our protocol is asked ever more seldom: to read them costs others time. */
const UNREADABLE = { baseMs: 100, maxMs: 10_000 };
/** One that ends tells for the last time what it has done. */
const ENDING_EVERY_MS = 250;
const STARTING_FOR_MS = 30_000;
/** One that says that it is ready, and refuses again and again, is left out ever longer: others shall get what it refuses. */
const REFUSING = { baseMs: 100, maxMs: 10_000 };

/** What a directory knows of a pod. */
export interface Entry {
  pod: KnownPod;
  readonly stop: AbortController;
  /** Ends the present pause. */
  wake: AbortController;
  /** As it says itself. */
  serving: ServingPod | undefined;
  /** It gets nothing new: others shall be used. */
  isWithheld: boolean;
  /** As others see it. */
  offered: ServingPod | undefined;
  notServingSince: number | undefined;
  /** How its last answer failed. */
  failure: 'refusing' | 'unreachable' | undefined;
  /** Answers in a row that were not in our protocol. */
  unreadable: number;
  hasAnswered: boolean;
  isDraining: boolean;
  /** How often in a row it was suspected while it was said to serve, and until when it gets nothing for that. */
  suspicions: number;
  leftOutUntil: number;
}

/** Of a pod that has not been asked yet. */
export const newEntry = (pod: KnownPod): Entry => ({
  pod,
  stop: new AbortController(),
  wake: new AbortController(),
  serving: undefined,
  isWithheld: false,
  offered: undefined,
  notServingSince: undefined,
  failure: undefined,
  unreadable: 0,
  hasAnswered: false,
  isDraining: false,
  suspicions: 0,
  leftOutUntil: 0,
});

/** A pod that was said to serve is suspected. The first time it is enough that it says how it is: it may have begun to drain, or anew. */
export function leaveOut(entry: Entry, now: number): void {
  if (now > entry.leftOutUntil + REFUSING.maxMs) entry.suspicions = 0;
  entry.leftOutUntil = now + (entry.suspicions === 0 ? 0 : backoffMs(entry.suspicions, REFUSING));
  entry.suspicions += 1;
}

/** The pause until it is asked again, in milliseconds. */
export function intervalMs({ pod, serving, notServingSince, leftOutUntil, unreadable }: Entry): number {
  if (unreadable > 0) return backoffMs(unreadable, UNREADABLE);
  if (pod.metadata.deletionTimestamp !== undefined) return ENDING_EVERY_MS;
  if (serving !== undefined) return SERVING_EVERY_MS;
  const leftOutMs = leftOutUntil - performance.now();
  if (leftOutMs > 0) return Math.min(SERVING_EVERY_MS, leftOutMs);
  return isLong(notServingSince) ? TROUBLED_EVERY_MS : STARTING_EVERY_MS;
}

/** Longer than a start takes. */
const isLong = (since: number | undefined): boolean =>
  since !== undefined && performance.now() - since > STARTING_FOR_MS;

export function stateOf(entry: Entry): PodState {
  const { pod, serving, isWithheld, isDraining, leftOutUntil, failure, hasAnswered, notServingSince } = entry;
  return podState({
    isServing: serving !== undefined,
    isEnding: isWithheld || isDraining || pod.metadata.deletionTimestamp !== undefined,
    isLeftOut: performance.now() < leftOutUntil,
    failure,
    hasStarted: hasAnswered || isLong(notServingSince),
  });
}
