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
  /** Memory of its own, in bytes; 0 where it has not been measured. */
  readonly heldBytes: number;
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
  const candidates = state.idle.filter((vm) => vm.tenantKey !== undefined && eligible(vm));
  if (candidates.length === 0) return undefined;
  const firstOf = new Map<string, W>();
  for (const waiter of state.waiters) if (!firstOf.has(waiter.tenantKey)) firstOf.set(waiter.tenantKey, waiter);
  for (const vm of candidates) {
    const waiter = firstOf.get(vm.tenantKey as string);
    if (waiter !== undefined) return { kind: 'serve', waiter, vm, reset: false };
  }
  return undefined;
}

/** How many VMs to start and which idle ones to end, so that a fork is not on anybody's way. */
export interface Plan<V> {
  readonly start: number;
  readonly end: readonly V[];
}

export interface PlanOptions {
  readonly spares: number;
  readonly lazy: boolean;
  /** Memory that used VMs beyond `size` may hold together, in bytes. */
  readonly idleMemoryBytes: number;
}

/**
 * Keeps `spares` unused VMs beside `size` used ones, and the VMs of further tenants as far as memory allows: a tenant that
 * comes again then needs no fork. A lazy pool starts only what waiters need. What nothing needs yet is started one at a time:
 * the first of a new pool is there the sooner, and what runs meanwhile keeps its processor.
 */
export function plan<W extends Waiter, V extends IdleVM>(state: PoolState<W, V>, options: PlanOptions): Plan<V> {
  const { starting } = state;
  const used = state.idle.filter((vm) => vm.tenantKey !== undefined);
  const unused = state.idle.length - used.length;
  const free = Math.max(0, state.size - state.busy);
  const needing = countWithoutVM(state.waiters, used, free);
  const isShared = state.isolation === 'Isolate';
  const needed = Math.max(0, Math.min(needing, free) - (isShared ? used.length : 0));
  const ahead = options.lazy ? (needed === 0 ? 0 : options.spares) : Math.min(1, options.spares);
  const missing = Math.max(0, needed + ahead - unused - starting);

  // Used VMs make room for what a waiter needs, and for nothing else.
  let room = state.size + options.spares - state.busy - unused - starting;
  const forWaiters = Math.max(0, Math.min(missing, needed, isShared ? room - used.length : room));
  room -= forWaiters;
  const emptyPlaces = room - (isShared ? used.length : Math.min(used.length, free));
  const isFilling = !options.lazy && starting === 0 && emptyPlaces > 0;
  const forLater = Math.max(0, Math.min(Math.max(missing, isFilling ? 1 : 0) - forWaiters, emptyPlaces));
  room -= forLater;

  const further = isShared ? [] : used.slice(0, Math.max(0, used.length - Math.max(0, Math.min(room, free))));
  return { start: forWaiters + forLater, end: beyondMemory(further, options.idleMemoryBytes) };
}

/** Of idle VMs, the one idle for the longest first, those that must end for the others to fit. */
function beyondMemory<V extends IdleVM>(idle: readonly V[], bytes: number): readonly V[] {
  if (idle.length === 0) return idle;
  let left = bytes;
  let ending = idle.length;
  // One byte at least: without any memory none is kept.
  for (const vm of idle.toReversed()) {
    left -= Math.max(1, vm.heldBytes);
    if (left < 0) break;
    ending--;
  }
  return idle.slice(0, ending);
}

/** How many waiters have no VM of their tenant among these; stops counting at `enough`. */
function countWithoutVM(waiters: ReadonlySet<Waiter>, used: readonly IdleVM[], enough: number): number {
  if (waiters.size === 0) return 0;
  const owned = new Set(used.map((vm) => vm.tenantKey));
  let count = 0;
  for (const waiter of waiters) {
    if (count >= enough) break;
    if (!owned.has(waiter.tenantKey)) count++;
  }
  return count;
}
