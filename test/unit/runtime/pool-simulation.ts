/** The pool's loop on a simulated clock, with the real decisions: what `VMPool` does, without processes. */
import {
  type IdleVM,
  nextStep,
  type PoolState,
  plan,
  type TenantIsolation,
} from '../../../src/runtime/pool-schedule.ts';

export interface Job {
  readonly arrivesMs: number;
  readonly tenantKey: string;
  readonly runsMs: number;
}

export interface Settings {
  readonly size: number;
  readonly spares: number;
  readonly lazy: boolean;
  readonly idleMemoryBytes: number;
  readonly isolation: TenantIsolation;
  readonly forkMs: number;
}

export interface SimulatedVM extends IdleVM {
  readonly id: number;
  tenantKey: string | undefined;
  turnStartedAt: number;
  /** Whom it served, one entry a run. */
  readonly served: string[];
  resets: number;
}

export interface Served {
  readonly job: Job;
  readonly startedMs: number;
  readonly vm: SimulatedVM;
  readonly reset: boolean;
  /** Those that waited before it when it came. */
  readonly ahead: number;
}

interface QueuedJob extends Job {
  readonly job: Job;
  readonly ahead: number;
}

/** Runs the jobs to their end. `check` sees the state after each step. */
export function simulate(
  jobs: readonly Job[],
  settings: Settings,
  check: (state: PoolState<QueuedJob, SimulatedVM>) => void = () => {},
): { served: Served[]; vms: SimulatedVM[]; waiting: number } {
  const events: { atMs: number; order: number; run: () => void }[] = [];
  const waiters = new Set<QueuedJob>();
  const vms: SimulatedVM[] = [];
  const served: Served[] = [];
  let idle: SimulatedVM[] = [];
  let busy = 0;
  let starting = 0;
  let now = 0;
  let order = 0;

  const at = (atMs: number, run: () => void): void => {
    events.push({ atMs, order: order++, run });
  };
  const state = (): PoolState<QueuedJob, SimulatedVM> => ({
    waiters,
    idle,
    busy,
    starting,
    size: settings.size,
    isolation: settings.isolation,
    now,
  });
  const serve = (waiter: QueuedJob, vm: SimulatedVM, reset: boolean): void => {
    waiters.delete(waiter);
    idle = idle.filter((other) => other !== vm);
    busy++;
    if (reset) vm.resets++;
    if (vm.tenantKey !== waiter.tenantKey) {
      vm.tenantKey = waiter.tenantKey;
      vm.turnStartedAt = now;
    }
    vm.served.push(waiter.tenantKey);
    served.push({ job: waiter.job, startedMs: now, vm, reset, ahead: waiter.ahead });
    at(now + waiter.runsMs, () => {
      busy--;
      idle.push(vm);
    });
  };
  const start = (): void => {
    starting++;
    at(now + settings.forkMs, () => {
      starting--;
      const vm: SimulatedVM = {
        id: vms.length,
        tenantKey: undefined,
        turnStartedAt: 0,
        heldBytes: 1,
        served: [],
        resets: 0,
      };
      vms.push(vm);
      idle.unshift(vm);
    });
  };
  const step = (): void => {
    for (let started = 1; started > 0; ) {
      for (let next = nextStep(state()); next.kind === 'serve'; next = nextStep(state())) {
        serve(next.waiter, next.vm, next.reset);
      }
      const plans = plan(state(), settings);
      idle = idle.filter((vm) => !plans.end.includes(vm));
      started = plans.start;
      for (let i = 0; i < started; i++) start();
    }
    check(state());
  };

  for (const job of jobs) at(job.arrivesMs, () => waiters.add({ ...job, job, ahead: waiters.size }));
  step();
  for (let steps = 0; events.length > 0 && steps < 100_000; steps++) {
    events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const event = events.shift();
    now = event?.atMs ?? now;
    event?.run();
    step();
  }
  return { served, vms, waiting: waiters.size };
}
