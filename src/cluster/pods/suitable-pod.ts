import type { LimitValues } from '../../api/limits.ts';
import { hasValues, type NeededValues } from './pod-values.ts';
import type { ServingPod } from './serving-pod.ts';

/** What a run needs of its pod. */
export interface PodNeeds {
  /** The promised limits: the pod must have at least these. */
  readonly limits: LimitValues;
  /** The values of Secrets and ConfigMaps that the pod must have. */
  readonly values?: NeededValues | undefined;
}

/** How many pods of a runtime are suitable. */
export type Fit = 'all' | 'some' | 'none';

/** Whether a pod has all that a run needs. Pure. */
export const isSuitable = (pod: ServingPod, { limits, values }: PodNeeds): boolean =>
  hasLimits(pod, limits) && hasValues(pod, values);

/** How many of these pods have all that a run needs; all if there is no pod. Pure. */
export function fitOf(pods: Iterable<ServingPod>, needs: PodNeeds): Fit {
  const fit = new Set<boolean>();
  for (const pod of pods) fit.add(isSuitable(pod, needs));
  if (!fit.has(false)) return 'all';
  return fit.has(true) ? 'some' : 'none';
}

const hasLimits = ({ limits }: ServingPod, promised: LimitValues): boolean =>
  (Object.keys(promised) as (keyof LimitValues)[]).every((name) => promised[name] <= limits[name]);
