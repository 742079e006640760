import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { deadline } from './deadline.ts';
import { encodeFrame, FrameDecoder } from './wire/frame.ts';
import { checkFromSandbox, type FromSandbox } from './wire/from-sandbox.ts';
import type { ToSandbox } from './wire/to-sandbox.ts';

const BOUNDS = { maxJsonBytes: 2 << 20, maxBlobBytes: 8 << 20 };
const MAX_STDERR_BYTES = 4096;
/** How long a process that has ended is listened to. */
const DRAIN_MS = 100;
/** After this, a process that does not answer what it answers at once is taken for dead. */
const SILENCE_MS = 5000;
/** How V8 and isolated-vm say on standard error that the heap was too small, before they abort. */
const OUT_OF_MEMORY = /out of memory|Allocation failed|is_heap_oom = 1/i;

/** A sandbox process that ended while something was asked of it. */
export class VMLostError extends Error {
  /** The engine ran out of memory and took the process with it. */
  readonly outOfMemory: boolean;

  constructor(detail: string, outOfMemory = false) {
    super(`the sandbox process was lost: ${detail}`);
    this.outOfMemory = outOfMemory;
  }
}

type Answer = Extract<FromSandbox, { op: 'ready' | 'pong' | 'done' }>;
/** Takes what a sandbox says between a request and its answer. What it throws ends the sandbox. */
export type Listener = (message: Exclude<FromSandbox, Answer>, blob: Buffer) => void;

interface Request {
  readonly id: number;
  readonly listener: Listener | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

let lastVMId = 0;

/** One sandbox process with one isolate. It serves one request at a time. */
export class VM {
  readonly id = ++lastVMId;
  readonly pid: number;
  /** Milliseconds of the monotonic clock. */
  readonly createdAt = performance.now();
  /** Executions that this VM has started. */
  useCount = 0;
  /** Whose state the isolate may hold; undefined for nobody's. */
  tenantKey: string | undefined;
  /** Counts the isolates this process has had. */
  isolateId = 1;
  /** Resident memory of the idle process when it was new, in bytes. */
  baselineBytes = 0;
  /** Programs the process has, in the order of their last use. */
  readonly programs = new Set<string>();
  #typescript: Promise<unknown> | undefined;

  readonly #process: ChildProcess;
  readonly #socket: Duplex;
  readonly #decoder = new FrameDecoder(BOUNDS);
  readonly #exited: Promise<void>;
  #lost: VMLostError | undefined;
  #requests: Request[] = [];
  #lastRequest = 0;
  #stderr = '';

  constructor(process: ChildProcess) {
    this.#process = process;
    this.pid = process.pid ?? 0;
    this.#socket = process.stdio[3] as Duplex;
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', () => {}); // the exit tells
    process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(-MAX_STDERR_BYTES);
    });
    this.#exited = new Promise((resolve) => {
      process.once('error', (error) => {
        this.#lose(new VMLostError(`it could not be started (${(error as NodeJS.ErrnoException).code})`));
        resolve();
      });
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        // A process that exits by itself may say anything, words of the script among it; V8 out of memory aborts.
        const outOfMemory = signal !== null && OUT_OF_MEMORY.test(this.#stderr);
        this.#lose(new VMLostError(signal === null ? `exit code ${code}` : `signal ${signal}`, outOfMemory));
        process.stderr?.destroy();
        resolve();
      };
      // What it has said is read to the end, but not for ever: a process it left behind may hold on to its streams.
      process.once('exit', (...how) => {
        const timer = setTimeout(end, DRAIN_MS, ...how);
        process.once('close', () => clearTimeout(timer));
      });
      process.once('close', end);
    });
  }

  /** Alive, and nothing unfinished in it. */
  get healthy(): boolean {
    return this.#lost === undefined && this.#requests.length === 0;
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** What the process wrote to its standard error, the last of it. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Sends a request and waits for its answer. @throws VMLostError if the process ends before. */
  request(message: ToSandbox & { id: number }, listener?: Listener, blob?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#requests.push({ id: message.id, listener, resolve, reject });
      this.#socket.write(encodeFrame(message, blob));
    });
  }

  /** Sends what needs no answer. */
  send(message: ToSandbox): void {
    if (this.#lost === undefined) this.#socket.write(encodeFrame(message));
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

  /** Makes sure that the process can strip types without delay. @throws VMLostError */
  async loadTypeScript(): Promise<void> {
    using _silent = deadline(SILENCE_MS, () => this.kill());
    this.#typescript ??= this.request({ op: 'load-typescript', id: this.nextRequestId() });
    await this.#typescript;
  }

  /** Ends the process at once. Safe to call again. */
  kill(): void {
    try {
      // It leads a group of its own: what it may have started in spite of everything ends with it.
      if (this.alive && this.pid > 0) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // no group of that id: it is not up yet, or no more
    }
    this.#process.kill('SIGKILL');
  }

  /** Resolves when the process is gone. */
  async exited(): Promise<void> {
    await this.#exited;
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
    if (message.op === 'ready' || message.op === 'pong' || message.op === 'done') {
      this.#requests.shift();
      request.resolve(message);
    } else {
      request.listener?.(message, blob);
    }
  }

  #lose(error: VMLostError): void {
    this.#lost ??= error;
    for (const request of this.#requests.splice(0)) request.reject(this.#lost);
    this.#socket.destroy();
  }
}
