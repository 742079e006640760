import type { Cancelled } from './cancellation.ts';
import { ProcessUsage } from './process-usage.ts';
import type { Limits } from './types.ts';

/** How often running VMs are looked at. At 10 GB/s, what memory can grow by between two looks is 50 MB. */
const INTERVAL_MS = 5;
/** Processor time is counted by the kernel in steps of 10 ms: no need to look more often than that. */
const CPU_EVERY = 2;
/** Looks may be this late on a busy machine. What they are later by, the event loop was blocked for, which no script answers for. */
const LATE_LOOK_MS = 50;
/** What an idle VM may hold beyond its first baseline: contexts and garbage of earlier runs, not this script's doing. */
export const IDLE_GROWTH_BYTES = 32 << 20;
/** V8 fills these before it collects, however little the script keeps: three spaces of --max-semi-space-size. */
const YOUNG_GENERATION_BYTES = 24 << 20;

/** What earlier runs may have left behind at most, for the process stays within limit + 128 MiB. */
const MAX_LEFTOVER_BYTES = 48 << 20;

/** What the limiter must know of a VM, and the one thing it does to it. */
export interface LimitedVM {
  readonly pid: number;
  readonly baselineBytes: number;
  kill(): void;
}

export type Exceeded = 'timeout' | 'cpu' | 'memory' | 'cancelled';

/** A watch over one call. */
export interface Watch {
  /** Why the limiter has killed the VM, if it has. */
  readonly exceeded: Exceeded | undefined;
  /** Ends the watch: it can't touch the VM any more. Gives what was seen. */
  stop(): WatchReport;
}

export interface WatchReport {
  readonly exceeded: Exceeded | undefined;
  /** Processor time in milliseconds, as far as it was looked at. */
  readonly cpuMs: number;
  /** How long the supervisor's event loop was blocked, in milliseconds: that time does not count against the time-out. */
  readonly blockedMs: number;
  /** The most the process had grown by at any look, in bytes. */
  readonly peakGrowthBytes: number;
  /** The process has held so much that what is left of it may count against the next run. */
  readonly isBloated: boolean;
}

type Bounds = Pick<Limits, 'memoryBytes' | 'cpuTimeMs' | 'timeoutMs'>;

/**
 * Watches running VMs from outside and kills what passes a limit: the script in it can't be asked, stopped or trusted.
 * It judges by what has arrived: a supervisor that was busy with other work reads the answers before it ends a VM.
 * One timer serves all calls, and none runs while nothing does.
 */
export class Limiter {
  readonly #active = new Set<Call>();
  readonly #usage = new Map<number, ProcessUsage>();
  /** Resident memory of idle VMs by pid. A call that ends before its first look is due leaves it about as it was. */
  readonly #idleBytes = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  /**
   * Watches one call of a VM until `stop()`.
   * @param cancelled asked at each look: where it is so, that kills like a passed limit
   */
  start(vm: LimitedVM, limits: Bounds, cancelled?: Cancelled): Watch {
    const call = new Call(vm, limits, this.#startBytes(vm.pid), cancelled, (ended) => this.#end(ended));
    if (call.exceeded === undefined) this.#active.add(call);
    this.#timer ??= setInterval(() => this.#look(), INTERVAL_MS);
    return call;
  }

  /** What an idle VM holds has changed. */
  remeasure(vm: LimitedVM): void {
    this.#idleBytes.delete(vm.pid);
  }

  /** Forgets a VM that is gone. */
  release(vm: LimitedVM): void {
    this.#usage.get(vm.pid)?.close();
    this.#usage.delete(vm.pid);
    this.#idleBytes.delete(vm.pid);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const usage of this.#usage.values()) usage.close();
    this.#usage.clear();
    this.#idleBytes.clear();
    this.#active.clear();
  }

  #look(): void {
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const withCpu = this.#looks++ % CPU_EVERY === 0;
    const now = performance.now();
    for (const call of this.#active) {
      call.look(now, this.#usageOf(call.vm.pid), withCpu);
      this.#idleBytes.delete(call.vm.pid);
    }
  }

  /** Its last look, where one is due: a busy event loop reads the answer before it runs the timer. */
  #end(call: Call): void {
    this.#active.delete(call);
    const usage = this.#usage.get(call.vm.pid);
    if (usage === undefined || !call.isLookDue(performance.now())) return;
    call.seeMemory(usage);
    this.#idleBytes.delete(call.vm.pid);
  }

