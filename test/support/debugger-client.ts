import { allGeneratedPositionsFor, LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { until } from './until.ts';

/** What a debugger is told about code that V8 has compiled (Chrome DevTools Protocol, `Debugger.scriptParsed`). */
interface Parsed {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: Location;
}

export interface Paused {
  readonly reason: string;
  readonly callFrames: readonly CallFrame[];
}

/** A file of an author's, and its line from 1. */
export interface AuthorsLine {
  readonly file: string;
  readonly line: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: never;
  readonly error?: object;
  readonly result?: Record<string, never>;
}

interface Command {
  readonly method: string;
  readonly answer: PromiseWithResolvers<Record<string, never>>;
}

/** The process has ended, or let the debugger go, before it answered. */
class ClosedError extends Error {}

/** A debugger as editors have it: speaks the Chrome DevTools Protocol over a WebSocket, and reads source maps. */
export class DebuggerClient implements Disposable {
  readonly #socket: WebSocket;
  /** Commands without an answer yet. */
  readonly #commands = new Map<number, Command>();
  readonly #scripts = new Map<string, Parsed>();
  readonly #breakpoints: AuthorsLine[];
  readonly #paused: Paused[] = [];
  readonly logged: string[] = [];
  #lastId = 0;
  /** Why the script stops at nothing any more. */
  #failure: Error | undefined;
  isClosed = false;

  private constructor(socket: WebSocket, breakpoints: readonly AuthorsLine[]) {
    this.#socket = socket;
    this.#breakpoints = [...breakpoints];
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as Message);
    socket.onclose = () => {
      this.isClosed = true;
      this.#failure ??= new ClosedError('the debugger is not attached any more');
      for (const { method, answer } of this.#commands.values()) answer.reject(new ClosedError(`${method}: no answer`));
    };
  }

  /** Attaches to a process and starts it. @param breakpoints `file` is the end of its URL */
  static async attach(url: string, breakpoints: readonly AuthorsLine[] = []): Promise<DebuggerClient> {
    const socket = new WebSocket(url);
    const client = new DebuggerClient(socket, breakpoints);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no debugger at ${url}`));
    });
    await client.send('Runtime.enable');
    await client.send('Debugger.enable');
    // As editors do: code stops before it runs, once its source map is known.
    await client.send('Debugger.setInstrumentationBreakpoint', { instrumentation: 'beforeScriptExecution' });
    await client.#start('Runtime.runIfWaitingForDebugger');
    return client;
  }

  async send(method: string, params: object = {}): Promise<Record<string, never>> {
    if (this.isClosed) throw new ClosedError(`${method}: the debugger is not attached any more`);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Record<string, never>>();
    this.#commands.set(id, { method, answer });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer.promise;
  }

  /** Has the script go on. Its process may have ended before the answer is sent. */
  async #start(method: string): Promise<void> {
    try {
      await this.send(method);
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error;
    }
  }

  /** Waits until the script stops at a breakpoint or a statement. */
  async paused(): Promise<Paused> {
    return await until('the script to stop', () => {
      const paused = this.#paused.shift();
      if (paused === undefined && this.#failure !== undefined) throw this.#failure;
      return paused;
    });
  }

  /** Where the script stands, as its author has it. */
  placeOf({ callFrames: [frame] }: Paused): AuthorsLine | undefined {
    if (frame === undefined) return undefined;
    const { scriptId, lineNumber, columnNumber } = frame.location;
    const script = this.#scripts.get(scriptId);
    if (script === undefined) return undefined;
    const map = mapOf(script);
    if (map === undefined) return { file: script.url, line: lineNumber + 1 };
    const found = originalPositionFor(map, { line: lineNumber + 1, column: columnNumber });
    return found.line === null ? undefined : { file: found.source ?? '', line: found.line };
  }

  /** The value of an expression where the script stands. */
  async evaluate({ callFrames: [frame] }: Paused, expression: string): Promise<unknown> {
    const callFrameId = frame?.callFrameId;
    const params = { callFrameId, expression, returnByValue: true };
    const { result } = await this.send('Debugger.evaluateOnCallFrame', params);
    return (result as { value?: unknown } | undefined)?.value;
  }

  async resume(): Promise<void> {
    await this.#start('Debugger.resume');
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#answer(message.id, message);
    } else if (message.method === 'Debugger.scriptParsed') {
      const script = message.params as unknown as Parsed;
      this.#scripts.set(script.scriptId, script);
    } else if (message.method === 'Runtime.consoleAPICalled') {
      const { args } = message.params as unknown as { args: { value: unknown }[] };
      this.logged.push(args.map(({ value }) => String(value)).join(' '));
    } else if (message.method === 'Debugger.paused') {
      const paused = message.params as unknown as Paused & { data?: { scriptId: string } };
      if (paused.reason === 'instrumentation') this.#beforeScript(paused.data?.scriptId ?? '');
      else this.#paused.push(paused);
    }
  }

  #answer(id: number, { error, result }: Message): void {
    const command = this.#commands.get(id);
    this.#commands.delete(id);
    if (error === undefined) command?.answer.resolve(result ?? {});
    else command?.answer.reject(new Error(`${command.method}: ${JSON.stringify(error)}`));
  }

  #beforeScript(scriptId: string): void {
    this.#instrumented(scriptId).catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  /** Sets the breakpoints in code that is about to run. */
  async #instrumented(scriptId: string): Promise<void> {
    const script = this.#scripts.get(scriptId);
    if (script !== undefined) {
      for (const location of this.#breakpoints.flatMap((each) => locationOf(script, each))) {
        await this.send('Debugger.setBreakpoint', { location });
      }
    }
    await this.resume();
  }
}

function locationOf(script: Parsed, { file, line }: AuthorsLine): Location[] {
  const { scriptId, url } = script;
  const map = mapOf(script);
  if (map === undefined) return url.endsWith(file) ? [{ scriptId, lineNumber: line - 1, columnNumber: 0 }] : [];
  const source = map.sources.find((each) => each?.endsWith(file));
  if (source == null) return [];
  const [first] = allGeneratedPositionsFor(map, { source, line, column: 0, bias: LEAST_UPPER_BOUND });
  return first?.line == null ? [] : [{ scriptId, lineNumber: first.line - 1, columnNumber: first.column }];
}

function mapOf({ sourceMapURL }: Parsed): TraceMap | undefined {
  const [, base64] = /^data:application\/json;base64,(.*)$/.exec(sourceMapURL) ?? [];
  return base64 === undefined ? undefined : new TraceMap(Buffer.from(base64, 'base64').toString());
}
