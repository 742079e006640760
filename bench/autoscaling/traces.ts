/** The arrival rate of executions per second. */
export interface Trace {
  readonly name: string;
  readonly what: string;
  readonly seconds: number;
  /** Executions a second. */
  arrivals(second: number): number;
}

const PEAK = 4000;

/** The simulated loads: thousands of executions a second at their peaks. */
export const TRACES: readonly Trace[] = [
  {
    name: 'step',
    what: 'a tenth, then all of it, then a tenth again',
    seconds: 900,
    arrivals: (second) => (second >= 120 && second < 540 ? PEAK : PEAK / 10),
  },
  {
    name: 'spike',
    what: 'twenty times as much for twenty seconds, from one second to the next',
    seconds: 600,
    arrivals: (second) => (second >= 120 && second < 140 ? PEAK : PEAK / 20),
  },
  {
    name: 'sawtooth',
    what: 'up in two minutes, down at once, again and again',
    seconds: 960,
    arrivals: (second) => ((second % 120) / 120) * PEAK,
  },
  {
    name: 'diurnal',
    what: 'a day in half an hour',
    seconds: 1800,
    arrivals: (second) => (PEAK / 2) * (1 - Math.cos((2 * Math.PI * second) / 1800)),
  },
  {
    name: 'on-off',
    what: 'half a minute of work, three minutes of nothing',
    seconds: 1260,
    arrivals: (second) => (second % 210 < 30 ? PEAK / 2 : 0),
  },
];
