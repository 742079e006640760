import type { PodState } from '../cluster/pods/pod-state.ts';
import type { Leadership } from '../kube/leadership.ts';
import type { GaugeMetric, Metrics } from '../kube/metrics.ts';

/** The load of one runtime. */
export interface RuntimeLoad {
  readonly namespace: string;
  /** Name of the ScriptRuntime. */
  readonly runtime: string;
  /** Executions that wait for a slot, and that have one. */
  readonly pending: number;
  readonly running: number;
  /** Desired pods, and pods that accept executions. */
  readonly wanted: number;
  readonly serving: number;
}

/** Values that are read on every scrape. */
export interface TermReadings {
  /** Executions that wait for a slot. */
  readonly pending: () => number;
  /** Executions that pods are running. */
  readonly running: () => number;
  /** Status writes in flight, and their limit. */
  readonly seats: () => { readonly taken: number; readonly limit: number };
  /** Runtime pods by state. */
  readonly pods: () => Readonly<Record<PodState, number>>;
  readonly runtimes: () => Iterable<RuntimeLoad>;
}

const BY_RUNTIME = ['namespace', 'runtime', 'state'];

/**
 * The leader's gauges. On other replicas the totals are 0, and per-pod and per-runtime series are absent: a sum over
 * all operators is the leader's value.
 */
export function tellOfTerm(metrics: Metrics, leadership: Leadership, readings: TermReadings): void {
  const gauge = (name: string, help: string, labelNames: readonly string[], read: (gauge: GaugeMetric) => void): void =>
    void metrics.gauge(
      { name: `copepod_operator_${name}`, help, labelNames },
      (each) => {
        if (leadership.held) read(each);
      },
      leadership.signal,
    );
  const inAll = (name: string, help: string, read: () => number): void =>
    gauge(name, help, [], (each) => each.set({}, read()));
  inAll('executions_pending', 'Executions waiting for a slot on a pod.', readings.pending);
  inAll('executions_running', 'Executions that pods are running.', readings.running);
  const seats = 'Seats for status writes of executions: limit and taken.';
  gauge('dispatch_seats', seats, ['state'], (each) => {
    for (const [state, count] of Object.entries(readings.seats())) each.set({ state }, count);
  });
  gauge('pods', 'Runtime pods, by state.', ['state'], (each) => {
    for (const [state, count] of Object.entries(readings.pods())) each.set({ state }, count);
  });
  const ofEach = (name: string, help: string, states: readonly (keyof RuntimeLoad)[]): void =>
    gauge(name, help, BY_RUNTIME, (each) => {
      for (const load of readings.runtimes()) {
        const { namespace, runtime } = load;
        for (const state of states) each.set({ namespace, runtime, state }, Number(load[state]));
      }
    });
  ofEach('runtime_executions', 'Executions of each runtime: pending and running.', ['pending', 'running']);
  ofEach('runtime_pods', 'Pods of each runtime: wanted (desired) and serving.', ['wanted', 'serving']);
}
