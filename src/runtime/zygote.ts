import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, FrameDecoder } from '../api/frame.ts';
import { ContainmentError } from './containment.ts';
import { deadline } from './deadline.ts';
import { ForkedProcess } from './forked-process.ts';
import { hasEnded } from './process-usage.ts';
import type { ProcessEnd } from './sandbox-process.ts';
import { addonFile, nodeFlags, SANDBOX_DIR, spawnWithStreams } from './spawned-process.ts';
import type { FromZygote, SandboxKind, ToZygote } from './wire/zygote.ts';

/** Processes that one zygote can fork, unless it is told otherwise: their sockets are made with it, so that no descriptor is ever passed. */
export const SLOTS = 128;
/** Processes that the first zygote of a short-lived command can fork, for each execution at once. */
export const FEW_SLOTS = 16;
/** A zygote that does not answer for so long is ended. */
export const SILENCE_MS = 10_000;
/** How long after its last word a zygote's exit is waited for. */
const EXIT_MS = 500;
const BOUNDS = { maxJsonBytes: 64 << 10, maxBlobBytes: 0 };
const MAX_STDERR_BYTES = 4096;
/** Descriptors 0 to 3 of a zygote: nothing, nothing, its standard error, its control socket. */
const FIRST_SLOT = 4;

type Reaped = Extract<FromZygote, { op: 'reaped' }>;

/** A process that has loaded a kind of sandbox and forks processes of it; see sandbox/zygote.ts. */
export class Zygote {
  /** Processes that it can fork in its life. */
  readonly slots: number;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt = performance.now();
  /** Resolves once it can fork. @throws ContainmentError, or an Error if it ends before */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Processes that it has forked should give way to those of its successors. */
  isOutdated = false;
  readonly #process: ChildProcess;
  readonly #control: Duplex;
  readonly #decoder = new FrameDecoder(BOUNDS);
  readonly #ready = Promise.withResolvers<void>();
  readonly #forks = new Map<number, PromiseWithResolvers<number>>();
  readonly #reaps = new Map<number, PromiseWithResolvers<Reaped | undefined>>();
  /** Processes that it has forked and that are not reaped yet. */
  #children = 0;
  #nextSlot = 0;
  #retired = false;
  #isAlive = true;
  readonly #silenceMs: number;
  #exitTimer: NodeJS.Timeout | undefined;
  #stderr = '';

