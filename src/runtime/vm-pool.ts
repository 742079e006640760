import { ContainmentError } from './containment.ts';
import { IDLE_GROWTH_BYTES } from './limiter.ts';
import { PoolError, type PoolOptions, type PoolStats, SPARE_BYTES } from './pool-options.ts';
import { nextStep, type PoolState, plan } from './pool-schedule.ts';
import { anonymousBytes } from './process-usage.ts';
import type { VM } from './vm.ts';
import type { VMFactory } from './vm-factory.ts';

interface Waiter {
  readonly tenantKey: string;
  /** Has its VM. */
  isServed: boolean;
  resolve(vm: VM): void;
  reject(error: unknown): void;
}

/** A start that fails is tried again after this; after as many failures in a row those who wait are told. */
const RETRY_MS = 250;
const MAX_START_FAILURES = 3;
/** How often the memory of a VM between two runs is looked at, in executions. */
const BLOAT_CHECK_EVERY = 16;

interface Entry {
  readonly vm: VM;
  tenantKey: string | undefined;
  turnStartedAt: number;
  /** Measured where it is idle beyond the pool's size; 0 before. */
  heldBytes: number;
  /** Executions that it had started when `heldBytes` was measured. */
  weighedAt: number;
}

/** VMs for one execution at a time, each for one tenant at a time. */
export class VMPool {
  readonly #factory: VMFactory;
  readonly #options: PoolOptions;
  readonly #waiters = new Set<Waiter>();
  /** Who waits for the first VM, whoever may use it. */
  readonly #awaiting = new Set<{ resolve(): void; reject(error: unknown): void }>();
  readonly #busy = new Map<VM, Entry>();
  readonly #ending = new Set<Promise<void>>();
  readonly #health: NodeJS.Timeout;
  /** Those that are asked whether they are well. */
  readonly #checking = new Set<VM>();
  /** The one idle for the longest first. */
  #idle: Entry[] = [];
  #starting = 0;
  #created = 0;
  #destroyed = 0;
  #failures = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #onGone: (vm: VM) => void;

  /** @param onGone told of each VM that has been ended */
  constructor(factory: VMFactory, options: PoolOptions, onGone: (vm: VM) => void = () => {}) {
    this.#factory = factory;
    this.#options = options;
    this.#onGone = onGone;
    this.#health = setInterval(() => void this.#checkHealth(), options.healthIntervalMs).unref();
    this.#step();
  }

