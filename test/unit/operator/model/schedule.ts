import fc from 'fast-check';
import type { Channel, Fate } from './network.ts';

/** How a script fares: it completes after 3 ms, 6 s, 25 s; or its sandbox is lost at the first attempt, and the next takes 6 s. */
export const SCRIPTS = ['quick', 'slow', 'long', 'flaky'] as const;
export type Script = (typeof SCRIPTS)[number];

/** Something that somebody does, or that goes wrong. Numbers name whom: the n-th of those that there are, in a circle. */
export type Event =
  | { readonly kind: 'create'; readonly script: Script; readonly backoffLimit: number }
  | {
      readonly kind: 'cancel' | 'rerun' | 'touch' | 'delete' | 'delete slowly' | 'make anew';
      readonly execution: number;
    }
  | { readonly kind: 'destine'; readonly channel: Channel; readonly fate: Fate }
  | {
      readonly kind: 'cut';
      readonly operator: number;
      readonly from: 'the API server' | 'a pod' | 'all pods';
      readonly pod: number;
      readonly ms: number;
    }
  | { readonly kind: PodTrouble; readonly pod: number; readonly ms: number }
  | { readonly kind: OperatorTrouble; readonly operator: number; readonly ms: number };

type PodTrouble = 'pod crashes' | 'pod is deleted' | 'pod vanishes' | 'pod is orphaned' | 'pod is full' | 'pod freezes';
type OperatorTrouble = 'operator crashes' | 'operator stops' | 'operator freezes' | 'watches break' | 'watches lag';

/** What happens after so many happenings of the simulation. */
export interface Moment {
  readonly after: number;
  readonly event: Event;
}

/** All that a simulation depends on. */
export interface Schedule {
  /** Of latencies and other chances; 0: none. */
  readonly seed: number;
  /** How far the pods' clocks are ahead of the operators'. */
  readonly clockSkewS: number;
  readonly moments: readonly Moment[];
}

/**
 * From what is over before it is noticed to what outlives a lease (15 s), an attempt to reach a pod (51 s until no request can
 * be taken any more), and both.
 */
const DURATIONS_MS = [300, 3000, 14_000, 22_000, 36_000, 44_000, 48_000] as const;
const ms = fc.constantFrom(...DURATIONS_MS);
const which = fc.nat({ max: 2 });
/** The kind of an event that there is, as a part of a record. */
const kindOf = <K extends Event['kind']>(kind: K): { kind: fc.Arbitrary<K> } => ({ kind: fc.constant(kind) });

const create = fc.record({
  ...kindOf('create'),
  script: fc.constantFrom(...SCRIPTS),
  backoffLimit: fc.constantFrom(0, 0, 1, 2),
});

const fate = <K extends Fate['kind']>(kind: K): fc.Arbitrary<Fate> =>
  fc.record({ kind: fc.constant(kind), ms }) as fc.Arbitrary<Fate>;
const destine = (channel: Channel, ...kinds: Fate['kind'][]): fc.Arbitrary<Event>[] =>
  kinds.map((kind) => fc.record({ ...kindOf('destine'), channel: fc.constant(channel), fate: fate(kind) }));
const edit = (kind: Extract<Event, { execution: number }>['kind']): fc.Arbitrary<Event> =>
  fc.record({ ...kindOf(kind), execution: which }) as fc.Arbitrary<Event>;
const cut = (from: Extract<Event, { kind: 'cut' }>['from']): fc.Arbitrary<Event> =>
  fc.record({ ...kindOf('cut'), operator: which, from: fc.constant(from), pod: which, ms });
const pod = (kind: PodTrouble): fc.Arbitrary<Event> =>
  fc.record({ ...kindOf(kind), pod: which, ms }) as fc.Arbitrary<Event>;
const operator = (kind: OperatorTrouble): fc.Arbitrary<Event> =>
  fc.record({ ...kindOf(kind), operator: which, ms }) as fc.Arbitrary<Event>;

const often = <T>(...kinds: T[]): T[] => [...kinds, ...kinds, ...kinds];

