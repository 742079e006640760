import { CRYPTO_TYPES } from './crypto-types.ts';
import { WEB_TYPES } from './web-types.ts';

/** Declarations of what every script sees beyond ECMAScript. Kept true by a test that looks for each name in a sandbox. */
export const GUEST_TYPES = `/**
 * What the execution is given: \`spec.params\`, or \`--param\` and \`--params-file\` of copepod run.
 *
 * A handler can name what it takes: \`export default ({ who }: { who: string }) => ...\`
 */
declare const params: any;

/** Who an execution is for, and why it runs. Frozen. */
declare const context: ScriptContext;

interface ScriptContext {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
  readonly execution: {
    /** The uid of the ScriptExecution. */
    readonly id: string;
    readonly type: 'cron' | 'http' | 'one_off' | 'embedded';
    readonly triggeredBy: 'user' | 'system' | 'api';
    /** Name of the Kubernetes user who wrote what it runs: see docs/security.md for when it is proof. */
    readonly createdBy?: string;
  };
  readonly requestID: string;
  /** W3C trace context of the request; absent where it had none. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/**
 * The variables of the execution: \`spec.env\` of its ScriptRuntime and of the ScriptExecution. Frozen.
 *
 * Name yours for the compiler: \`interface Env { readonly API_TOKEN: string }\`
 */
declare const env: Env;

interface Env {
  readonly [name: string]: string | undefined;
}

/** What a script exports by default: a value of JSON, or a function that is called with params and context. */
type ScriptHandler<Params = any, Result = unknown> = (
  params: Params,
  context: ScriptContext,
  ctx: ExecutionContext,
) => Result | Promise<Result>;

interface ExecutionContext {
  /** The execution ends after this promise: as RuntimeError if it is rejected. */
  waitUntil(promise: unknown): void;
}

/**
 * What a script may export by default instead: its method is called for the executions of a ScriptSchedule.
 *
 * \`export default { async scheduled(controller, env, ctx) { ... } } satisfies ScheduledHandler\`
 */
interface ScheduledHandler<Result = unknown> {
  scheduled(controller: ScheduledController, env: Env, ctx: ExecutionContext): Result | Promise<Result>;
}

interface ScheduledController {
  /** The time of the schedule, in milliseconds since the epoch. */
  readonly scheduledTime: number;
  /** The expression of the schedule. */
  readonly cron: string;
  /** Does nothing: whether an execution is retried is for its spec to say. */
  noRetry(): void;
}

/** Lines go to \`status.logs\`, and to standard error of copepod run. Values are shown as Node shows them. */
declare const console: ScriptConsole;

interface ScriptConsole {
  debug(...values: unknown[]): void;
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  table(data: unknown, columns?: readonly string[]): void;
}

/** Calls back once, after a delay in milliseconds. The result of the script ends the execution, whatever timers are left. */
declare function setTimeout<Args extends unknown[]>(callback: (...args: Args) => void, delay?: number, ...args: Args): number;
/** Calls back again and again. */
declare function setInterval<Args extends unknown[]>(callback: (...args: Args) => void, delay?: number, ...args: Args): number;
declare function clearTimeout(id?: number): void;
declare function clearInterval(id?: number): void;
declare function queueMicrotask(callback: () => void): void;
/** Dispatches an error event; where no listener cancels it, the execution ends as RuntimeError. */
declare function reportError(error: unknown): void;

declare const self: typeof globalThis;
declare const navigator: Navigator;

interface Navigator {
  readonly userAgent: string;
}

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

declare class Event {
  constructor(type: string, options?: EventInit);
  static readonly NONE: 0;
  static readonly CAPTURING_PHASE: 1;
  static readonly AT_TARGET: 2;
  static readonly BUBBLING_PHASE: 3;
  readonly type: string;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly eventPhase: number;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly defaultPrevented: boolean;
  readonly isTrusted: boolean;
  readonly timeStamp: number;
  composedPath(): EventTarget[];
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}

declare class CustomEvent<T = any> extends Event {
  constructor(type: string, options?: EventInit & { detail?: T });
  readonly detail: T;
}

type EventListener = ((event: any) => void) | { handleEvent(event: any): void };

declare class EventTarget {
  addEventListener(
    type: string,
    listener: EventListener | null,
    options?: boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal },
  ): void;
  removeEventListener(type: string, listener: EventListener | null, options?: boolean | { capture?: boolean }): void;
  dispatchEvent(event: Event): boolean;
}

declare class AbortSignal extends EventTarget {
  private constructor();
  static abort(reason?: any): AbortSignal;
  /** Aborts with a TimeoutError after a time in milliseconds. */
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => void) | null;
  throwIfAborted(): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static parse(url: string | URL, base?: string | URL): URL | null;
  static canParse(url: string | URL, base?: string | URL): boolean;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}

declare class URLSearchParams {
  constructor(init?: string | Iterable<readonly [string, string]> | Readonly<Record<string, string>> | URLSearchParams);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArgument?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

/** Decodes base64: one byte is one character. */
declare function atob(text: string): string;
/** Encodes as base64: one character is one byte. */
declare function btoa(text: string): string;

declare const crypto: Crypto;

interface Crypto {
  readonly subtle: SubtleCrypto;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): \`\${string}-\${string}-\${string}-\${string}-\${string}\`;
}

declare const performance: Performance;
/** A span of the execution's trace. */
interface TracingSpan {
  /** Whether it is recorded. */
  readonly isTraced: boolean;
  setAttribute(name: string, value: string | number | boolean | undefined): this;
  setAttributes(attributes: Readonly<Record<string, string | number | boolean | undefined>>): this;
  /** Marks it as failed. */
  recordException(error: unknown): this;
  end(): void;
}
/** Makes spans in the execution's trace; where that is not recorded, they are not either. */
declare const tracing: {
  /** Calls the callback with a new span, which ends when what the callback returns has settled. */
  enterSpan<T>(name: string, callback: (span: TracingSpan) => T): T;
  /** Starts a span that ends with its own end(). */
  startSpan(name: string): TracingSpan;
  /** The span that a call would now be within. */
  getActiveSpan(): TracingSpan;
};

interface Performance {
  /** Whole milliseconds since the execution started. */
  now(): number;
  readonly timeOrigin: number;
  toJSON(): object;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string | { name?: string; cause?: unknown });
  readonly code: number;
}
/** More was asked for than there is room for. */
declare class QuotaExceededError extends DOMException {
  constructor(message?: string, options?: { quota?: number; requested?: number });
  readonly quota: number | null;
  readonly requested: number | null;
}
${WEB_TYPES}${CRYPTO_TYPES}`;