  /**
   * Waits for a healthy VM that only this tenant has used, in the order of calls.
   * @throws the signal's reason if it aborts first; PoolError if no VM can be started or the pool is closed
   */
  get({ tenantKey, signal }: { tenantKey: string; signal?: AbortSignal | undefined }): Promise<VM> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new PoolError('the pool is closed');
      signal?.throwIfAborted();
      let settle = (): void => {};
      const waiter: Waiter = {
        tenantKey,
        isServed: false,
        resolve: (vm) => {
          waiter.isServed = true;
          settle();
          resolve(vm);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      this.#step();
      if (waiter.isServed || signal === undefined) return;
      const onAbort = (): void => {
        if (this.#waiters.delete(waiter)) reject(signal.reason);
      };
      settle = () => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Takes back a VM whose execution has finished cleanly. */
  put(vm: VM): void {
    const entry = this.#busy.get(vm);
    if (entry === undefined) return;
    this.#busy.delete(vm);
    if (this.#options.tenantIsolation === 'Execution' || this.#mustRetire(vm)) this.#end(vm);
    else this.#idle.push(entry);
    this.#step();
  }

  /** Takes back a VM that nobody may use again. */
  discard(vm: VM): void {
    if (this.#busy.delete(vm)) this.#end(vm);
    this.#step();
  }

  stats(): PoolStats {
    return {
      size: this.#options.size,
      idle: this.#idle.length,
      busy: this.#busy.size,
      waiting: this.#waiters.size,
      created: this.#created,
      destroyed: this.#destroyed,
      failedStarts: this.#factory.failedStarts,
    };
  }

  /** Whether a VM can serve now. */
  get isWarm(): boolean {
    return this.#idle.length + this.#busy.size > 0;
  }

  /** Waits for the first VM. A lazy pool is ready at once. @throws PoolError if none can be started */
  async ready(): Promise<void> {
    if (this.#closed) throw new PoolError('the pool is closed');
    if (this.#options.lazy || this.isWarm) return;
    await new Promise<void>((resolve, reject) => this.#awaiting.add({ resolve, reject }));
  }

  /** Ends every VM. Resolves when the last process is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#health);
    clearTimeout(this.#retryTimer);
    this.#rejectAll(new PoolError('the pool is closed'));
    for (const { vm } of this.#idle.splice(0)) this.#end(vm);
    for (const vm of [...this.#checking, ...this.#busy.keys()]) this.#end(vm);
    this.#checking.clear();
    this.#busy.clear();
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** Hands out what can be handed out, then starts and ends VMs as needed. */
  #step(): void {
    if (this.#closed) return;
    // What has been started for one waiter lets others go on meanwhile.
    do this.#serveWaiters();
    while (this.#startAndEnd());
  }

  #serveWaiters(): void {
    for (;;) {
      const decision = nextStep(this.#state());
      if (decision.kind === 'wait') break;
      this.#idle.splice(this.#idle.indexOf(decision.vm), 1);
      if (!decision.vm.vm.healthy || this.#isWornOut(decision.vm.vm)) {
        this.#end(decision.vm.vm);
        continue;
      }
      this.#waiters.delete(decision.waiter);
      this.#busy.set(decision.vm.vm, decision.vm);
      this.#serve(decision.waiter, decision.vm, decision.reset);
    }
  }

  /** @returns whether a VM is being started */
  #startAndEnd(): boolean {
    if (this.#idle.length + this.#busy.size > this.#options.size) this.#weigh();
    const { start, end } = plan(this.#state(), this.#options);
    for (const entry of end) {
      this.#idle.splice(this.#idle.indexOf(entry), 1);
      this.#end(entry.vm);
    }
    if (this.#retryTimer !== undefined) return false;
    for (let i = 0; i < start; i++) this.#start();
    return start > 0;
  }

  /** Reading what a process holds takes a tenth of what the supervisor does for an execution. */
  #weigh(): void {
    for (const entry of this.#idle) {
      const { vm, tenantKey, heldBytes, weighedAt } = entry;
      if (tenantKey === undefined || (heldBytes > 0 && vm.useCount < weighedAt + BLOAT_CHECK_EVERY)) continue;
      entry.heldBytes = vm.ownBytes(SPARE_BYTES);
      entry.weighedAt = vm.useCount;
    }
  }

  #state(): PoolState<Waiter, Entry> {
    return {
      waiters: this.#waiters,
      idle: this.#idle,
      busy: this.#busy.size,
      starting: this.#starting + this.#checking.size,
      size: this.#options.size,
      isolation: this.#options.tenantIsolation,
      now: performance.now(),
    };
  }

  #serve(waiter: Waiter, entry: Entry, reset: boolean): void {
    if (entry.tenantKey !== waiter.tenantKey) {
      entry.tenantKey = waiter.tenantKey;
      entry.turnStartedAt = performance.now();
    }
    const { vm } = entry;
    vm.assign(waiter.tenantKey);
    const ready = reset ? this.#factory.reset(vm) : undefined;
    if (ready === undefined) waiter.resolve(vm);
    ready?.then(
      () => waiter.resolve(vm),
      () => {
        if (this.#closed) return waiter.reject(new PoolError('the pool is closed'));
        // The VM is lost, the waiter is not: it goes back to the head of the line.
        const others = [...this.#waiters];
        this.#waiters.clear();
        for (const each of [waiter, ...others]) this.#waiters.add(each);
        this.discard(vm);
      },
    );
  }

  #start(): void {
    this.#starting++;
    const started = this.#factory.create().then(
      (vm) => {
        this.#starting--;
        this.#created++;
        this.#failures = 0;
        if (this.#closed) return this.#end(vm);
        this.#idle.unshift({ vm, tenantKey: undefined, turnStartedAt: 0, heldBytes: 0, weighedAt: 0 });
        for (const each of this.#awaiting) each.resolve();
        this.#awaiting.clear();
        void vm.exited().then(() => this.#exited(vm));
        this.#step();
      },
      (error: Error) => {
        this.#starting--;
        this.#startFailed(error);
      },
    );
    this.#track(started);
  }

  /** A VM that dies while nobody uses it is replaced at once. */
  #exited(vm: VM): void {
    const index = this.#idle.findIndex((entry) => entry.vm === vm);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    this.#end(vm);
    this.#step();
  }

  #startFailed(error: Error): void {
    // Those that fail together are one failure: a machine that stands still for a moment holds all of them up.
    if (this.#closed || this.#retryTimer !== undefined) return;
    // Where a VM serves, sandboxes can be started, and those who wait have it to wait for.
    const isHopeless = error instanceof ContainmentError || ++this.#failures >= MAX_START_FAILURES;
    if (isHopeless && !this.isWarm) {
      this.#rejectAll(new PoolError(`no sandbox can be started: ${error.message}`));
    }
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#step();
    }, RETRY_MS);
  }

  #rejectAll(error: PoolError): void {
    for (const waiter of [...this.#waiters, ...this.#awaiting]) waiter.reject(error);
    this.#waiters.clear();
    this.#awaiting.clear();
  }

  #mustRetire(vm: VM): boolean {
    return !vm.healthy || this.#isWornOut(vm) || (vm.useCount % BLOAT_CHECK_EVERY === 0 && isBloated(vm));
  }

  #isWornOut(vm: VM): boolean {
    return (
      vm.isOutdated ||
      vm.useCount >= this.#options.maxUses ||
      performance.now() - vm.createdAt >= this.#options.maxAgeMs
    );
  }

  #end(vm: VM): void {
    this.#destroyed++;
    this.#onGone(vm);
    this.#track(this.#factory.destroy(vm));
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#ending.delete(tracked));
    this.#ending.add(tracked);
  }

  /** Retires idle VMs that are old, silent or big. */
  async #checkHealth(): Promise<void> {
    for (const entry of [...this.#idle]) {
      const index = this.#idle.indexOf(entry);
      if (index < 0) continue;
      this.#idle.splice(index, 1);
      this.#checking.add(entry.vm);
      const fit = !this.#isWornOut(entry.vm) && !isBloated(entry.vm) && (await this.#factory.healthCheck(entry.vm));
      if (!this.#checking.delete(entry.vm)) return; // the pool was closed meanwhile
      if (fit)
        this.#idle.push(entry); // all of them, one after the other: their order stays
      else this.#end(entry.vm);
      this.#step();
    }
  }
}

/** Whether an idle VM holds so much that the next script would have to pay for it. */
function isBloated(vm: VM): boolean {
  const resident = anonymousBytes(vm.pid);
  return resident !== undefined && resident > vm.baselineBytes + IDLE_GROWTH_BYTES;
}
