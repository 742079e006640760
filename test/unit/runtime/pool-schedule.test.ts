import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type IdleVM,
  nextStep,
  type PlanOptions,
  type PoolState,
  plan,
  TURN_MS,
} from '../../../src/runtime/pool-schedule.ts';
import { type Job, type Settings, simulate } from './pool-simulation.ts';

interface Vm extends IdleVM {
  readonly name: string;
}

/** `A@0` is an idle VM that tenant A got at 0 ms, `A@0:7` one that holds 7 bytes; `-` one that nobody has used. */
const vms = (names: string): Vm[] =>
  names
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => {
      const [tenantKey = '', turn = '0', held = '0'] = name.split(/[@:]/);
      const heldBytes = Number(held);
      return { name, tenantKey: tenantKey === '-' ? undefined : tenantKey, turnStartedAt: Number(turn), heldBytes };
    });

const stateOf = (
  waiters: string,
  idle: string,
  rest: Partial<PoolState<{ tenantKey: string }, Vm>> = {},
): PoolState<{ tenantKey: string }, Vm> => ({
  waiters: new Set(waiters.split(' ').flatMap((tenantKey) => (tenantKey === '' ? [] : [{ tenantKey }]))),
  idle: vms(idle),
  busy: 0,
  starting: 0,
  size: 2,
  isolation: 'Process',
  now: 10_000,
  ...rest,
});

/** A decision in words: whose turn, with which VM. */
function decided(state: PoolState<{ tenantKey: string }, Vm>): string {
  const decision = nextStep(state);
  if (decision.kind === 'wait') return 'wait';
  const place = [...state.waiters].indexOf(decision.waiter);
  return `${decision.waiter.tenantKey}#${place} with ${decision.vm.name}${decision.reset ? ', renewed' : ''}`;
}

describe('who gets which VM next', () => {
  test.each([
    { what: 'nobody waits', waiters: '', idle: '- -', so: 'wait' },
    { what: 'there is no VM', waiters: 'A', idle: '', so: 'wait' },
    { what: 'as many run as may', waiters: 'A', idle: '-', busy: 2, so: 'wait' },
    { what: 'a VM that nobody has used serves the first', waiters: 'A B', idle: '- -', so: 'A#0 with -' },
    { what: 'a tenant gets its own VM', waiters: 'B', idle: '- A@0 B@0', so: 'B#0 with B@0' },
    { what: 'its own before an unused one', waiters: 'A', idle: '- A@0', so: 'A#0 with A@0' },
    { what: 'of its own, the one idle for the longest', waiters: 'A', idle: 'A@1 A@2', so: 'A#0 with A@1' },
    { what: 'in its turn a tenant goes on', waiters: 'B A', idle: '- A@9971', so: 'A#1 with A@9971' },
    { what: 'after its turn it waits like the others', waiters: 'B A', idle: '- A@9970', so: 'B#0 with -' },
    {
      what: 'those who can go on do so while a process starts',
      waiters: 'B A',
      idle: 'A@0',
      starting: 1,
      so: 'A#1 with A@0',
    },
    { what: 'but not while none does', waiters: 'B A', idle: 'A@0', so: 'wait' },
    { what: "another tenant's process is never taken", waiters: 'B', idle: 'A@0', starting: 1, so: 'wait' },
  ])('Process: $what', ({ waiters, idle, so, busy = 0, starting = 0 }) => {
    expect(decided(stateOf(waiters, idle, { busy, starting }))).toBe(so);
  });

  test.each([
    { what: "another tenant's VM is renewed", waiters: 'B', idle: 'A@0', so: 'B#0 with A@0, renewed' },
    { what: 'the one idle for the longest', waiters: 'C', idle: 'A@0 B@0', so: 'C#0 with A@0, renewed' },
    { what: 'an unused one comes first', waiters: 'B', idle: 'A@0 -', so: 'B#0 with -' },
    { what: 'its own comes first of all', waiters: 'B', idle: '- A@0 B@0', so: 'B#0 with B@0' },
    { what: 'in its turn a tenant goes on', waiters: 'B A', idle: 'A@9990', so: 'A#1 with A@9990' },
    { what: 'a turn is short', waiters: 'B A', idle: 'A@9985', so: 'B#0 with A@9985, renewed' },
  ])('Isolate: $what', ({ waiters, idle, so }) => {
    expect(decided(stateOf(waiters, idle, { isolation: 'Isolate' }))).toBe(so);
  });
});

