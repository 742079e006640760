import type ivm from 'isolated-vm';
import type { LogLevel } from '../types.ts';
import { type BodyStep, isBodyStep } from '../wire/body-step.ts';
import { type FetchStep, isFetchStep, MAX_WHOLE_BYTES } from '../wire/fetch-step.ts';
import type { ErrorReport, RunReport } from '../wire/from-sandbox.ts';
import { isResponsePart, MAX_PART_BYTES, type ResponsePart } from '../wire/response-part.ts';
import type { RunMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { blobOf } from './blob-of.ts';
import { FD, flush, hasReceived, receive, send, sendWithNext } from './channel.ts';
import { cacheModules } from './compilation-cache.ts';
import { freeBytes } from './free-bytes.ts';
import { bodyText, requestText } from './given-request.ts';
import { LogWriter } from './log-writer.ts';
import { Modules } from './modules.ts';
import { DONE, type LoadedFile, type LoadedProgram } from './program.ts';
import { waitReadable } from './readable.ts';
import type { RunContext } from './run-context.ts';
import type { Sandbox } from './sandbox.ts';
import { ScriptSpans } from './script-spans.ts';
import { authorsError, authorsFrames, knownFrames } from './stack.ts';
import { Timers } from './timers.ts';
import { Platform } from './web/platform.ts';

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const MAX_CALL_BYTES = 512 << 10;
/** Number of the main module: those of `import()` count from 0. The same as in guest/port.ts. */
const MAIN = -1;
const MAX_SPECIFIER = 4096;
/** UTF-16 units of a step of `fetch` as JSON, which may be six times as long as what it says. */
const MAX_STEP_LENGTH = 256 << 10;
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

const logsOf = ({ id }: RunMessage): LogWriter => new LogWriter((lines) => send({ op: 'log', id, lines }));

const spansOf = ({ id, isTraced }: RunMessage): ScriptSpans =>
  new ScriptSpans(isTraced ? (step) => send({ ...step, op: 'span', id }) : undefined);

class Run implements EvaluatedModule {
  /** Host calls that are under way. */
  readonly calls = new Set<number>();
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
  /** The handler has given a promise to `ctx.waitUntil`: it goes on after its response. */
  #goesOn = false;
  readonly #sandbox: Sandbox;
  readonly #context: RunContext;
  readonly #program: LoadedProgram;
  #message: RunMessage;
  #requestBody: Buffer;
  #logs: LogWriter;
  /** Undefined: it has made none. */
  #spans: ScriptSpans | undefined;
  readonly #modules: Modules;

  constructor(sandbox: Sandbox, context: RunContext, program: LoadedProgram, message: RunMessage, requestBody: Buffer) {
    this.#sandbox = sandbox;
    this.#context = context;
    this.#program = program;
    this.#message = message;
    this.#requestBody = requestBody;
    this.#logs = logsOf(message);
    const { isolate } = sandbox;
    const compileWithMeta = (file: LoadedFile): ivm.Module => this.#compileWithMeta(file);
    this.#modules = new Modules({ isolate, context: context.context, compileWithMeta }, program);
  }

  /** Enters the script, and goes on until its result, its error, or until nothing can settle it any more. */
  toItsEnd(enter: () => void): RunEnd {
    const { isolate } = this.#sandbox;
    let isKept = false;
    try {
      enter();
      while (this.report === undefined && this.isWaiting) this.next();
      isKept =
        this.#message.request?.module !== undefined && this.#isEvaluated && this.calls.size + this.loads.length === 0;
    } catch (error) {
      if (!isolate.isDisposed) throw error;
      return { report: { kind: 'out-of-memory' }, clean: false };
    } finally {
      this.#logs.flush();
      if (!isKept) this.release();
    }
    if (this.report === undefined) return { report: this.cancelled ?? { kind: 'never-settles' }, clean: false };
    const end = { report: this.report, clean: this.calls.size === 0 };
    return isKept ? { ...end, module: this } : end;
  }

  /** Answers another request with the module that is evaluated. Timers of earlier ones are gone. */
  answer(message: RunMessage, requestBody: Buffer): RunEnd {
    this.#message = message;
    this.#requestBody = requestBody;
    this.#logs = logsOf(message);
    this.#spans = undefined;
    this.#timers = new Timers(() => performance.now());
    this.#goesOn = false;
    this.report = undefined;
    this.cancelled = undefined;
    const { context } = message;
    return this.toItsEnd(() => this.#enter(MAIN, () => this.#guest('request', requestText(message), context)));
  }

  get isWaiting(): boolean {
    return this.loads.length > 0 || this.calls.size > 0 || this.#timers.size > 0;
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
        if (LEVELS.has(a) && typeof b === 'string') this.#logs.add(a as LogLevel, b);
        return undefined;
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
        return this.#call(a, b, c);
      case 'fetch':
        return this.#fetch(a, b, c);
      case 'answer-bytes':
        return this.#answerBytes;
      case 'request-bytes':
        return new Uint8Array(this.#requestBody);
      case 'request-text':
        return bodyText(this.#requestBody);
      case 'body':
        return this.#body(a, b, c);
      case 'evaluated':
        this.#isEvaluated = true;
        return undefined;
      case 'goes-on':
        this.#goesOn = true;
        flush();
        return undefined;
      case 'respond':
        return this.#respond(a, b, c);
      case 'span':
        this.#spans ??= spansOf(this.#message);
        return this.#spans.handle(a, b, c);
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
    if (!this.calls.delete(call)) return;
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

  #call(name: unknown, args: unknown, call: unknown): void {
    if (typeof name !== 'string' || !Number.isSafeInteger(call) || this.calls.has(call as number)) return;
    this.calls.add(call as number);
    // What is measured is what is sent: a lone surrogate has one unit, three bytes, and six once it is escaped.
    if (typeof args !== 'string' || Buffer.byteLength(args) > MAX_CALL_BYTES) {
      // Settling needs the guest back in control, which it is once this call has returned.
      send({ op: 'call', id: this.#message.id, call: call as number, name: '', args: '' });
      return;
    }
    send({ op: 'call', id: this.#message.id, call: call as number, name, args, ...this.#spans?.mark });
  }

  /** Sends a step of a fetch. @returns false where it does not fit */
  #fetch(json: unknown, bytes: unknown, call: unknown): boolean {
    if (typeof json !== 'string' || json.length > MAX_STEP_LENGTH || this.calls.has(call as number)) return false;
    const step = {
      ...(JSON.parse(json) as FetchStep),
      op: 'fetch',
      id: this.#message.id,
      call: call as number,
      ...this.#spans?.mark,
    } as const;
    const blob = blobOf(bytes, MAX_WHOLE_BYTES);
    if (!isFetchStep(step) || (blob?.length ?? 0) > MAX_WHOLE_BYTES) return false;
    if (step.step !== 'abort') this.calls.add(step.call);
    send(step, blob);
    freeBytes(bytes);
    return true;
  }

  /**
   * Asks for the next bytes of the request's body, or says that nothing reads them any more.
   * @param run whose request it is: a module that stays evaluated may have the requests of others
   * @returns false where that is over
   */
  #body(step: unknown, run: unknown, call: unknown): boolean {
    if (run !== this.#message.id || this.#message.request?.isStreamed !== true) return false;
    const message = { op: 'body', id: this.#message.id, call: call as number, step } as BodyStep;
    if (!isBodyStep({ ...message }) || this.calls.has(message.call)) return false;
    if (step === 'read') this.calls.add(message.call);
    send(message);
    return true;
  }

  /** Sends a part of a response. @returns false where it does not fit */
  #respond(json: unknown, bytes: unknown, call: unknown): boolean {
    if (typeof json !== 'string' || json.length > MAX_STEP_LENGTH) return false;
    const { head, last } = JSON.parse(json) as ResponsePart;
    const step = { op: 'respond', id: this.#message.id, call: call as number, last } as const;
    const part = head === undefined ? step : { ...step, head };
    const blob = blobOf(bytes, MAX_PART_BYTES);
    if (!isResponsePart(part) || (!last && this.calls.has(part.call)) || (blob?.length ?? 0) > MAX_PART_BYTES)
      return false;
    if (!last) this.calls.add(part.call);
    // The end of most runs follows at once.
    if (last && !this.#goesOn) sendWithNext(part, blob);
    else send(part, blob);
    freeBytes(bytes);
    return true;
  }

  /** V8's messages name what is called: instrumented code calls another function where its author wrote `import`. */
  #inAuthorsWords(text: string): string {
    const { names } = this.#program.program;
    return names === undefined ? text : text.replaceAll(nameOf(names.load), 'import');
  }

  #end(op: unknown, payload: unknown): RunReport | undefined {
    switch (op) {
      case 'value': {
        if (typeof payload !== 'string') return { kind: 'value', json: null };
        const bytes = Buffer.byteLength(payload);
        return bytes > this.#message.maxResultBytes
          ? { kind: 'result-too-large', bytes }
          : { kind: 'value', json: payload };
      }
      case 'too-large':
        return { kind: 'result-too-large', bytes: Number.isSafeInteger(payload) ? (payload as number) : 0 };
      case 'thrown':
        return {
          kind: 'thrown',
          error: authorsError(JSON.parse(this.#inAuthorsWords(String(payload))) as ErrorReport, this.#program.places),
        };
      case 'out-of-memory':
        return { kind: 'out-of-memory' };
      default:
        return undefined;
    }
  }
}

/** The name that an identifier with an escape stands for. */
const nameOf = (identifier: string): string => identifier.replace('\\u200d', '\u200d');
