import { type Containment, ContainmentError, refusal, type SeccompPolicy } from './containment.ts';
import { ForkedProcesses } from './forked-processes.ts';
import type { RuntimeProcesses, SandboxProcess, SandboxProcesses } from './sandbox-process.ts';
import { SpawnedProcesses } from './spawned-process.ts';
import type { SandboxKind } from './wire/zygote.ts';
import { SLOTS } from './zygote.ts';

const isLinux = process.platform === 'linux';

/** Forks sandboxes from a zygote, under a filter; where none can be had, starts a process for each if that will do. */
export class ContainedProcesses implements RuntimeProcesses {
  readonly #policy: SeccompPolicy;
  readonly #onInactive: (reason: string) => void;
  readonly #forked: ForkedProcesses;
  #chosen: Promise<SandboxProcesses> | undefined;
  #isClosing = false;
  #containment: Containment = { seccomp: 'Unknown', permissionModel: 'Active' };

  /**
   * @param onInactive told once if processes start without the filter on a system that could have one
   * @param firstSlots processes that the first zygote of each kind can fork: with few it is up sooner
   */
  constructor(policy: SeccompPolicy, onInactive: (reason: string) => void = () => {}, firstSlots = SLOTS) {
    this.#policy = policy;
    this.#onInactive = onInactive;
    this.#forked = new ForkedProcesses({ firstSlots });
  }

  get containment(): Containment {
    return this.#containment;
  }

  /** Begins to start what forks processes of a kind, before any is needed. What fails is told to each that starts one. */
  prepare(kind: SandboxKind): void {
    if (this.#isClosing) return;
    this.#choice().catch(() => {});
    // A zygote of other code need not wait until the first one is up.
    if (this.#containment.seccomp === 'Unknown' && isLinux) this.#forked.prepare(kind).catch(() => {});
  }

  async start(kind: SandboxKind, memoryMb: number): Promise<SandboxProcess> {
    this.prepare(kind);
    const processes = await this.#choice();
    if (this.#isClosing) throw new Error('the runtime is closed');
    return processes.start(kind, memoryMb);
  }

  /** Starts nothing more: what asks for a process gets an error at once. */
  stopStarting(): void {
    this.#isClosing = true;
    this.#forked.stopStarting();
  }

  /** Finds out what can be had here, before any process is needed. @throws ContainmentError where it is too little */
  async probe(): Promise<Containment> {
    await this.#choice();
    return this.#containment;
  }

  async close(): Promise<void> {
    this.stopStarting();
    await this.#forked.close();
  }

  async #choice(): Promise<SandboxProcesses> {
    this.#chosen ??= this.#choose();
    try {
      return await this.#chosen;
    } catch (error) {
      // What the kernel refuses it goes on refusing; all else may be better the next time.
      if (!(error instanceof ContainmentError)) this.#chosen = undefined;
      throw error;
    }
  }

  async #choose(): Promise<SandboxProcesses> {
    if (!isLinux) return this.#spawn('only Linux has seccomp filters');
    try {
      await this.#forked.prepare('script');
    } catch (error) {
      if (!(error instanceof ContainmentError)) throw error;
      if (this.#policy === 'IfAvailable') {
        this.#onInactive(error.message);
        return this.#spawn(error.message);
      }
      this.#containment = { seccomp: 'Inactive', reason: error.message, permissionModel: 'Active' };
      throw refusal(error.message);
    }
    this.#containment = { seccomp: 'Active', permissionModel: 'Active' };
    return this.#forked;
  }

  #spawn(reason: string): SandboxProcesses {
    this.#containment = { seccomp: 'Inactive', reason, permissionModel: 'Active' };
    return new SpawnedProcesses();
  }
}