describe('how many VMs start and end', () => {
  const planned = (
    state: Partial<PoolState<{ tenantKey: string }, Vm>> & { waiters?: never; idle?: never },
    waiters: string,
    idle: string,
    options: Partial<PlanOptions>,
  ): string => {
    const { start, end } = plan(stateOf(waiters, idle, state), {
      spares: 1,
      lazy: false,
      idleMemoryBytes: 0,
      ...options,
    });
    return `start ${start}${end.length === 0 ? '' : `, end ${end.map((vm) => vm.name).join(' ')}`}`;
  };

  test.each([
    { what: 'a pool fills up one by one', waiters: '', idle: '', so: 'start 1' },
    { what: 'with its spares', waiters: '', idle: '- -', so: 'start 1' },
    { what: 'and no further', waiters: '', idle: '- - -', so: 'start 0' },
    { what: 'the next when the one before it has come', waiters: '', idle: '-', starting: 1, so: 'start 0' },
    { what: 'but at once as many as wait, and the spares', waiters: 'A B', idle: '', so: 'start 3' },
    { what: 'of several spares one with them', waiters: 'A B', idle: '', spares: 4, so: 'start 3' },
    { what: 'and the others one by one', waiters: '', idle: 'A@0 B@0 -', spares: 4, so: 'start 1' },
    {
      what: 'each when the one before it has come',
      waiters: '',
      idle: 'A@0 B@0 -',
      spares: 4,
      starting: 1,
      so: 'start 0',
    },
    { what: 'until all are there', waiters: '', idle: 'A@0 B@0 - - - -', spares: 4, so: 'start 0' },
    { what: 'what is on its way counts for those', waiters: 'A B', idle: '', starting: 1, so: 'start 2' },
    { what: 'what is busy counts', waiters: '', idle: '-', busy: 2, so: 'start 0' },
    { what: 'a used VM takes no place of a spare', waiters: '', idle: 'A@0', busy: 1, so: 'start 1' },
    {
      what: 'too many used ones: the one idle for the longest ends',
      waiters: '',
      idle: 'A@0 B@0',
      busy: 1,
      so: 'start 1, end A@0',
    },
    { what: 'room is made for a new tenant', waiters: 'C', idle: 'A@0 B@0', spares: 0, so: 'start 1, end A@0' },
    { what: 'no room is made while all run', waiters: 'C', idle: '', busy: 2, spares: 0, so: 'start 0' },
    { what: 'a VM on its way is room enough', waiters: 'C', idle: 'A@0', spares: 0, starting: 1, so: 'start 0' },
    { what: 'nor for a tenant that has a VM', waiters: 'A', idle: 'A@0 B@0', spares: 0, so: 'start 0' },
    { what: 'a lazy pool starts nothing', waiters: '', idle: '', lazy: true, so: 'start 0' },
    {
      what: 'VMs beyond the size stay while memory allows',
      waiters: '',
      idle: '- A@0:3 B@0:3 C@0:3',
      memory: 3,
      so: 'start 0',
    },
    {
      what: 'and those idle for the longest end where it does not',
      waiters: '',
      idle: '- A@0:3 B@0:2 C@0:3 D@0:3',
      memory: 3,
      so: 'start 0, end A@0:3',
    },
    {
      what: 'one that holds more than there is ends with those before it',
      waiters: '',
      idle: '- A@0:1 B@0:9 C@0:3 D@0:3',
      memory: 3,
      so: 'start 0, end A@0:1 B@0:9',
    },
    { what: 'a busy pool keeps them too', waiters: '', idle: '- A@0:3 B@0:3', busy: 2, memory: 6, so: 'start 0' },
    { what: 'a spare is started beside them', waiters: '', idle: 'A@0:3 B@0:3 C@0:3', memory: 9, so: 'start 1' },
    { what: 'and what a waiter needs', waiters: 'D', idle: 'A@0:3 B@0:3 C@0:3', memory: 9, so: 'start 1' },
    {
      what: 'which takes the place of one that then counts',
      waiters: 'D',
      idle: 'A@0:3 B@0:3',
      spares: 0,
      memory: 3,
      so: 'start 1',
    },
    { what: 'until somebody waits', waiters: 'A', idle: '', lazy: true, spares: 0, so: 'start 1' },
    { what: 'and as many as wait', waiters: 'A B C', idle: '', lazy: true, spares: 0, so: 'start 2' },
    { what: 'and its spares', waiters: 'A', idle: '', lazy: true, so: 'start 2' },
  ])('$what', ({ waiters, idle, so, busy = 0, starting = 0, spares = 1, lazy = false, memory = 0 }) => {
    expect(planned({ busy, starting }, waiters, idle, { spares, lazy, idleMemoryBytes: memory })).toBe(so);
  });

  test('a shared process is renewed, not ended', () => {
    expect(planned({ isolation: 'Isolate' }, 'C', 'A@0 B@0', { spares: 0, idleMemoryBytes: 9 })).toBe('start 0');
  });
});