/** All that can happen; what matters most of all, more often. */
const KINDS: readonly fc.Arbitrary<Event>[] = [
  ...often(create, ...destine('pod run', 'request late'), ...destine('api write', 'request late'), pod('pod is full')),
  ...often(operator('operator crashes'), operator('operator freezes'), operator('watches lag'), pod('pod crashes')),
  ...destine('pod run', 'request lost', 'request twice', 'answer lost', 'answer late'),
  ...destine('api write', 'request lost', 'request twice', 'answer lost', 'answer late'),
  ...destine('api read', 'request lost', 'answer late'),
  ...destine('api list', 'request lost', 'answer late'),
  ...destine('pod question', 'request lost', 'request late', 'answer lost'),
  ...[edit('cancel'), edit('rerun'), edit('touch'), edit('delete'), edit('delete slowly'), edit('make anew')],
  ...[cut('the API server'), cut('a pod'), cut('all pods')],
  ...[pod('pod is deleted'), pod('pod vanishes'), pod('pod is orphaned'), pod('pod freezes')],
  ...[operator('operator stops'), operator('watches break')],
];
/** What is worth a try in this order, whatever else happens between. */
const PLOTS: readonly (readonly fc.Arbitrary<Event>[])[] = [
  // A request that nobody waits for any more, and a pod that takes it when another has got the run.
  [...destine('pod run', 'request late'), pod('pod is full'), operator('operator crashes')],
  [...destine('pod run', 'request late'), pod('pod is full')],
  [...destine('pod run', 'request late'), operator('operator freezes'), pod('pod is full')],
  // An outcome that is not recorded when others come.
  [...destine('pod run', 'answer lost'), create, create, create],
  [create, create, ...destine('api write', 'request lost'), create, create],
  // A new leader whose cache is behind.
  [operator('watches lag'), create, operator('operator crashes')],
  [operator('watches lag'), create, operator('operator stops')],
  // A list of how things were before our own writes.
  [...destine('api list', 'answer late'), operator('watches break'), edit('rerun')],
  [create, ...destine('api list', 'answer late'), operator('watches break'), create],
  // Writes that come late, of a leader that is none any more.
  [...destine('api write', 'request late'), operator('operator freezes')],
  [operator('operator freezes'), ...destine('api write', 'request late'), edit('touch')],
  [create, ...destine('api write', 'request late'), operator('operator crashes'), pod('pod crashes')],
];

/** Mostly close together: what does not overlap is two shorter schedules. */
const after = fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50);
/** Few kinds of events in one schedule, so that each meets the others in many ways: swarm testing, after Groce et al. */
const swarms = fc.uniqueArray(fc.nat({ max: KINDS.length - 1 }), { minLength: 1, maxLength: 4 });
const strays = fc.array(fc.record({ after, choice: fc.nat(), place: fc.nat(), each: fc.tuple(...KINDS) }), {
  maxLength: 8,
});
const plots = fc.oneof(
  fc.constant<Moment[]>([]),
  ...PLOTS.map((plot) => fc.tuple(...plot.map((event) => fc.record({ after, event }))) as fc.Arbitrary<Moment[]>),
);

/** Schedules: something is created, and then a plot, or none, with other events between. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    seed: fc.nat({ max: 0xffff }),
    clockSkewS: fc.constantFrom(0, 0, 9, -9),
    first: create,
    plot: plots,
    swarm: swarms,
    others: strays,
  })
  .map(({ seed, clockSkewS, first, plot, swarm, others }) => {
    const moments = [...plot];
    for (const { after: steps, choice, place, each } of others) {
      const index = swarm[choice % swarm.length] ?? 0;
      moments.splice(place % (moments.length + 1), 0, { after: steps, event: each[index] as Event });
    }
    return { seed, clockSkewS, moments: [{ after: 0, event: first }, ...moments] };
  });

/** A schedule in words, a line an event. */
export function told({ seed, clockSkewS, moments }: Schedule): string {
  const lines = moments.map(({ after, event: { kind, ...more } }) => {
    const details = Object.entries(more).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return `  after ${after}: ${[kind, ...details].join(', ')}`;
  });
  return [`  seed ${seed}, pods' clocks ahead by ${clockSkewS} s`, ...lines].join('\n');
}