  /** Reading it takes longer than all the rest that the supervisor does for an execution: it is read when it must be. */
  #startBytes(pid: number): number {
    const known = this.#idleBytes.get(pid);
    if (known !== undefined) return known;
    const bytes = this.#usageOf(pid).anonymousBytes() ?? 0;
    this.#idleBytes.set(pid, bytes);
    return bytes;
  }

  #usageOf(pid: number): ProcessUsage {
    let usage = this.#usage.get(pid);
    if (usage === undefined) {
      usage = new ProcessUsage(pid);
      this.#usage.set(pid, usage);
    }
    return usage;
  }
}

class Call implements Watch {
  readonly vm: LimitedVM;
  exceeded: Exceeded | undefined;
  readonly #limits: Bounds;
  readonly #toleratedMs: number;
  #deadline: number;
  #lookedAt = performance.now();
  #blockedMs = 0;
  #timeout: NodeJS.Immediate | undefined;
  readonly #cancelled: Cancelled | undefined;
  readonly #onEnd: (call: Call) => void;
  #cpuAtFirstLook: number | undefined;
  #cpuMs = 0;
  readonly #startBytes: number;
  readonly #maxBytes: number;
  #peakBytes: number;

  constructor(
    vm: LimitedVM,
    limits: Bounds,
    startBytes: number,
    cancelled: Cancelled | undefined,
    onEnd: (call: Call) => void,
  ) {
    this.vm = vm;
    this.#limits = limits;
    this.#startBytes = startBytes;
    // What earlier runs have left behind is not this script's doing.
    const idleBytes = Math.max(vm.baselineBytes + IDLE_GROWTH_BYTES, startBytes + YOUNG_GENERATION_BYTES);
    this.#maxBytes = Math.min(idleBytes, vm.baselineBytes + MAX_LEFTOVER_BYTES) + limits.memoryBytes;
    this.#peakBytes = startBytes;
    this.#deadline = this.#lookedAt + limits.timeoutMs;
    this.#toleratedMs = Math.min(LATE_LOOK_MS, limits.timeoutMs / 2);
    this.#cancelled = cancelled;
    this.#onEnd = onEnd;
    this.#heedCancellation();
  }

  look(now: number, usage: ProcessUsage, withCpu: boolean): void {
    this.#excuseBlocking(now);
    this.#heedCancellation();
    const resident = this.seeMemory(usage);
    if (withCpu) {
      const cpu = usage.cpuMs();
      if (cpu !== undefined) {
        this.#cpuAtFirstLook ??= cpu;
        this.#cpuMs = cpu - this.#cpuAtFirstLook;
      }
    }
    if (resident > this.#maxBytes) this.#exceed('memory');
    else if (this.#cpuMs > this.#limits.cpuTimeMs) this.#exceed('cpu');
    else if (now >= this.#deadline) this.#timeout ??= setImmediate(() => this.#exceed('timeout'));
  }

  /** @param now milliseconds of the monotonic clock */
  isLookDue(now: number): boolean {
    return now - this.#lookedAt >= INTERVAL_MS;
  }

  /** Reads what the process holds, in bytes. */
  seeMemory(usage: ProcessUsage): number {
    const resident = usage.anonymousBytes() ?? 0;
    this.#peakBytes = Math.max(this.#peakBytes, resident);
    return resident;
  }

  stop(): WatchReport {
    clearImmediate(this.#timeout);
    this.#heedCancellation();
    this.#onEnd(this);
    this.#excuseBlocking(performance.now());
    return {
      exceeded: this.exceeded,
      cpuMs: this.#cpuMs,
      blockedMs: this.#blockedMs,
      peakGrowthBytes: this.#peakBytes - this.#startBytes,
      isBloated: this.#peakBytes > this.vm.baselineBytes + MAX_LEFTOVER_BYTES,
    };
  }

  /** Also at the end: what is cancelled counts as that, whatever it says. */
  #heedCancellation(): void {
    if (this.#cancelled?.aborted && this.exceeded === undefined) this.#exceed('cancelled');
  }

  #excuseBlocking(now: number): void {
    const blockedMs = Math.max(0, now - this.#lookedAt - this.#toleratedMs);
    this.#lookedAt = now;
    this.#blockedMs += blockedMs;
    this.#deadline += blockedMs;
  }

  #exceed(exceeded: Exceeded): void {
    this.exceeded ??= exceeded;
    this.#onEnd(this);
    this.vm.kill();
  }
}