const FORK_MS = 170;
const LONGEST_RUN_MS = 400;

const settings = fc.record<Settings>({
  size: fc.integer({ min: 1, max: 4 }),
  spares: fc.integer({ min: 0, max: 2 }),
  idleMemoryBytes: fc.integer({ min: 0, max: 3 }),
  lazy: fc.boolean(),
  isolation: fc.constantFrom('Process', 'Isolate'),
  forkMs: fc.constant(FORK_MS),
});

const jobs = fc.array(
  fc.record<Job>({
    arrivesMs: fc.integer({ min: 0, max: 3000 }),
    tenantKey: fc.constantFrom('A', 'B', 'C', 'D', 'E'),
    runsMs: fc.integer({ min: 1, max: LONGEST_RUN_MS }),
  }),
  { maxLength: 60 },
);

describe('whatever arrives, for as long as it runs', () => {
  test('all are served; no more run and exist than may; a process has one tenant', () => {
    fc.assert(
      fc.property(jobs, settings, (arrivals, pool) => {
        const { served, vms, waiting } = simulate(arrivals, pool, ({ busy, idle, starting }) => {
          expect(busy).toBeLessThanOrEqual(pool.size);
          const further = pool.isolation === 'Process' ? pool.idleMemoryBytes : 0;
          expect(busy + idle.length + starting).toBeLessThanOrEqual(pool.size + pool.spares + further);
        });
        expect(waiting).toBe(0);
        expect(served).toHaveLength(arrivals.length);
        if (pool.isolation === 'Process') {
          for (const vm of vms) expect(new Set(vm.served).size).toBeLessThanOrEqual(1);
          expect(vms.every((vm) => vm.resets === 0)).toBe(true);
        } else {
          for (const vm of vms) {
            const changes = vm.served.filter((tenant, i) => i > 0 && vm.served[i - 1] !== tenant).length;
            expect(vm.resets).toBe(changes);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('one tenant is served in the order of its calls', () => {
    fc.assert(
      fc.property(jobs, settings, (arrivals, pool) => {
        const { served } = simulate(arrivals, pool);
        const last = new Map<string, number>();
        for (const { job } of served) {
          expect(job.arrivesMs).toBeGreaterThanOrEqual(last.get(job.tenantKey) ?? 0);
          last.set(job.tenantKey, job.arrivesMs);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('nobody starves beside a tenant that never stops', () => {
    const flood: Job[] = Array.from({ length: 1000 }, (_, i) => ({ arrivesMs: i * 5, tenantKey: 'flood', runsMs: 40 }));
    const others = fc.array(
      fc.record<Job>({
        arrivesMs: fc.integer({ min: 0, max: 4000 }),
        tenantKey: fc.constantFrom('B', 'C', 'D'),
        runsMs: fc.integer({ min: 1, max: LONGEST_RUN_MS }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(others, settings, (arrivals, pool) => {
        const { served } = simulate([...flood, ...arrivals], pool);
        for (const { job, startedMs, ahead } of served) {
          if (job.tenantKey === 'flood') continue;
          // Each one before it may cost a turn that has begun, a switch, and its run.
          const waitedFor = ahead * (LONGEST_RUN_MS / 10) + 6 * (TURN_MS[pool.isolation] + FORK_MS + LONGEST_RUN_MS);
          expect(startedMs - job.arrivesMs).toBeLessThanOrEqual(waitedFor);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('while a spare is ready, a new tenant never waits for a fork', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }), (size, tenants) => {
        // Each tenant comes when the last one has run and its successor in the pool is there.
        const arrivals = Array.from({ length: tenants }, (_, i) => ({
          arrivesMs: 1000 * (i + 1),
          tenantKey: `t${i}`,
          runsMs: 10,
        }));
        const pool: Settings = {
          size,
          spares: 1,
          idleMemoryBytes: 0,
          lazy: false,
          isolation: 'Process',
          forkMs: FORK_MS,
        };
        for (const { job, startedMs } of simulate(arrivals, pool).served) expect(startedMs).toBe(job.arrivesMs);
      }),
    );
  });

  test('a lazy pool starts no more processes than tenants ask for', () => {
    const arrivals = [0, 500, 1000].map((arrivesMs) => ({ arrivesMs, tenantKey: 'A', runsMs: 10 }));
    const pool: Settings = {
      size: 4,
      spares: 0,
      idleMemoryBytes: 0,
      lazy: true,
      isolation: 'Process',
      forkMs: FORK_MS,
    };
    expect(simulate(arrivals, pool).vms).toHaveLength(1);
  });
});
