import type { Scaler } from './scalers.ts';
import type { Trace } from './traces.ts';

export interface SimulatedRuntime {
  readonly vmsPerPod: number;
  /** Time a script takes on a VM, in seconds. */
  readonly scriptSeconds: number;
  /** From the decision to its first execution, in seconds. */
  readonly podStartSeconds: number;
  readonly firstReplicas: number;
}

export interface Run {
  readonly scaler: string;
  /** One value per second. */
  readonly replicas: readonly number[];
  /** One value per second: the wait for a VM of executions that arrive then, in seconds. */
  readonly waits: readonly number[];
  readonly podSeconds: number;
  readonly meanWait: number;
  readonly p99Wait: number;
}

const STEPS_PER_SECOND = 10;

/** Simulates a load with a scaler: a fluid model of executions, first come first served. Deterministic. */
export function simulate(trace: Trace, runtime: SimulatedRuntime, scaler: Scaler): Run {
  const { vmsPerPod, scriptSeconds, podStartSeconds, firstReplicas } = runtime;
  const arrived: number[] = [0];
  const served: number[] = [0];
  const replicas: number[] = [];
  /** Time at which each desired pod can serve. */
  let pods: number[] = Array.from({ length: firstReplicas }, () => 0);
  let podSeconds = 0;
  let demand = 0;
  let utilization = 0;
  const steps = trace.seconds * STEPS_PER_SECOND;
  for (let step = 0; step < steps; step++) {
    const now = step / STEPS_PER_SECOND;
    if (step % STEPS_PER_SECOND === 0) {
      const readyPods = pods.filter((at) => at <= now).length;
      const wanted = scaler.decide({ second: now, demand, utilization, readyPods, replicas: pods.length });
      // The newest pods are removed first: they have the least work to finish.
      if (wanted < pods.length) pods = pods.slice(0, wanted);
      while (pods.length < wanted) pods.push(now + podStartSeconds);
      replicas.push(wanted);
    }
    const ready = pods.filter((at) => at <= now).length;
    podSeconds += pods.length / STEPS_PER_SECOND;
    const come = trace.arrivals(Math.floor(now)) / STEPS_PER_SECOND;
    const waiting = (arrived.at(-1) as number) + come - (served.at(-1) as number);
    const most = (ready * vmsPerPod) / scriptSeconds / STEPS_PER_SECOND;
    const done = Math.min(waiting, most);
    arrived.push((arrived.at(-1) as number) + come);
    served.push((served.at(-1) as number) + done);
    const running = done * STEPS_PER_SECOND * scriptSeconds;
    demand = running + (waiting - done);
    utilization = ready === 0 ? (waiting > 0 ? 1 : 0) : running / (ready * vmsPerPod);
  }
  return { scaler: scaler.name, replicas, podSeconds, ...waitsOf(trace, arrived, served) };
}

/** First come first served: the nth arrival starts when n executions have been served. */
function waitsOf(
  trace: Trace,
  arrived: readonly number[],
  served: readonly number[],
): Pick<Run, 'waits' | 'meanWait' | 'p99Wait'> {
  const waits: number[] = [];
  const weighted: { wait: number; weight: number }[] = [];
  let at = 0;
  for (let second = 0; second < trace.seconds; second++) {
    const count = arrived[(second + 1) * STEPS_PER_SECOND] as number;
    const weight = trace.arrivals(second);
    while (at < served.length - 1 && (served[at] as number) < count - 1e-6) at++;
    const wait = weight === 0 ? 0 : Math.max(0, at / STEPS_PER_SECOND - (second + 1));
    waits.push(wait);
    if (weight > 0) weighted.push({ wait, weight });
  }
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  weighted.sort((a, b) => a.wait - b.wait);
  let seen = 0;
  const p99 = weighted.find(({ weight }) => {
    seen += weight;
    return seen >= 0.99 * total;
  });
  const meanWait = weighted.reduce((sum, { wait, weight }) => sum + wait * weight, 0) / Math.max(1, total);
  return { waits, meanWait, p99Wait: p99?.wait ?? 0 };
}
