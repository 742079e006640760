import fc from 'fast-check';
import type { Channel, Fate } from './network.ts';

/** A script completes after 3 ms, 6 s or 25 s; or its sandbox is lost at the first attempt, and the next takes 6 s. */
export const SCRIPTS = ['quick', 'slow', 'long', 'flaky'] as const;
export type Script = (typeof SCRIPTS)[number];

/** A user's action or a fault. Numbers select its object: the n-th of the existing ones, modulo their number. */
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

/** An event after a number of simulation steps. */
export interface Moment {
  readonly after: number;
  readonly event: Event;
}

/** The input of a simulation. */
export interface Schedule {
  /** Seed of latencies and other random values; 0: none. */
  readonly seed: number;
  /** How far the pods' clocks are ahead of the operators' clocks. */
  readonly clockSkewS: number;
  readonly moments: readonly Moment[];
}

/**
 * Durations from unnoticeable to longer than a lease (15 s), the time in which a request to a pod is accepted (51 s), and
 * both.
 */
const DURATIONS_MS = [300, 3000, 14_000, 22_000, 36_000, 44_000, 48_000] as const;
const ms = fc.constantFrom(...DURATIONS_MS);
const which = fc.nat({ max: 2 });
/** The fields of one kind of event. */
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

/** All events; the most relevant ones are more frequent. */
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
/** Sequences worth trying, with other events in between. */
const PLOTS: readonly (readonly fc.Arbitrary<Event>[])[] = [
  // An abandoned request that a pod accepts after another one has got the run.
  [...destine('pod run', 'request late'), pod('pod is full'), operator('operator crashes')],
  [...destine('pod run', 'request late'), pod('pod is full')],
  [...destine('pod run', 'request late'), operator('operator freezes'), pod('pod is full')],
  // An outcome that is not recorded when further ones arrive.
  [...destine('pod run', 'answer lost'), create, create, create],
  [create, create, ...destine('api write', 'request lost'), create, create],
  // A new leader with a stale cache.
  [operator('watches lag'), create, operator('operator crashes')],
  [operator('watches lag'), create, operator('operator stops')],
  // A list from before own writes.
  [...destine('api list', 'answer late'), operator('watches break'), edit('rerun')],
  [create, ...destine('api list', 'answer late'), operator('watches break'), create],
  // Late writes of a former leader.
  [...destine('api write', 'request late'), operator('operator freezes')],
  [operator('operator freezes'), ...destine('api write', 'request late'), edit('touch')],
  [create, ...destine('api write', 'request late'), operator('operator crashes'), pod('pod crashes')],
];

/** Mostly close together: events that do not overlap are two shorter schedules. */
const after = fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50);
/** Few kinds of events per schedule, so that they interact in many ways (swarm testing, Groce et al.). */
const swarms = fc.uniqueArray(fc.nat({ max: KINDS.length - 1 }), { minLength: 1, maxLength: 4 });
const strays = fc.array(fc.record({ after, choice: fc.nat(), place: fc.nat(), each: fc.tuple(...KINDS) }), {
  maxLength: 8,
});
const plots = fc.oneof(
  fc.constant<Moment[]>([]),
  ...PLOTS.map((plot) => fc.tuple(...plot.map((event) => fc.record({ after, event }))) as fc.Arbitrary<Moment[]>),
);

/** Schedules: a create, then possibly one of the sequences, with other events in between. */
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

/** A readable schedule, one event per line. */
export function told({ seed, clockSkewS, moments }: Schedule): string {
  const lines = moments.map(({ after, event: { kind, ...more } }) => {
    const details = Object.entries(more).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return `  after ${after}: ${[kind, ...details].join(', ')}`;
  });
  return [`  seed ${seed}, pods' clocks ahead by ${clockSkewS} s`, ...lines].join('\n');
}
