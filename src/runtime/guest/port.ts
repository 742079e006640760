/**
 * The only way out of the isolate: one function of the sandbox process. It takes and gives strings; the sandbox process
 * caps and checks what comes, and stops listening when the run is over.
 */
export interface Port {
  (op: 'log', level: string, text: string): void;
  /** Starts a call of a host function; its answer arrives by `Guest.settle`. */
  (op: 'call', name: string, args: string, call: number): void;
  /**
   * Takes a step of `fetch` (wire/fetch-step.ts), as JSON, with bytes of a body; its answer arrives by `Guest.settle`. False
   * where it cannot be sent, as it is too long.
   */
  (op: 'fetch', step: string, bytes: Uint8Array | undefined, call: number): boolean;
  /** The bytes of the answer that `Guest.settle` has brought. */
  (op: 'answer-bytes'): Uint8Array | undefined;
  /** The body of the request that the web handler is to answer. */
  (op: 'request-bytes'): Uint8Array<ArrayBuffer>;
  /** The same as text: what the bytes say in UTF-8, without a byte order mark. */
  (op: 'request-text'): string;
  /**
   * Asks for the next bytes of the request's streamed body (wire/body-step.ts); the answer arrives by `Guest.settle`. Or says that nothing
   * reads it any more, which has no answer. False where the run of that number is over.
   */
  (op: 'body', step: 'read' | 'cancel', run: number, call: number): boolean;
  /**
   * Takes a part of a response (wire/response-part.ts), as JSON, with bytes of its body, or with a text that is sent as UTF-8; of each but the last the answer arrives by
   * `Guest.settle`. False where it cannot be sent, as it is too long.
   */
  (op: 'respond', part: string, bytes: Uint8Array | string | undefined, call: number): boolean;
  /** Starts, enters, leaves, describes or ends a span of the script (sandbox/script-spans.ts). */
  (op: 'span', step: string, a?: unknown, b?: unknown): unknown;
  /** Starts an `import()`; its answer arrives by `loaded` or `failed`. */
  (op: 'load', specifier: string, importer: string, call: number): void;
  /** The main module, which may wait, has been evaluated. */
  (op: 'evaluated'): void;
  /** The web handler has given a promise to `ctx.waitUntil`: what it has said does not wait for what it says next. */
  (op: 'goes-on'): void;
  /** The run is over: JSON text of the result, or none for `undefined`. */
  (op: 'value', json: string | undefined): void;
  (op: 'too-large', length: number): void;
  (op: 'thrown', error: string): void;
  /** As `thrown`, but a listener has cancelled its event: it is the end only of a run that nothing else can end. */
  (op: 'cancelled', error: string): void;
  (op: 'thrown' | 'cancelled', error: string): void;
  /** The script was refused a buffer for which the isolate has no room. */
  (op: 'out-of-memory'): void;
  /** Starts a timer, again where it runs; its turn arrives by `Guest.timer`. False where too many are active. */
  (op: 'timer', id: number, delayMs: number): boolean;
  (op: 'clear-timer', id: number): void;
  /** Takes the frames of a stack trace (stack-trace.ts) and gives them as the author knows them. */
  (op: 'frames', frames: string): string | undefined;
  /** Loads the web platform's code, for a web handler or for any other script: a function of the kit (web/kit.ts). */
  (op: 'web' | 'web-handler'): unknown;
  /** Loads the code of those modules of the web platform that few scripts use: a function of the kit and of what modules get each other by (web/main.ts). */
  (op: 'web-seldom'): unknown;
  /** Has Node work for the web platform (sandbox/web/platform.ts): texts and copies of bytes. */
  (op: 'platform', method: string, a: unknown, b?: unknown): unknown;
  /** Loads what formats objects; too big to load for each run. */
  (op: 'inspector'): Inspector | undefined;
}

/** Formats values as Node's console does. */
export interface Inspector {
  format(args: unknown[]): string;
  inspect(value: unknown, options?: unknown): string;
  table(data: unknown, columns: unknown): string;
}

/** Looks behind proxies without calling a trap of them. */
export interface Proxies {
  isProxy(value: unknown): boolean;
  /** null where the proxy is revoked. */
  targetOf(proxy: unknown): unknown;
  handlerOf(proxy: unknown): unknown;
}

/** The port as the sandbox process gives it: it wants to know which context speaks. */
export type RawPort = (serial: number, op: string, a: unknown, b: unknown, c: unknown) => unknown;

/** A module's exports. */
export type Namespace = Readonly<Record<string, unknown>>;

/** Gives instrumented code what it calls. */
export type Connect = (
  thrown: (value?: unknown) => unknown,
  load: (importer: string, specifier: unknown) => Promise<unknown>,
  done: (call: number, exported: Namespace) => void,
) => void;

/** isolated-vm's handle of a script. In the isolate of its own, it throws what the script throws. */
export interface ScriptHandle {
  runSync(context: object, options: object): { deref(options: object): unknown };
  release(): void;
}

/** Compiles a module of this isolate: isolated-vm's handle of the isolate. */
export interface ModuleCompiler {
  compileModuleSync(code: string, options: object): unknown;
  release?(): void;
}

/** Number of the main module where modules are counted as those of `import()` are. */
export const MAIN = -1;

/** What a run is given. One by one: what a context is given is copied value by value, and an object takes longer than all of them. */
export type GivenToGuest = readonly [
  /** As JSON. */
  params: string,
  /** As JSON. */
  context: string,
  /** Their names, with commas between them. */
  hostFunctions: string,
  maxResultBytes: number,
  /** The script has a variable of its own called `context`. */
  declaresContext: boolean,
  /** The globals of the web platform that the script may use (sandbox/web-use.ts). */
  webNames: string,
  /** The script may use `console`. */
  usesConsole: boolean,
  /** As JSON; empty for no variables. */
  env: string,
  /** The head of the request that the web handler is to answer; empty for a script that is no web handler. */
  request: string,
];

/**
 * Makes the globals of a run.
 * @param serial number of the context
 */
export type Boot = (rawPort: RawPort, serial: number, ...given: GivenToGuest) => Guest;

/** What the sandbox process calls inside the isolate. */
export interface Guest {
  (op: 'connect', connect: Connect, mainName: string, mark: string): void;
  /** Reports a script's completion value. */
  (op: 'complete', value: unknown): void;
  /** Has the web handler of the evaluated module answer another request: its head and the context of its execution, as JSON. */
  (op: 'request', request: string, context: string): void;
  /** Runs a script, and reports its completion value. */
  (op: 'run', script: ScriptHandle, context: object): void;
  /** Runs an asynchronous script, and reports its completion value. */
  (op: 'run-async', script: () => Promise<unknown>): void;
  /** The module of that number has been evaluated: the main one's default export is the result, or gives it. */
  (op: 'loaded', call: number, exported: Namespace): void;
  /**
   * Something was thrown at the sandbox process, which has a copy: the run ends with it, or the `import()` of that number.
   * Of an object `value` is the message, `frames` its stack without it, and `name` what kind of error it is.
   */
  (op: 'failed', call: number, isObject: boolean, value: unknown, frames: string, name: string): void;
  /** Settles the host call, or the step of `fetch`, of that number. */
  (op: 'settle', call: number, ok: boolean, value: string): void;
  /** The timer of that number is due. */
  (op: 'timer', id: number): void;
  /** Compiles a module with `import.meta`, or one of JSON. */
  (
    op: 'compile',
    compiler: ModuleCompiler,
    code: string,
    name: string,
    kind: 'module' | 'json',
    isMain: boolean,
  ): unknown;
}
