import type { ProgramSource } from './compiler/program.ts';
import { FairQueue } from './fair-queue.ts';
import type { Exceeded, Limiter } from './limiter.ts';
import type { SandboxKind, SandboxProcesses } from './sandbox-process.ts';
import { type Listener, VM, VMLostError } from './vm.ts';
import { ready } from './vm-factory.ts';
import type { Compilation, ErrorReport } from './wire/from-sandbox.ts';
import { packParts } from './wire/texts.ts';

/** Limits of the compilation of one program, as a process's growth. */
export interface CompileLimits {
  readonly memoryBytes: number;
  readonly cpuTimeMs: number;
  readonly timeoutMs: number;
}

/** What compiling one program may use. Even a megabyte of TypeScript takes a tenth of this. */
const LIMITS: CompileLimits = { memoryBytes: 768 << 20, cpuTimeMs: 5000, timeoutMs: 30_000 };
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
  readonly compilation: Exclude<Compilation, { kind: 'needs-typescript' }>;
  readonly blob: Buffer;
  /** It depends on how busy the machine was: another compilation of the program may end otherwise. */
  readonly mayDiffer?: boolean;
}

interface Request {
  readonly source: ProgramSource;
  readonly mayHaveMore: boolean;
  /** Processes that have crashed while they compiled it. */
  crashes: number;
  /** Processes that were ended from outside meanwhile. */
  losses: number;
  resolve(answer: CompilerAnswer): void;
  reject(error: unknown): void;
}

/** TypeScript's own compiler is big, and few programs need it. */
type Kind = Extract<SandboxKind, 'compiler' | 'typescript'>;

/**
 * The processes that compile. None has ever run a script, so that what they give is good for every tenant; what a source
 * does to one ends with it. Tenants take turns.
 */
export class CompilerProcesses {
  readonly #plain: Lane;
  readonly #typescript: Lane;

  constructor(processes: SandboxProcesses, limiter: Limiter, limits = LIMITS) {
    const common = { processes, limiter, limits };
    this.#typescript = new Lane('typescript', common, (request) => request.reject(new Error('no compiler')));
    this.#plain = new Lane('compiler', common, (request, owner) => this.#typescript.add(request, owner));
  }

  /** Starts the first process ahead of its first program. */
  warm(): void {
    this.#plain.warm();
  }

  /**
   * Compiles a program.
   * @param owner whose turn it is
   * @throws Error if no process can be started
   */
  compile(source: ProgramSource, mayHaveMore: boolean, owner: string): Promise<CompilerAnswer> {
    return new Promise((resolve, reject) => {
      this.#plain.add({ source, mayHaveMore, crashes: 0, losses: 0, resolve, reject }, owner);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#plain.close(), this.#typescript.close()]);
  }
}

/** Processes of one kind, and what waits for them. */
class Lane {
  readonly #kind: Kind;
  readonly #processes: SandboxProcesses;
  readonly #limiter: Limiter;
  readonly #limits: CompileLimits;
  readonly #needsTypeScript: (request: Request, owner: string) => void;
  readonly #waiting = new FairQueue<Request>();
  readonly #idle: VM[] = [];
  readonly #all = new Set<VM>();
  readonly #starts = new Set<Promise<void>>();
  #closed = false;

  constructor(
    kind: Kind,
    { processes, limiter, limits }: { processes: SandboxProcesses; limiter: Limiter; limits: CompileLimits },
    needsTypeScript: (request: Request, owner: string) => void,
  ) {
    this.#kind = kind;
    this.#processes = processes;
    this.#limiter = limiter;
    this.#limits = limits;
    this.#needsTypeScript = needsTypeScript;
  }

  warm(): void {
    if (this.#all.size + this.#starts.size === 0) this.#start();
  }

  add(request: Request, owner: string): void {
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
      const { owner, value } = this.#waiting.shift() as { owner: string; value: Request };
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
      const vm = await ready(new VM(await this.#processes.start(this.#kind, MEMORY_MB), BOUNDS));
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
    this.#limiter.release(vm);
    this.#step();
  }

  async #compile(vm: VM, request: Request, owner: string): Promise<void> {
    vm.use();
    const { source, mayHaveMore } = request;
    const { parts, blob } = packParts(source.files.map((file) => file.source));
    const files = source.files.map(({ name, language }) => (language === undefined ? { name } : { name, language }));
    const { imports } = source;
    const message = { op: 'compile', id: vm.nextRequestId(), files, parts, imports, mayHaveMore } as const;
    const watch = this.#limiter.start(vm, this.#limits);
    let texts: Buffer = Buffer.alloc(0);
    const keep: Listener = (_, received) => {
      texts = received;
    };
    try {
      const answer = await vm.request(message, keep, blob);
      if (answer.op !== 'compiled') throw new VMLostError('it gave another answer than was asked for');
      const { compilation } = answer;
      if (compilation.kind === 'needs-typescript') this.#needsTypeScript(request, owner);
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

  #lost(request: Request, owner: string, exceeded: Exceeded | undefined, error: Error): void {
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
