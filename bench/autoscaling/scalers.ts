import { type AutoscalerConfig, initialState, scale } from '../../src/operator/runtimes/autoscaler.ts';

/** What a scaler is shown once a second. */
export interface Seen {
  readonly second: number;
  /** Executions that run, or wait for a VM. */
  readonly demand: number;
  /** Share of the VMs that are busy, 0 to 1. */
  readonly utilization: number;
  readonly readyPods: number;
  /** Pods that there shall be as it is. */
  readonly replicas: number;
}

export interface Scaler {
  readonly name: string;
  /** Pods that there shall be. */
  decide(seen: Seen): number;
}

/** The product's own: the same pure function that the operator calls. */
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

/** The rule of a HorizontalPodAutoscaler on utilization, with Kubernetes' defaults: every 15 s, 10 % tolerance, 5 minutes down. */
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
      // Up by four pods or by all that there are again in 15 s, whichever is more.
      const most = Math.max(replicas + 4, replicas * 2);
      return Math.min(Math.max(1, Math.min(stabilized, most)), maxReplicas);
    },
  };
}

/** As many pods as something else had on average. */
export const fixed = (replicas: number): Scaler => ({ name: 'fixed', decide: () => replicas });
