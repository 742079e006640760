import { encodePieces, type FrameBounds, FrameDecoder } from '../api/frame.ts';
import { anonymousBytes } from './process-usage.ts';
import type { ProcessEnd, SandboxProcess } from './sandbox-process.ts';
import { checkFromSandbox, type FromSandbox } from './wire/from-sandbox.ts';
import type { ToSandbox } from './wire/to-sandbox.ts';

const BOUNDS = { maxJsonBytes: 2 << 20, maxBlobBytes: 8 << 20 };
/** How V8 and isolated-vm say on standard error that the heap was too small, before they abort. */
const OUT_OF_MEMORY = /out of memory|Allocation failed|is_heap_oom = 1/i;

/** A sandbox process that ended while something was asked of it. */
export class VMLostError extends Error {
  /** The engine ran out of memory and took the process with it. */
  readonly outOfMemory: boolean;
  /** It ended by a fault of its own, such as a stack that ran over; nothing from outside ended it. */
  readonly crashed: boolean;

  constructor(detail: string, { outOfMemory = false, crashed = false } = {}) {
    super(`the sandbox process was lost: ${detail}`);
    this.outOfMemory = outOfMemory;
    this.crashed = crashed;
  }
}

type Answer = Extract<FromSandbox, { op: 'ack' | 'done' | 'compiled' | 'loaded' }>;
/** Takes what a sandbox says between a request and its answer. What it throws ends the sandbox. */
export type Listener = (message: Exclude<FromSandbox, { op: 'ack' | 'done' | 'loaded' }>, blob: Buffer) => void;

interface Request {
  readonly id: number;
  readonly listener: Listener | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Signals of the kernel and of abort() to a process that has made a mistake. */
const CRASHES: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGABRT']);

let lastVMId = 0;

/** One sandbox process with one isolate. It serves one request at a time. */
export class VM {
  readonly id = ++lastVMId;
  readonly pid: number;
  /** Milliseconds of the monotonic clock. */
  readonly createdAt = performance.now();
  /** Bytes of the programs that the process has, by their keys, in the order of their last use. */
  readonly programs = new Map<string, number>();

  readonly #process: SandboxProcess;
  readonly #decoder: FrameDecoder;
  readonly #ended: Promise<ProcessEnd>;
  #lost: VMLostError | undefined;
  #requests: Request[] = [];
  #lastRequest = 0;
  #useCount = 0;
  #tenantKey: string | undefined;
  #isolateId = 1;
  #baselineBytes = 0;

  /** @param bounds what its messages may hold at most */
  constructor(process: SandboxProcess, bounds: FrameBounds = BOUNDS) {
    this.#decoder = new FrameDecoder(bounds);
    this.#process = process;
    this.pid = process.pid;
    process.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    process.socket.on('error', () => {}); // the exit tells
    this.#ended = process.ended.then((end) => {
      // A process that exits by itself may say anything, words of the script among it; V8 out of memory aborts.
      const outOfMemory = end.signal !== undefined && OUT_OF_MEMORY.test(end.stderr);
      this.#lose(new VMLostError(end.detail, { outOfMemory, crashed: CRASHES.has(end.signal ?? '') }));
      return end;
    });
  }

  /** Executions that this VM has started. */
  get useCount(): number {
    return this.#useCount;
  }

  /** Whose state the isolate may hold; undefined for nobody's. */
  get tenantKey(): string | undefined {
    return this.#tenantKey;
  }

  /** Counts the isolates this process has had. */
  get isolateId(): number {
    return this.#isolateId;
  }

  /** Memory of the idle process when it was new, in bytes. */
  get baselineBytes(): number {
    return this.#baselineBytes;
  }

  /**
   * Memory that no other process has, about, in bytes, while it is idle.
   * @param newBytes what a new forked process has of its own
   */
  ownBytes(newBytes: number): number {
    const bytes = anonymousBytes(this.pid) ?? this.#baselineBytes;
    return this.#process.isForked ? newBytes + Math.max(0, bytes - this.#baselineBytes) : bytes;
  }

  /** The process should give way to a new one; see SandboxProcess. */
  get isOutdated(): boolean {
    return this.#process.isOutdated;
  }

  /** From now on the isolate may hold this tenant's state. */
  assign(tenantKey: string): void {
    this.#tenantKey = tenantKey;
  }

  /** Counts one execution. */
  use(): void {
    this.#useCount++;
  }

  /** Remembers what the process holds now as what it holds when idle. */
  takeBaseline(): void {
    this.#baselineBytes = anonymousBytes(this.pid) ?? 0;
  }

  /** Gives the process a new isolate: nothing that ran before can be reached from what runs next. @throws VMLostError */
  async reset(): Promise<void> {
    await this.request({ op: 'reset', id: this.nextRequestId() });
    this.programs.clear();
    this.#isolateId++;
  }

  /** Alive, and nothing unfinished in it. */
  get healthy(): boolean {
    return this.#lost === undefined && this.#requests.length === 0;
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Sends a request and waits for its answer. @throws VMLostError if the process ends before. */
  request(message: ToSandbox & { id: number }, listener?: Listener, blob?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#requests.push({ id: message.id, listener, resolve, reject });
      this.#write(message, blob);
    });
  }

  /** Sends what needs no answer. */
  send(message: ToSandbox, blob?: Buffer): void {
    if (this.#lost === undefined) this.#write(message, blob);
  }

  nextRequestId(): number {
    return ++this.#lastRequest;
  }

  /** The process's first word. @throws VMLostError */
  ready(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#requests.push({ id: 0, listener: undefined, resolve, reject });
    });
  }

  /** Ends the process at once. Safe to call again. */
  kill(): void {
    this.#process.kill();
  }

  /** Resolves when the process is gone. */
  exited(): Promise<ProcessEnd> {
    return this.#ended;
  }

  #write(message: ToSandbox, blob: Buffer | undefined): void {
    const { socket } = this.#process;
    const pieces = encodePieces(message, blob);
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const { message, blob } of this.#decoder.push(chunk)) this.#dispatch(checkFromSandbox(message), blob);
    } catch (error) {
      this.kill();
      this.#lose(new VMLostError(`it broke the protocol (${(error as Error).message})`));
    }
  }

  #dispatch(message: FromSandbox, blob: Buffer): void {
    const request = this.#requests[0];
    // A sandbox is silent between its answer and the next request: what comes then is nobody's, and may never end.
    if (request === undefined || request.id !== message.id) throw new TypeError('a message that belongs to no request');
    if (message.op === 'compiled') request.listener?.(message, blob);
    if (message.op === 'ack' || message.op === 'done' || message.op === 'compiled' || message.op === 'loaded') {
      this.#requests.shift();
      request.resolve(message);
    } else {
      request.listener?.(message, blob);
    }
  }

  #lose(error: VMLostError): void {
    this.#lost ??= error;
    for (const request of this.#requests.splice(0)) request.reject(this.#lost);
    this.#process.socket.destroy();
  }
}
