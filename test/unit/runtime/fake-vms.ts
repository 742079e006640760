import { PoolError, type PoolOptions } from '../../../src/runtime/pool-options.ts';
import type { VM } from '../../../src/runtime/vm.ts';
import type { VMFactory } from '../../../src/runtime/vm-factory.ts';
import { VMPool } from '../../../src/runtime/vm-pool.ts';

/** What a pool sees of a VM, without a process. */
export class FakeVM {
  static #last = 0;
  readonly id = ++FakeVM.#last;
  /** No process has it: its memory can't be read. */
  pid = 0;
  createdAt = performance.now();
  useCount = 0;
  healthy = true;
  baselineBytes = 0;
  isOutdated = false;
  tenantKey: string | undefined;
  resets = 0;
  ended = false;
  readonly #exit = Promise.withResolvers<void>();

  assign(tenantKey: string): void {
    this.tenantKey = tenantKey;
  }

  /** Each holds one byte. */
  ownBytes(): number {
    return 1;
  }

  exited(): Promise<void> {
    return this.#exit.promise;
  }

  die(): void {
    this.healthy = false;
    this.#exit.resolve();
  }
}

/** A factory whose every step a test can hold up or let fail. */
export class FakeFactory {
  readonly made: FakeVM[] = [];
  startError: Error | undefined;
  resetError: Error | undefined;
  isWell: (vm: FakeVM) => boolean | Promise<boolean> = () => true;
  /** Starts wait for this. */
  gate: Promise<unknown> = Promise.resolve();
  /** Resets wait for this. */
  resetGate: Promise<unknown> = Promise.resolve();
  starts = 0;
  readonly failedStarts = 0;

  async create(): Promise<FakeVM> {
    this.starts++;
    await this.gate;
    if (this.startError) throw this.startError;
    const vm = new FakeVM();
    this.made.push(vm);
    return vm;
  }

  async reset(vm: FakeVM): Promise<void> {
    await this.resetGate;
    if (this.resetError) throw this.resetError;
    vm.resets++;
  }

  async destroy(vm: FakeVM): Promise<void> {
    vm.ended = true;
    vm.die();
  }

  async healthCheck(vm: FakeVM): Promise<boolean> {
    return this.isWell(vm);
  }

  get alive(): FakeVM[] {
    return this.made.filter((vm) => !vm.ended);
  }
}

const OPTIONS: PoolOptions = {
  size: 2,
  spares: 0,
  idleMemoryBytes: 0,
  lazy: false,
  maxAgeMs: 3_600_000,
  maxUses: 1000,
  healthIntervalMs: 3_600_000,
  tenantIsolation: 'Process',
  seccomp: 'Required',
};

export interface FakePool {
  readonly pool: VMPool;
  readonly factory: FakeFactory;
  readonly gone: number[];
  get(tenantKey: string, signal?: AbortSignal): Promise<FakeVM>;
  put(vm: FakeVM): void;
  discard(vm: FakeVM): void;
}

/** A pool of fake VMs. */
export function fakePool(options: Partial<PoolOptions> = {}, factory = new FakeFactory()): FakePool {
  const gone: number[] = [];
  const pool = new VMPool(factory as unknown as VMFactory, { ...OPTIONS, ...options }, (vm) => gone.push(vm.id));
  return {
    pool,
    factory,
    gone,
    get: async (tenantKey, signal) => (await pool.get({ tenantKey, signal })) as unknown as FakeVM,
    put: (vm) => pool.put(vm as unknown as VM),
    discard: (vm) => pool.discard(vm as unknown as VM),
  };
}

/** Lets everything happen that is ready to. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export { PoolError };
