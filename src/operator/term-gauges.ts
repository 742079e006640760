import type { Leadership } from './kube/leadership.ts';
import type { GaugeMetric, Metrics } from './kube/metrics.ts';
import type { PodState } from './pods/pod-state.ts';

/** What there is of one runtime. */
export interface RuntimeLoad {
  readonly namespace: string;
  /** Name of the ScriptRuntime. */
  readonly runtime: string;
  /** Executions that wait for a place on a pod, and that have one. */
  readonly pending: number;
  readonly running: number;
  /** Pods that there should be, and that take executions. */
  readonly wanted: number;
  readonly serving: number;
}

/** Read when somebody reads the metrics. */
export interface TermReadings {
  /** Executions that wait for a place on a pod. */
  readonly pending: () => number;
  /** Executions that pods have. */
  readonly running: () => number;
  /** Writes of executions' statuses that are under way, and how many may be. */
  readonly seats: () => { readonly taken: number; readonly limit: number };
  /** Runtime pods, by what they are to the operator. */
  readonly pods: () => Readonly<Record<PodState, number>>;
  readonly runtimes: () => Iterable<RuntimeLoad>;
}

const BY_RUNTIME = ['namespace', 'runtime', 'state'];

/**
 * What the leader alone knows, as gauges. While nobody has it here, in all there is 0, and of pods and runtimes there are no series: a sum
 * over all operators is the leader's number.
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
  inAll('executions_pending', 'Executions that wait for a place on a pod.', readings.pending);
  inAll('executions_running', 'Executions that pods have.', readings.running);
  const seats = 'Writes of statuses of executions that may be under way at once (limit), and that are (taken).';
  gauge('dispatch_seats', seats, ['state'], (each) => {
    for (const [state, count] of Object.entries(readings.seats())) each.set({ state }, count);
  });
  gauge('pods', 'Runtime pods, by what they are to the operator.', ['state'], (each) => {
    for (const [state, count] of Object.entries(readings.pods())) each.set({ state }, count);
  });
  const ofEach = (name: string, help: string, states: readonly (keyof RuntimeLoad)[]): void =>
    gauge(name, help, BY_RUNTIME, (each) => {
      for (const load of readings.runtimes()) {
        const { namespace, runtime } = load;
        for (const state of states) each.set({ namespace, runtime, state }, Number(load[state]));
      }
    });
  ofEach('runtime_executions', 'Executions of each runtime that wait for a place on its pods, and that run on them.', [
    'pending',
    'running',
  ]);
  ofEach('runtime_pods', 'Pods that each runtime should have, and those of them that take executions.', [
    'wanted',
    'serving',
  ]);
}