  /**
   * @param code file of the bundle to load; see sandbox/code.ts
   * @param options.silenceMs it is ended when it does not answer for so long, also while it starts
   * @param options.slots processes that it can fork; the sockets of ten take this process a millisecond
   * @throws Error if this process can open no more files
   */
  constructor(code: string, { silenceMs = SILENCE_MS, slots = SLOTS } = {}) {
    this.#silenceMs = silenceMs;
    this.slots = slots;
    this.#process = spawnWithStreams(
      process.execPath,
      [
        ...nodeFlags(code),
        '--allow-ffi',
        // A forked process has one thread: V8 must not count on others.
        '--single-threaded',
        '--v8-pool-size=0',
        join(SANDBOX_DIR, 'zygote.cjs'),
        addonFile(),
        code,
        `${slots}`,
      ],
      { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...Array(slots).fill('pipe')], detached: true },
    );
    this.ready = this.#ready.promise;
    const silent = deadline(silenceMs, () => this.kill());
    // A failure is told to each that forks.
    this.ready.catch(() => {}).finally(() => silent[Symbol.dispose]());
    this.#control = this.#streams[3] as Duplex;
    this.#control.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#control.on('error', () => {}); // the exit tells
    this.#control.once('close', () => {
      // Its exit says more, and comes at once; but nothing may wait for ever for one that another process has reaped.
      const end = (): void => this.#end(new Error(`the process that starts sandboxes ended${this.#words()}`));
      if (this.#isAlive) this.#exitTimer = setTimeout(end, EXIT_MS);
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(-MAX_STDERR_BYTES);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#end(new Error(`the process that starts sandboxes ended (${how})${this.#words()}`));
        resolve();
      };
      // A signal that could not be sent is such an event too, and ends nothing.
      this.#process.on('error', (error: NodeJS.ErrnoException) => {
        if (this.#process.pid === undefined) end(error.code ?? error.message);
      });
      this.#process.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Whether it can fork another process. */
  get canFork(): boolean {
    return this.#isAlive && !this.#retired && this.slotsLeft > 0;
  }

  /** Processes that it can still fork. */
  get slotsLeft(): number {
    return this.slots - this.#nextSlot;
  }

  /** Forks a process. @throws ContainmentError, or an Error if the zygote ends before */
  async fork(kind: SandboxKind, memoryMb: number): Promise<ForkedProcess> {
    const slot = this.#nextSlot++;
    this.#children++;
    try {
      await this.ready;
      using _silent = deadline(this.#silenceMs, () => this.kill());
      const forked = Promise.withResolvers<number>();
      this.#forks.set(slot, forked);
      this.#send({ op: 'fork', slot, kind, memoryMb });
      const pid = await forked.promise;
      const socket = this.#streams[FIRST_SLOT + slot] as Duplex;
      return new ForkedProcess(pid, socket, this, () => {
        this.#forget(slot);
        return this.#reap(pid);
      });
    } catch (error) {
      this.#streams[FIRST_SLOT + slot]?.destroy();
      this.#forget(slot);
      this.#oneLess();
      throw error;
    }
  }

  /** Forks no more, and ends once the last of its processes is gone. */
  retire(): void {
    this.#retired = true;
    if (this.#children === 0) this.kill();
  }

  /** Ends it at once, and with it every process that it has forked. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** What it has for the descriptors of the zygote: null for one that is let go of. */
  get #streams(): (Duplex | null)[] {
    return this.#process.stdio as unknown as (Duplex | null)[];
  }

  /** Lets go of a socket that is closed: its listeners hold all that is known of its process, and a zygote may live for hours. */
  #forget(slot: number): void {
    this.#streams[FIRST_SLOT + slot] = null;
  }

  async #reap(pid: number): Promise<ProcessEnd> {
    const reaped = Promise.withResolvers<Reaped | undefined>();
    if (this.#isAlive) {
      this.#reaps.set(pid, reaped);
      this.#send({ op: 'reap', pid });
    } else {
      reaped.resolve(undefined);
    }
    using _silent = deadline(this.#silenceMs, () => this.kill());
    const end = await reaped.promise;
    this.#oneLess();
    if (end === undefined) {
      await gone(pid);
      return { detail: 'the process that had forked it ended', signal: undefined, stderr: '' };
    }
    const { code, signal, stderr } = end;
    if (signal === null) return { detail: `exit code ${code}`, signal: undefined, stderr };
    const name = signalName(signal);
    return { detail: `signal ${name}`, signal: name, stderr };
  }

  #oneLess(): void {
    if (--this.#children === 0 && this.#retired) this.kill();
  }

  #send(message: ToZygote): void {
    this.#control.write(encodeFrame(message));
  }

  #receive(chunk: Buffer): void {
    for (const { message } of this.#decoder.push(chunk)) this.#handle(message as FromZygote);
  }

  #handle(message: FromZygote): void {
    switch (message.op) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'refused':
        this.#ready.reject(new ContainmentError(message.reason));
        break;
      case 'forked':
        if (message.pid > 0) this.#forks.get(message.slot)?.resolve(message.pid);
        else this.#forks.get(message.slot)?.reject(new Error('no process could be forked'));
        this.#forks.delete(message.slot);
        break;
      case 'reaped':
        this.#reaps.get(message.pid)?.resolve(message);
        this.#reaps.delete(message.pid);
        break;
    }
  }

  #end(error: Error): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    clearTimeout(this.#exitTimer);
    this.#ready.reject(error);
    for (const forked of this.#forks.values()) forked.reject(error);
    for (const reaped of this.#reaps.values()) reaped.resolve(undefined);
    this.#forks.clear();
    this.#reaps.clear();
    // The sockets of its processes are theirs; the rest leads nowhere.
    for (const unused of this.#streams.slice(FIRST_SLOT + this.#nextSlot)) unused?.destroy();
    this.#control.destroy();
    this.#process.stderr?.destroy();
  }

  #words(): string {
    const text = this.#stderr.trim();
    return text === '' ? '' : `: ${text.split('\n').slice(0, 3).join(' ')}`;
  }
}

/** Waits for the end of a process that the kernel ends, its zygote being gone. Whoever inherits it may reap it later. */
async function gone(pid: number): Promise<void> {
  for (const end = performance.now() + SILENCE_MS; performance.now() < end; await sleep(5)) {
    if (hasEnded(pid)) return;
  }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
const signalName = (number: number): string => SIGNALS.get(number) ?? `${number}`;
