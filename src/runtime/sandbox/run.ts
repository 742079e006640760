import type { LogLevel } from '../types.ts';
import type { ErrorReport, RunReport } from '../wire/from-sandbox.ts';
import type { RunMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { receive, send } from './channel.ts';
import type { LoadedProgram } from './compile.ts';
import { LogWriter } from './log-writer.ts';
import type { FreshContext, Sandbox } from './sandbox.ts';
import { authorsError, authorsFrames } from './stack.ts';

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const MAX_CALL_BYTES = 512 << 10;

export interface RunEnd {
  readonly report: RunReport;
  /** Nothing of the run is left behind. */
  readonly clean: boolean;
}

/** Runs a program in a fresh context until its result, error, or until nothing can settle it any more. */
export function run(sandbox: Sandbox, fresh: FreshContext, program: LoadedProgram, message: RunMessage): RunEnd {
  const state = new RunState(sandbox, fresh, program, message);
  fresh.connect((op, a, b, c) => state.handle(op, a, b, c));
  try {
    const entry = program.script.runSync(fresh.context, { reference: true });
    const { params, context, hostFunctions, maxResultBytes } = message;
    state.enter(['run', entry.derefInto({ release: true }), params, context, hostFunctions.join(), maxResultBytes]);
    while (state.report === undefined && state.calls.size > 0) state.deliver(receive().message as ToSandbox);
  } catch (error) {
    if (!sandbox.isolate.isDisposed) throw error;
    return { report: { kind: 'out-of-memory' }, clean: false };
  } finally {
    state.logs.flush();
  }
  if (state.report === undefined) return { report: { kind: 'never-settles' }, clean: false };
  return { report: state.report, clean: state.calls.size === 0 };
}

class RunState {
  readonly calls = new Set<number>();
  readonly logs: LogWriter;
  report: RunReport | undefined;
  readonly #sandbox: Sandbox;
  readonly #fresh: FreshContext;
  readonly #program: LoadedProgram;
  readonly #message: RunMessage;

  constructor(sandbox: Sandbox, fresh: FreshContext, program: LoadedProgram, message: RunMessage) {
    this.#sandbox = sandbox;
    this.#fresh = fresh;
    this.#program = program;
    this.#message = message;
    this.logs = new LogWriter((lines) => send({ op: 'log', id: message.id, lines }));
  }

  /**
   * Has the guest do something. It reports by itself, so what comes out of it here is none of its errors but the
   * rejection of a promise that the script left without a handler, which ends nothing.
   */
  enter(args: unknown[]): void {
    try {
      this.#fresh.guest.applySync(undefined, args);
    } catch (error) {
      if (this.#sandbox.isolate.isDisposed) throw error;
    }
  }

  /** What the guest says through its port. The first end of the run counts; what it says later is not heard. */
  handle(op: unknown, a: unknown, b: unknown, c: unknown): unknown {
    if (op === 'log') {
      if (LEVELS.has(a) && typeof b === 'string') this.logs.add(a as LogLevel, b);
    } else if (op === 'frames') {
      return typeof a === 'string' ? authorsFrames(a, this.#program) : undefined;
    } else if (op === 'inspector') {
      return this.#sandbox.loadInspector(this.#fresh.context);
    } else if (op === 'call') {
      this.#call(a, b, c);
    } else if (this.report === undefined) {
      this.report = this.#end(op, a);
    }
    return undefined;
  }

  /** The supervisor's word while host calls are under way. */
  deliver(message: ToSandbox): void {
    if (message.op === 'ping') send({ op: 'ack', id: message.id });
    if (message.op === 'reply' && message.id === this.#message.id)
      this.#settle(message.call, message.ok, message.value);
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
    send({ op: 'call', id: this.#message.id, call: call as number, name, args });
  }

  #settle(call: number, ok: boolean, value: string): void {
    if (this.calls.delete(call)) this.enter(['settle', call, ok, value]);
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
        return { kind: 'thrown', error: authorsError(JSON.parse(String(payload)) as ErrorReport, this.#program) };
      case 'out-of-memory':
        return { kind: 'out-of-memory' };
      default:
        return undefined;
    }
  }
}
