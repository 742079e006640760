import { reapOrphans } from './orphans.ts';
import type { SandboxProcess, SandboxProcesses } from './sandbox-process.ts';
import { codeOf } from './spawned-process.ts';
import type { SandboxKind } from './wire/zygote.ts';
import { SILENCE_MS, SLOTS, Zygote } from './zygote.ts';

/** A zygote that is older is replaced: what the kernel lays out at random is the same in all its processes. */
const MAX_AGE_MS = 3_600_000;
/** With this many processes left to fork the next zygote is started, or with a quarter of a smaller one's. */
const SLOTS_LOW = 24;

/** Starts sandboxes as forks of a zygote, one zygote at a time for all kinds with the same code. */
export class ForkedProcesses implements SandboxProcesses {
  /** By the files of their code. */
  readonly #current = new Map<string, Zygote>();
  readonly #next = new Map<string, Zygote>();
  /** Retired, and the last before the current one: a zygote holds 15 MiB for as long as one of its processes lives. */
  readonly #previous = new Map<string, Zygote>();
  readonly #all = new Set<Zygote>();
  readonly #silenceMs: number;
  readonly #firstSlots: number;
  #closed = false;

  /**
   * @param options.silenceMs a zygote that does not answer for so long is ended
   * @param options.firstSlots processes that the first zygote of each code can fork
   */
  constructor({ silenceMs = SILENCE_MS, firstSlots = SLOTS } = {}) {
    this.#silenceMs = silenceMs;
    this.#firstSlots = firstSlots;
  }

  /** Starts the zygote of a kind before it is needed. @throws ContainmentError where the kernel refuses it, Error if it ends or is silent */
  async prepare(kind: SandboxKind): Promise<void> {
    await this.#zygote(codeOf(kind)).ready;
  }

  async start(kind: SandboxKind, memoryMb: number): Promise<SandboxProcess> {
    return this.#zygote(codeOf(kind)).fork(kind, memoryMb);
  }

  /** Zygotes that are alive, for each code the one that forks last. */
  get pids(): number[] {
    return [...this.#all].map((zygote) => zygote.pid);
  }

  /** Starts nothing more: what asks for a process gets an error at once. */
  stopStarting(): void {
    this.#closed = true;
  }

  async close(): Promise<void> {
    this.stopStarting();
    for (const zygote of this.#all) zygote.kill();
    await Promise.all([...this.#all].map((zygote) => zygote.ended));
  }

  #zygote(code: string): Zygote {
    if (this.#closed) throw new Error('the runtime is closed');
    let zygote = this.#current.get(code);
    if (zygote === undefined || !zygote.canFork || performance.now() - zygote.startedAt > MAX_AGE_MS) {
      const slots = zygote === undefined ? this.#firstSlots : SLOTS;
      if (zygote !== undefined) this.#retire(code, zygote);
      const next = this.#next.get(code);
      this.#next.delete(code);
      zygote = next?.canFork ? next : this.#startZygote(code, slots);
      this.#current.set(code, zygote);
    }
    if (zygote.slotsLeft <= Math.min(SLOTS_LOW, zygote.slots / 4) && !this.#next.has(code)) this.#startNext(code);
    return zygote;
  }

  /** Its processes may stay until its successor is retired too. */
  #retire(code: string, zygote: Zygote): void {
    zygote.retire();
    const previous = this.#previous.get(code);
    if (previous !== undefined) previous.isOutdated = true;
    this.#previous.set(code, zygote);
  }

  #startNext(code: string): void {
    try {
      this.#next.set(code, this.#startZygote(code, SLOTS));
    } catch {
      // The zygote at hand can still fork; the next call tries again.
    }
  }

  #startZygote(code: string, slots: number): Zygote {
    const zygote = new Zygote(code, { silenceMs: this.#silenceMs, slots });
    this.#all.add(zygote);
    void zygote.ended.then(() => {
      this.#all.delete(zygote);
      return reapOrphans();
    });
    return zygote;
  }
}
