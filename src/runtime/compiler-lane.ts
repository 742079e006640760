import type { ProgramSource } from './compiler/program.ts';
import { FairQueue } from './fair-queue.ts';
import type { Exceeded, Limiter } from './limiter.ts';
import type { SandboxProcesses } from './sandbox-process.ts';
import { type Listener, VM, VMLostError } from './vm.ts';
import { ready } from './vm-factory.ts';
import type { Compilation, ErrorReport } from './wire/from-sandbox.ts';
import { packSources } from './wire/sources.ts';
import type { SandboxKind } from './wire/zygote.ts';

/** Limits of the compilation of one program, as a process's growth. */
export interface CompileLimits {
  readonly memoryBytes: number;
  readonly cpuTimeMs: number;
  readonly timeoutMs: number;
}

/** Heap limit of a compiler's isolate, in MiB. */
const MEMORY_MB = 512;
/** Processes at once: one that a hostile source keeps busy leaves the other to everybody else. */
const MAX_PROCESSES = 2;
/** A process that has compiled so much is ended: what its allocators keep would count against the next program. */
const MAX_USES = 2000;
/** A program is compiled again so often where its process is ended from outside. */
const MAX_LOSSES = 3;
const BOUNDS = { maxJsonBytes: 4 << 20, maxBlobBytes: 64 << 20 };

/** What a compilation gave, with the texts of a program. */
export interface CompilerAnswer {
  readonly compilation: Exclude<Compilation, { kind: 'needs-more' }>;
  readonly blob: Buffer;
  /** It depends on how busy the machine was: another compilation of the program may end otherwise. */
  readonly mayDiffer?: boolean;
}

/** A program that is to be compiled. */
export interface CompileRequest {
  readonly source: ProgramSource;
  readonly mayHaveMore: boolean;
  /** Processes that have crashed while they compiled it. */
  crashes: number;
  /** Processes that were ended from outside meanwhile. */
  losses: number;
  resolve(answer: CompilerAnswer): void;
  reject(error: unknown): void;
}

/** What the processes of all lanes have in common. */
export interface LaneOptions {
  readonly processes: SandboxProcesses;
  readonly limiter: Limiter;
  readonly limits: CompileLimits;
}

/** Processes of one kind, and what waits for them. */
export class CompilerLane {
  readonly #kind: SandboxKind;
  readonly #options: LaneOptions;
  readonly #next: CompilerLane | undefined;
  readonly #waiting = new FairQueue<CompileRequest>();
  readonly #idle: VM[] = [];
  readonly #all = new Set<VM>();
  readonly #starts = new Set<Promise<void>>();
  #closed = false;

  /** @param next compiles what takes more than these processes have */
  constructor(kind: SandboxKind, options: LaneOptions, next?: CompilerLane) {
    this.#kind = kind;
    this.#options = options;
    this.#next = next;
  }

  /** Starts the first process ahead of its first program. Resolves when it is up, or cannot be started. */
  async warm(): Promise<void> {
    if (this.#closed) return;
    if (this.#all.size + this.#starts.size === 0) this.#start();
    await Promise.all(this.#starts);
  }

  add(request: CompileRequest, owner: string): void {
    if (this.#closed) request.reject(new Error('the runtime is closed'));
    else this.#waiting.push(owner, request);
    this.#step();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { value } of this.#waiting.drain()) value.reject(new Error('the runtime is closed'));
    for (const vm of this.#all) vm.kill();
    await Promise.all(this.#starts);
    await Promise.all([...this.#all].map((vm) => vm.exited()));
  }

  #step(): void {
    while (this.#waiting.size > 0) {
      const vm = this.#idle.pop();
      if (vm === undefined) break;
      if (!vm.healthy) continue;
      const { owner, value } = this.#waiting.shift() as { owner: string; value: CompileRequest };
      void this.#compile(vm, value, owner);
    }
    if (this.#closed) return;
    if (this.#waiting.size > this.#starts.size && this.#all.size + this.#starts.size < MAX_PROCESSES) this.#start();
  }

  #start(): void {
    const start = this.#startOne().finally(() => {
      this.#starts.delete(start);
      this.#step();
    });
    this.#starts.add(start);
  }

  async #startOne(): Promise<void> {
    try {
      const vm = await ready(new VM(await this.#options.processes.start(this.#kind, MEMORY_MB), BOUNDS));
      this.#all.add(vm);
      if (this.#closed) vm.kill();
      else this.#idle.push(vm);
      void vm.exited().then(() => this.#gone(vm));
    } catch (error) {
      // Where another one is there or on its way, that one serves.
      if (this.#all.size > 0 || this.#starts.size > 1) return;
      for (const { value } of this.#waiting.drain()) value.reject(error);
    }
  }

  #gone(vm: VM): void {
    this.#all.delete(vm);
    this.#options.limiter.release(vm);
    this.#step();
  }

  async #compile(vm: VM, request: CompileRequest, owner: string): Promise<void> {
    vm.use();
    const { source, mayHaveMore } = request;
    const { blob, ...sources } = packSources(source);
    const message = { op: 'compile', id: vm.nextRequestId(), ...sources, mayHaveMore } as const;
    const watch = this.#options.limiter.start(vm, this.#options.limits);
    let texts: Buffer = Buffer.alloc(0);
    const keep: Listener = (_, received) => {
      texts = received;
    };
    try {
      const answer = await vm.request(message, keep, blob);
      if (answer.op !== 'compiled') throw new VMLostError('it gave another answer than was asked for');
      const { compilation } = answer;
      if (compilation.kind === 'needs-more') this.#handOver(request, owner);
      else request.resolve({ compilation, blob: texts });
    } catch (error) {
      vm.kill();
      this.#lost(request, owner, watch.exceeded, error as Error);
    } finally {
      watch.stop();
    }
    if (vm.useCount >= MAX_USES) vm.kill();
    else if (vm.healthy) this.#idle.push(vm);
    this.#step();
  }

  #handOver(request: CompileRequest, owner: string): void {
    if (this.#next === undefined) request.reject(new Error('no process compiles this program'));
    else this.#next.add(request, owner);
  }

  #lost(request: CompileRequest, owner: string, exceeded: Exceeded | undefined, error: Error): void {
    const isCrash = error instanceof VMLostError && error.crashed;
    const outOfMemory = exceeded === 'memory' || (error instanceof VMLostError && error.outOfMemory);
    if (outOfMemory) request.resolve(refused('SyntaxError: the source takes too much memory to compile'));
    else if (exceeded === 'timeout') request.resolve({ ...refused(TOO_LONG), mayDiffer: true });
    else if (exceeded !== undefined) request.resolve(refused(TOO_LONG));
    else if (this.#closed) request.reject(error);
    // Compilers recurse, and the stack of one written in Rust ends the process when it runs over. Twice is no accident.
    else if (isCrash && ++request.crashes > 1)
      request.resolve(refused('SyntaxError: the source nests too deeply to compile'));
    // What ends a process from outside says nothing of the source.
    else if (!isCrash && ++request.losses > MAX_LOSSES) request.reject(error);
    else this.#waiting.push(owner, request);
  }
}

const TOO_LONG = 'SyntaxError: the source takes too long to compile';

function refused(message: string): CompilerAnswer {
  const error: ErrorReport = { message };
  return { compilation: { kind: 'error', error }, blob: Buffer.alloc(0) };
}