/** Declarations of the module that tests import. */
export const TEST_TYPES = `declare module 'copepod/test' {
  export interface TestOptions {
    /** The global params of this test; \`{}\` where left out. */
    readonly params?: unknown;
    /** The global context of this test, or parts of it. */
    readonly context?: {
      readonly tenant?: Partial<ScriptContext['tenant']>;
      readonly user?: Partial<ScriptContext['user']>;
      readonly execution?: Partial<Omit<ScriptContext['execution'], 'id'>>;
      readonly requestID?: string;
      readonly traceparent?: string;
      readonly tracestate?: string;
    };
    /** The global env of this test; \`{}\` where left out. */
    readonly env?: Readonly<Record<string, string>>;
  }

  export interface Test {
    /** Runs in a context of its own, within limits of memory and time. The file is evaluated for each test. */
    (name: string, body: () => void | Promise<void>): void;
    (name: string, options: TestOptions, body: () => void | Promise<void>): void;
  }

  export const test: Test & { readonly skip: Test; readonly only: Test };
  /** Puts a name before the names of the tests that its body adds. */
  export function describe(name: string, body: () => void): void;
  /** Runs before each test of the file, or of the describe around it. */
  export function beforeEach(body: () => void | Promise<void>): void;
  /** Runs after each test, whether it failed or not. */
  export function afterEach(body: () => void | Promise<void>): void;
  export function expect<T>(actual: T): Matchers;
  /** Replaces the global fetch for the rest of the test: the responder answers each request. Tests have no network. */
  export function stubFetch(respond: (request: Request) => Response | Promise<Response>): { readonly requests: Request[] };
  /** Defines a tool, or an object of host functions, for the rest of the test. What goes in and out is copied as JSON. */
  export function stubTool(
    name: string,
    functions: Readonly<Record<string, (...args: any[]) => unknown>>,
  ): { readonly calls: { readonly name: string; readonly args: any[] }[] };

  export interface Matchers<R = void> {
    readonly not: Matchers<R>;
    /** Looks at what a promise is fulfilled with. */
    readonly resolves: Matchers<Promise<void>>;
    /** Looks at what a promise is rejected with. */
    readonly rejects: Matchers<Promise<void>>;
    /** The same value, as Object.is says. */
    toBe(expected: unknown): R;
    /** Equal in all parts; members that are undefined count for nothing. */
    toEqual(expected: unknown): R;
    /** Has at least these members, in all depths. */
    toMatchObject(expected: object): R;
    toBeTruthy(): R;
    toBeFalsy(): R;
    toBeNull(): R;
    toBeUndefined(): R;
    toBeDefined(): R;
    toBeInstanceOf(expected: abstract new (...args: never[]) => unknown): R;
    toBeGreaterThan(expected: number | bigint): R;
    toBeGreaterThanOrEqual(expected: number | bigint): R;
    toBeLessThan(expected: number | bigint): R;
    toBeLessThanOrEqual(expected: number | bigint): R;
    /** Differs by less than half of the last of so many decimal places: 2 where left out. */
    toBeCloseTo(expected: number, digits?: number): R;
    toMatch(expected: string | RegExp): R;
    /** A part of a string, or an element that is the same. */
    toContain(expected: unknown): R;
    /** An element that is equal in all parts. */
    toContainEqual(expected: unknown): R;
    toHaveLength(expected: number): R;
    /** A function that throws: an error with this text in its message, of this class, or any. */
    toThrow(expected?: string | RegExp | (abstract new (...args: never[]) => unknown)): R;
  }
}
`;
