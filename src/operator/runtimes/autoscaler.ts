/**
 * Decides the number of pods of a runtime from the demand of its executions. After the Knative Pod Autoscaler
 * (pkg/autoscaler/scaling/autoscaler.go): the average over a stable window decides, unless a much shorter panic window
 * shows far too few pods; then no pods are removed until a stable window has passed without panic. Pure: takes time and
 * state, returns the next state.
 */
export interface AutoscalerConfig {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Target number of concurrent executions per pod: its VMs times the target utilization. */
  readonly targetPerPod: number;
  readonly stableWindowMs: number;
}

/** Fixed parameters, with their names and values in Knative. */
export const AUTOSCALER_DEFAULTS = {
  /** Share of the stable window (panic-window-percentage: 10). */
  panicWindowShare: 0.1,
  /** Ratio of desired to current pods from which panic mode starts (panic-threshold-percentage: 200). */
  panicThreshold: 2,
  /** Maximum ratio of pods after one decision (max-scale-up-rate: 1000). */
  maxScaleUpRate: 1000,
  /** Maximum divisor of pods in one decision (max-scale-down-rate: 2, a half). */
  maxScaleDownRate: 2,
} as const;

/** The demand in one second: running, and waiting for a VM. */
interface Bucket {
  readonly second: number;
  readonly sum: number;
  readonly samples: number;
}

export interface AutoscalerState {
  /** Oldest first, none older than the stable window. */
  readonly buckets: readonly Bucket[];
  /** When far too few pods were last observed, in ms; undefined: no panic. */
  readonly panicAt: number | undefined;
  /** Maximum number of desired pods during this panic. */
  readonly panicReplicas: number;
}

export interface Observation {
  /** Any monotonic clock, in ms. */
  readonly now: number;
  /** Executions running or waiting for a VM. */
  readonly demand: number;
  /** Pods that accept executions. */
  readonly readyPods: number;
}

export interface Decision {
  readonly state: AutoscalerState;
  readonly replicas: number;
  readonly isPanic: boolean;
}

/**
 * The initial state. It starts in panic mode with the current pods: a new leader has no samples that justify removing
 * pods.
 */
export function initialState(now: number, replicas: number): AutoscalerState {
  return { buckets: [], panicAt: replicas > 0 ? now : undefined, panicReplicas: replicas };
}

/** Records an observation and decides. */
export function scale(config: AutoscalerConfig, state: AutoscalerState, observation: Observation): Decision {
  const { now, readyPods } = observation;
  const { stableWindowMs, targetPerPod } = config;
  const { panicWindowShare, panicThreshold, maxScaleUpRate, maxScaleDownRate } = AUTOSCALER_DEFAULTS;
  const buckets = record(state.buckets, observation, stableWindowMs);
  const pods = Math.max(1, readyPods);
  const bounded = (demand: number): number => {
    const wanted = Math.ceil(demand / targetPerPod);
    const fewest = Math.floor(pods / maxScaleDownRate);
    return Math.min(Math.max(wanted, wanted === 0 ? 0 : fewest), Math.ceil(pods * maxScaleUpRate));
  };
  const stable = bounded(average(buckets, now, stableWindowMs));
  const panic = bounded(average(buckets, now, stableWindowMs * panicWindowShare));

  const isShort = panic / pods >= panicThreshold;
  const isOver = !isShort && state.panicAt !== undefined && now - state.panicAt >= stableWindowMs;
  const panicAt = isShort ? now : isOver ? undefined : state.panicAt;
  const panicReplicas = panicAt === undefined ? 0 : Math.max(panic, stable, state.panicReplicas);
  const wanted = panicAt === undefined ? stable : panicReplicas;
  return {
    state: { buckets, panicAt, panicReplicas },
    replicas: Math.min(Math.max(wanted, config.minReplicas), config.maxReplicas),
    isPanic: panicAt !== undefined,
  };
}

function record(buckets: readonly Bucket[], { now, demand }: Observation, windowMs: number): readonly Bucket[] {
  const second = Math.floor(now / 1000);
  const last = buckets.at(-1);
  const kept = buckets.filter((bucket) => bucket.second > second - windowMs / 1000);
  if (last?.second !== second) return [...kept, { second, sum: demand, samples: 1 }];
  return [...kept.slice(0, -1), { second, sum: last.sum + demand, samples: last.samples + 1 }];
}

/** Average over the window, or since the first observation if that is later. */
function average(buckets: readonly Bucket[], now: number, windowMs: number): number {
  const from = Math.floor(now / 1000) - Math.max(1, Math.round(windowMs / 1000));
  let sum = 0;
  let seconds = 0;
  for (const { second, sum: total, samples } of buckets) {
    if (second <= from) continue;
    sum += total / samples;
    seconds += 1;
  }
  return seconds === 0 ? 0 : sum / seconds;
}
