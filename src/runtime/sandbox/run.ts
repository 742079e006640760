import type ivm from 'isolated-vm';
import type { RunReport } from '../wire/from-sandbox.ts';
import type { RunMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { FD, flush, hasReceived, receive, send } from './channel.ts';
import { cacheModules } from './compilation-cache.ts';
import { freeBytes } from './free-bytes.ts';
import { bodyText, requestText } from './given-request.ts';
import { Modules } from './modules.ts';
import { DONE, type LoadedFile, type LoadedProgram } from './program.ts';
import { waitReadable } from './readable.ts';
import type { RunContext } from './run-context.ts';
import { reportOf } from './run-report.ts';
import type { Sandbox } from './sandbox.ts';
import { authorsFrames, knownFrames } from './stack.ts';
import { Timers } from './timers.ts';
import { ToSupervisor } from './to-supervisor.ts';
import { Platform } from './web/platform.ts';

/** Number of the main module: those of `import()` count from 0. The same as in guest/port.ts. */
const MAIN = -1;
const MAX_SPECIFIER = 4096;
const REFERENCE = { reference: true } as const;

export interface RunEnd {
  readonly report: RunReport;
  /** Nothing of the run is left behind. */
  readonly clean: boolean;
  /** The module that is evaluated, where it may answer another request. */
  readonly module?: EvaluatedModule;
}

/** A module that answers one request after the other in its context. */
export interface EvaluatedModule {
  answer(message: RunMessage, requestBody: Buffer): RunEnd;
  /** Lets go of what it holds in this process. */
  release(): void;
}

/**
 * Runs a program in a fresh context until its result, error, or until nothing can settle it any more.
 * @param requestBody of the request that its web handler is to answer
 */
export function run(
  sandbox: Sandbox,
  context: RunContext,
  program: LoadedProgram,
  message: RunMessage,
  requestBody: Buffer,
): RunEnd {
  const state = new Run(sandbox, context, program, message, requestBody);
  return state.toItsEnd(() => state.start());
}

interface Load {
  readonly specifier: string;
  readonly importer: string;
  readonly call: number;
}

class Run implements EvaluatedModule {
  /** What `import()` has asked for. */
  readonly loads: Load[] = [];
  report: RunReport | undefined;
  /** The first failure whose event a listener has cancelled: the end, if nothing else can end the run. */
  cancelled: RunReport | undefined;
  /** Bytes of the answer that the guest is given. */
  #answerBytes: Uint8Array<ArrayBuffer> | undefined;
  readonly #platform = new Platform();
  #timers = new Timers(() => performance.now());
  /** The main module is evaluated: its handler, if it has one, is called. */
  #isEvaluated = false;
  readonly #sandbox: Sandbox;
  readonly #context: RunContext;
  readonly #program: LoadedProgram;
  #message: RunMessage;
  #requestBody: Buffer;
  #toSupervisor: ToSupervisor;
  readonly #modules: Modules;

  constructor(sandbox: Sandbox, context: RunContext, program: LoadedProgram, message: RunMessage, requestBody: Buffer) {
    this.#sandbox = sandbox;
    this.#context = context;
    this.#program = program;
    this.#message = message;
    this.#requestBody = requestBody;
    this.#toSupervisor = new ToSupervisor(message);
    const { isolate } = sandbox;
    const compileWithMeta = (file: LoadedFile): ivm.Module => this.#compileWithMeta(file);
    this.#modules = new Modules({ isolate, context: context.context, compileWithMeta }, program);
  }

  /** Enters the script, and goes on until its result, its error, or until nothing can settle it any more. */
  toItsEnd(enter: () => void): RunEnd {
    const { isolate } = this.#sandbox;
    const { calls } = this.#toSupervisor;
    let isKept = false;
    try {
      enter();
      while (this.report === undefined && this.isWaiting) this.next();
      isKept = this.#message.request?.module !== undefined && this.#isEvaluated && calls.size + this.loads.length === 0;
    } catch (error) {
      if (!isolate.isDisposed) throw error;
      return { report: { kind: 'out-of-memory' }, clean: false };
    } finally {
      this.#toSupervisor.endLog();
      if (!isKept) this.release();
    }
    if (this.report === undefined) return { report: this.cancelled ?? { kind: 'never-settles' }, clean: false };
    const end = { report: this.report, clean: calls.size === 0 };
    return isKept ? { ...end, module: this } : end;
  }

  /** Answers another request with the module that is evaluated. Timers of earlier ones are gone. */
  answer(message: RunMessage, requestBody: Buffer): RunEnd {
    this.#message = message;
    this.#requestBody = requestBody;
    this.#toSupervisor = new ToSupervisor(message);
    this.#timers = new Timers(() => performance.now());
    this.report = undefined;
    this.cancelled = undefined;
    const { context } = message;
    return this.toItsEnd(() => this.#enter(MAIN, () => this.#guest('request', requestText(message), context)));
  }

  get isWaiting(): boolean {
    return this.loads.length > 0 || this.#toSupervisor.calls.size > 0 || this.#timers.size > 0;
  }

  start(): void {
    const { params, context, env, hostFunctions, maxResultBytes } = this.#message;
    const { main, program } = this.#program;
    const { webNames, usesConsole } = program;
    this.#context.start(
      (op, a, b, c) => this.handle(op, a, b, c),
      [
        params,
        context,
        hostFunctions.join(),
        maxResultBytes,
        main.declaresContext,
        webNames,
        usesConsole,
        env,
        requestText(this.#message),
      ],
    );
    this.#connect();
    if (main.kind === 'module') this.#evaluate(main, MAIN);
    else this.#runScript(main);
  }

  /** A script that throws is run by the guest, which sees what is thrown; to let it run others costs more. */
  #runScript({ kind, mayThrow }: LoadedFile): void {
    const { script } = this.#program;
    this.#enter(MAIN, () => {
      if ((mayThrow || this.#program.program.mayCancelRejections) && kind === 'script')
        return this.#guest('run', script, this.#context.context);
      const value = script.runSync(this.#context.context, REFERENCE);
      this.#guest(kind === 'async' ? 'run-async' : 'complete', value.derefInto({ release: true }));
    });
  }

  /** Does what comes next: an `import()`, or an answer or a timer, by turns, so that neither keeps the other waiting. */
  next(): void {
    flush();
    if (this.loads.length > 0) {
      this.#load();
      return;
    }
    const untilTimerMs = this.#timers.untilNextMs();
    if (untilTimerMs === undefined || hasReceived() || waitReadable(FD, untilTimerMs)) {
      const { message, blob } = receive();
      this.#deliver(message as ToSandbox, blob);
    }
    if (this.report !== undefined) return;
    const due = this.#timers.takeDue();
    if (due !== undefined) this.#enter(MAIN, () => this.#guest('timer', due));
  }

  /** Evaluates the next module that `import()` has asked for. */
  #load(): void {
    const { specifier, importer, call } = this.loads.shift() as Load;
    this.#enter(call, () => {
      const file = this.#modules.find(specifier, importer);
      if (file.kind === 'broken') throw new SyntaxError(file.code.replace(/^SyntaxError: /, ''));
      this.#evaluate(file, call);
    });
  }

  release(): void {
    this.#platform.end();
    this.#modules.release();
  }

  /** What the guest says through its port. The first end of the run counts; what it says later is not heard. */
  handle(op: unknown, a: unknown, b: unknown, c: unknown): unknown {
    switch (op) {
      case 'log':
        return this.#toSupervisor.log(a, b);
      case 'frames':
        if (typeof a !== 'string') return undefined;
        return authorsFrames(a, this.#program.places, this.#program.program.names?.value);
      case 'inspector':
      case 'web':
      case 'web-handler':
      case 'web-seldom':
        return this.#sandbox.load(op, this.#context.context);
      case 'platform':
        return this.#platform.handle(a, b, c);
      case 'call':
        return this.#toSupervisor.call(a, b, c);
      case 'fetch':
        return this.#toSupervisor.fetch(a, b, c);
      case 'answer-bytes':
        return this.#answerBytes;
      case 'request-bytes':
        return new Uint8Array(this.#requestBody);
      case 'request-text':
        return bodyText(this.#requestBody);
      case 'body':
        return this.#toSupervisor.body(a, b, c);
      case 'evaluated':
        this.#isEvaluated = true;
        return undefined;
      case 'goes-on':
        return this.#toSupervisor.goesOn();
      case 'respond':
        return this.#toSupervisor.respond(a, b, c);
      case 'span':
        return this.#toSupervisor.span(a, b, c);
      case 'timer':
        return this.#timers.set(a, b);
      case 'clear-timer':
        return this.#timers.clear(a);
      case 'load':
        if (typeof a === 'string' && typeof b === 'string' && Number.isSafeInteger(c)) {
          this.loads.push({ specifier: a.slice(0, MAX_SPECIFIER), importer: b, call: c as number });
        }
        return undefined;
      case 'cancelled':
        this.cancelled ??= this.#end('thrown', a);
        return undefined;
      default:
        this.report ??= this.#end(op, a);
        return undefined;
    }
  }

  /** The supervisor's word while host calls are under way. */
  #deliver(message: ToSandbox, blob: Buffer): void {
    if (message.op === 'ping') send({ op: 'ack', id: message.id });
    if (message.op !== 'reply' || message.id !== this.#message.id) return;
    const { call, ok, value } = message;
    if (!this.#toSupervisor.calls.delete(call)) return;
    this.#answerBytes = blob.length > 0 ? new Uint8Array(blob) : undefined;
    this.#enter(MAIN, () => this.#guest('settle', call, ok, value));
    freeBytes(this.#answerBytes);
    this.#answerBytes = undefined;
  }

  #guest(...args: unknown[]): void {
    this.#context.call(...args);
  }

  /** Gives instrumented code and waiting modules what they call: variables of the realm that no source can name. */
  #connect(): void {
    const { names } = this.#program.program;
    if (names === undefined && !this.#waits) return;
    const connect = this.#program.connect.runSync(this.#context.context, REFERENCE);
    this.#guest('connect', connect.derefInto({ release: true }), this.#program.main.name, names?.mark ?? '');
  }

  get #waits(): boolean {
    const { main } = this.#program;
    return main.kind === 'module' && this.#mustReport(main);
  }

  /** Whether a module says itself that it has been evaluated: leaving the isolate may throw a rejection of something else. */
  #mustReport(file: LoadedFile): boolean {
    return this.#modules.mayWait(file) || this.#program.program.mayCancelRejections;
  }

  /** Evaluates a module of the program, and tells the guest when it is done. */
  #evaluate(file: LoadedFile, call: number): void {
    if (this.#mustReport(file)) {
      this.#enter(call, () => this.#modules.linkReporting(file, DONE, call).evaluateSync());
      return;
    }
    this.#enter(call, () => {
      const module = this.#modules.link(file);
      module.evaluateSync();
      this.#isEvaluated ||= call === MAIN;
      this.#guest('loaded', call, module.namespace.derefInto({ release: true }));
    });
  }

  #compileWithMeta(file: LoadedFile): ivm.Module {
    const { name, code, kind } = file;
    cacheModules();
    const isMain = file === this.#program.main;
    return this.#context.call('compile', this.#sandbox.isolate, code, name, kind, isMain) as ivm.Module;
  }

  /**
   * Enters the isolate. What comes out of it is thrown by the script itself, or a rejection that nothing has handled by
   * the time the isolate is left: the end of the run, or of the `import()` of that number.
   */
  #enter(call: number, enter: () => void): void {
    try {
      enter();
    } catch (error) {
      if (this.#sandbox.isolate.isDisposed) throw error;
      this.#failed(call, error);
    }
  }

  #failed(call: number, error: unknown): void {
    const before = this.report;
    if (this.report !== undefined) {
      // A rejection that nothing handles is worth more than the result that came before it.
      if (this.report.kind !== 'value' || call !== MAIN) return;
      this.report = undefined;
    }
    const isObject = error instanceof Error;
    const args = isObject ? [true, error.message, this.#framesOf(error), error.name] : [false, error, '', ''];
    try {
      this.#guest('failed', call, ...args);
    } catch (again) {
      if (this.#sandbox.isolate.isDisposed) throw again;
    }
    this.report ??= before;
  }

  /** The frames that the guest has written into a stack; isolated-vm goes on with those of this process. */
  #framesOf(error: Error): string {
    const stack = String(error.stack ?? '');
    const end = stack.indexOf('\n    at (<isolated-vm boundary>)');
    return knownFrames(stack.slice(0, Math.max(0, end)), this.#program.places);
  }

  #end(op: unknown, payload: unknown): RunReport | undefined {
    return reportOf(op, payload, this.#program, this.#message.maxResultBytes);
  }
}
