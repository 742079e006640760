/**
 * How many pods a runtime should have, by how much its executions ask for. After the Knative Pod Autoscaler
 * (pkg/autoscaler/scaling/autoscaler.go): an average over a stable window decides, unless a much shorter panic window says
 * that there are far too few; then nothing is taken away until that has been over for a stable window. Pure: time and
 * state come in, the next state goes out.
 */
export interface AutoscalerConfig {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Executions at once that a pod should have: its VMs times the target utilization. */
  readonly targetPerPod: number;
  readonly stableWindowMs: number;
}

/** Fixed, as hardly anybody turns them: each with what it is in Knative. */
export const AUTOSCALER_DEFAULTS = {
  /** Of the stable window (panic-window-percentage: 10). */
  panicWindowShare: 0.1,
  /** Pods wanted to pods there are, from which on it is panic (panic-threshold-percentage: 200). */
  panicThreshold: 2,
  /** In one decision at most so many times as many pods (max-scale-up-rate: 1000). */
  maxScaleUpRate: 1000,
  /** And at least this share of them (max-scale-down-rate: 2, a half). */
  maxScaleDownRate: 2,
} as const;

/** The demand seen in one second: running, and waiting for a VM. */
interface Bucket {
  readonly second: number;
  readonly sum: number;
  readonly samples: number;
}

export interface AutoscalerState {
  /** Oldest first, no older than the stable window. */
  readonly buckets: readonly Bucket[];
  /** When it was last seen that there are far too few pods, in ms; undefined: no panic. */
  readonly panicAt: number | undefined;
  /** The most pods that were wanted in this panic. */
  readonly panicReplicas: number;
}

export interface Observation {
  /** Any steady clock, ms. */
  readonly now: number;
  /** Executions that run, or wait for a VM. */
  readonly demand: number;
  /** Pods that take executions. */
  readonly readyPods: number;
}

export interface Decision {
  readonly state: AutoscalerState;
  readonly replicas: number;
  readonly isPanic: boolean;
}

/**
 * The state of an autoscaler that has seen nothing. It begins in panic with the pods there are: what an operator that has
 * just come does not know is no reason to take pods away.
 */
export function initialState(now: number, replicas: number): AutoscalerState {
  return { buckets: [], panicAt: replicas > 0 ? now : undefined, panicReplicas: replicas };
}

/** Takes an observation and decides. */
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

/** Over the window, or over the time since the first observation where that is shorter. */
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
