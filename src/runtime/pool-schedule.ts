/** What decides who gets which VM next. Pure: the pool does what it says. */

/** How work is kept apart: a process for each tenant, one for each execution, or an isolate each in shared processes. */
export type TenantIsolation = 'Process' | 'Isolate' | 'Execution';

export interface Waiter {
  readonly tenantKey: string;
}

export interface IdleVM {
  /** Whose state the VM holds; undefined for nobody's. */
  readonly tenantKey: string | undefined;
  /** When its present tenant got it, in milliseconds. */
  readonly turnStartedAt: number;
}

export interface PoolState<W extends Waiter, V extends IdleVM> {
  /** In the order they came. */
  readonly waiters: ReadonlySet<W>;
  /** The one idle for the longest first. */
  readonly idle: readonly V[];
  readonly busy: number;
  /** VMs that will be idle soon: they are being started, or asked whether they are well. */
  readonly starting: number;
  readonly size: number;
  readonly isolation: TenantIsolation;
  readonly now: number;
}

/** Serve a waiter with a VM (renewed first where another tenant had it), or wait for a VM that nobody has used. */
export type Decision<W, V> =
  | { readonly kind: 'serve'; readonly waiter: W; readonly vm: V; readonly reset: boolean }
  | { readonly kind: 'wait' };

/**
 * A tenant keeps a VM for this long while others wait: about three times what a switch costs, so that switching takes a
 * quarter of the time at most.
 */
export const TURN_MS: Readonly<Record<TenantIsolation, number>> = { Process: 30, Isolate: 15, Execution: 0 };

/**
 * The next step. Waiters are served in order, except that a tenant whose turn is not over goes on with its own VM, and
 * that a VM which can't serve the first waiter serves the first one it can.
 */
export function nextStep<W extends Waiter, V extends IdleVM>(state: PoolState<W, V>): Decision<W, V> {
  const { waiters, idle, isolation } = state;
  const first = waiters.values().next().value;
  if (first === undefined || state.busy >= state.size) return { kind: 'wait' };

  // The one idle for the longest has its next context ready.
  const own = idle.find((vm) => vm.tenantKey === first.tenantKey);
  if (own !== undefined) return { kind: 'serve', waiter: first, vm: own, reset: false };

  const inTurn = serveOwner(state, (vm) => state.now - vm.turnStartedAt < TURN_MS[isolation]);
  if (inTurn !== undefined) return inTurn;

  const unused = idle.find((vm) => vm.tenantKey === undefined);
  if (unused !== undefined) return { kind: 'serve', waiter: first, vm: unused, reset: false };
  if (isolation === 'Isolate') {
    const [oldest] = idle;
    return oldest === undefined ? { kind: 'wait' } : { kind: 'serve', waiter: first, vm: oldest, reset: true };
  }
  // Where a process is on its way for the first waiter, those who can go on do so meanwhile. Where none is, that VM has
  // to make room for one: else a tenant that never stops would keep all others waiting.
  const goingOn = state.starting > 0 ? serveOwner(state, () => true) : undefined;
  return goingOn ?? { kind: 'wait' };
}

function serveOwner<W extends Waiter, V extends IdleVM>(
  state: PoolState<W, V>,
  eligible: (vm: V) => boolean,
): Decision<W, V> | undefined {
  for (const vm of state.idle) {
    if (vm.tenantKey === undefined || !eligible(vm)) continue;
    for (const waiter of state.waiters) {
      if (waiter.tenantKey === vm.tenantKey) return { kind: 'serve', waiter, vm, reset: false };
    }
  }
  return undefined;
}

/** How many VMs to start and which idle ones to end, so that a fork is not on anybody's way. */
export interface Plan<V> {
  readonly start: number;
  readonly end: readonly V[];
}

/**
 * Keeps `spares` unused VMs beside at most `size` used ones. A lazy pool starts only what waiters need. What nothing needs yet
 * is started one at a time: the first of a new pool is there the sooner, and what runs meanwhile keeps its processor.
 */
export function plan<W extends Waiter, V extends IdleVM>(
  state: PoolState<W, V>,
  options: { readonly spares: number; readonly lazy: boolean },
): Plan<V> {
  const { starting } = state;
  const used = state.idle.filter((vm) => vm.tenantKey !== undefined);
  const unused = state.idle.length - used.length;
  const capacity = state.size + options.spares;
  const total = state.idle.length + state.busy + starting;

  const free = Math.max(0, state.size - state.busy);
  const needing = countWithoutVM(state.waiters, used, free);
  const reusable = state.isolation === 'Isolate' ? used.length : 0;
  const needed = Math.max(0, Math.min(needing, free) - reusable);
  const ahead = options.lazy ? (needed === 0 ? 0 : options.spares) : Math.min(1, options.spares);
  const wanted = needed + ahead;
  const missing = Math.max(0, wanted - unused - starting);
  const filling = options.lazy || starting > 0 ? 0 : Math.min(1, capacity - total);

  const overflow = Math.max(0, used.length + state.busy - state.size);
  const forNeed = Math.max(0, Math.min(missing, needed) - (capacity - total));
  const end = state.isolation !== 'Isolate' ? used.slice(0, Math.max(overflow, forNeed)) : [];
  const start = Math.max(0, Math.min(Math.max(missing, filling), capacity - total + end.length));
  return { start, end };
}

/** How many waiters have no VM of their tenant among these; stops counting at `enough`. */
function countWithoutVM(waiters: Iterable<Waiter>, used: readonly IdleVM[], enough: number): number {
  const owned = new Set(used.map((vm) => vm.tenantKey));
  let count = 0;
  for (const waiter of waiters) {
    if (count >= enough) break;
    if (!owned.has(waiter.tenantKey)) count++;
  }
  return count;
}
