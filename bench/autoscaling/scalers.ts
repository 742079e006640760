import { type AutoscalerConfig, initialState, scale } from '../../src/operator/runtimes/autoscaler.ts';

/** Input of a scaler, once a second. */
export interface Seen {
  readonly second: number;
  /** Executions that are running or waiting for a VM. */
  readonly demand: number;
  /** Share of busy VMs, 0 to 1. */
  readonly utilization: number;
  readonly readyPods: number;
  /** Current desired number of pods. */
  readonly replicas: number;
}

export interface Scaler {
  readonly name: string;
  /** Returns the desired number of pods. */
  decide(seen: Seen): number;
}

/** Copepod's autoscaler: the pure function the operator calls. */
export function copepod(config: AutoscalerConfig): Scaler {
  let state = initialState(0, config.minReplicas);
  return {
    name: 'copepod',
    decide({ second, demand, readyPods }) {
      const decision = scale(config, state, { now: second * 1000, demand, readyPods });
      state = decision.state;
      return decision.replicas;
    },
  };
}

/**
 * The rule of a HorizontalPodAutoscaler on utilization with Kubernetes' defaults: every 15 s, 10 % tolerance, 5 minutes
 * down.
 */
export function hpa({ target, maxReplicas }: { target: number; maxReplicas: number }): Scaler {
  const wanted: { second: number; replicas: number }[] = [];
  return {
    name: 'HPA',
    decide({ second, utilization, replicas }) {
      if (second % 15 !== 0) return replicas;
      const ratio = utilization / target;
      const raw = Math.abs(ratio - 1) <= 0.1 ? replicas : Math.ceil(Math.max(1, replicas) * ratio);
      wanted.push({ second, replicas: raw });
      while ((wanted[0]?.second ?? second) < second - 300) wanted.shift();
      const stabilized = raw < replicas ? Math.max(...wanted.map((each) => each.replicas)) : raw;
      // Scales up by four pods or 100 %, whichever is more, per 15 s.
      const most = Math.max(replicas + 4, replicas * 2);
      return Math.min(Math.max(1, Math.min(stabilized, most)), maxReplicas);
    },
  };
}

/** A constant number of pods. */
export const fixed = (replicas: number): Scaler => ({ name: 'fixed', decide: () => replicas });
