/** Runs inside the isolate, in each context before the script: makes its globals, and reports how it ended. */
import type { ErrorReport } from '../wire/from-sandbox.ts';
import { installConsole, lazyInspector } from './console.ts';
import { describe, describeCopied, forgetNotedObjects, noteRaised, original } from './describe-error.ts';
import { callHandler } from './execution-context.ts';
import type { FailureHooks } from './failures.ts';
import { installHostFunctions } from './host-functions.ts';
import { compileModule, connectCode, failLoad, settleLoad } from './modules.ts';
import { settleCall } from './pending-calls.ts';
import type { Boot, Guest, Namespace, Port, ScriptHandle } from './port.ts';
import { MAIN } from './port.ts';
import {
  defineProperty,
  freeze,
  isCollected,
  keys,
  parse,
  SafeTypeError,
  SafeWeakRef,
  splitAt,
  stringify,
} from './primordials.ts';
import { callScheduled, isScheduled, scheduledHandler } from './scheduled.ts';
import { installStackTraces } from './stack-trace.ts';
import { fireTimer } from './timers.ts';
import { installWeb } from './web-globals.ts';
import { type Serve, webHandler } from './web-handler.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: Boot;

bundle = function boot(
  rawPort,
  serial,
  params,
  context,
  hostFunctions,
  maxResultBytes,
  declaresContext,
  webNames,
  usesConsole,
  env,
  request,
) {
  const port = ((op: string, a: unknown, b: unknown, c: unknown) => rawPort(serial, op, a, b, c)) as Port;
  const inspector = lazyInspector(port);
  const inspect = (value: unknown): string => inspector().inspect(value);
  const theirs = globalThis as { params?: unknown; env?: object };
  /** Head of the request, as JSON. */
  let requestHead = request;
  /** What the module exports by default, once it is evaluated. */
  let exportedDefault: unknown;
  withhold();
  installStackTraces(port);
  const failures = { __proto__: null } as FailureHooks;
  let isRaised = false;
  const report = (thrown: unknown): void => reportThrown(() => describe(thrown, inspect));
  // Nothing else refers to it: it is there until V8 collects the whole heap.
  const sentinel = new SafeWeakRef([]);
  if (usesConsole) installConsole(port, inspector);
  theirs.params = parse(params);
  const variables = freeze(env === '' ? {} : (parse(env) as object));
  theirs.env = variables;
  const [contextOnce, renewContext] = installContext(context, declaresContext);
  /** Answers the request; undefined where the script is run for its result. */
  const answer = request !== '' || webNames !== '' ? installPlatform() : undefined;
  if (hostFunctions !== '') installHostFunctions(port, splitAt(hostFunctions, ','));

  /** Defines what the script uses of the web platform. @returns what answers its request, where it has one */
  function installPlatform(): ((exported: unknown, request: string) => Promise<void>) | undefined {
    const isServer = request !== '';
    const web = installWeb(port, webNames === '' ? ';;' : webNames, isServer, raise, failures);
    return isServer && web !== undefined ? webHandler(web('serve') as Serve, port, variables) : undefined;
  }

  /** Reports a value, once it is there. */
  async function complete(makeValue: () => unknown): Promise<void> {
    try {
      if (answer !== undefined)
        throw new SafeTypeError('a web handler is a module: write export default { fetch(request, env, ctx) { ... } }');
      reportResult(port, await makeValue(), maxResultBytes);
    } catch (error) {
      report(error);
    }
  }

  /** A description may fail too, where it gets longer than a string can be. */
  function reportThrown(describeIt: () => ErrorReport, op: 'thrown' | 'cancelled' = 'thrown'): void {
    try {
      const description = describeIt();
      // V8 refuses a buffer only after it has collected the whole heap: the message alone is anybody's to write.
      if (description.message === REFUSED_BUFFER && isCollected(sentinel)) port('out-of-memory');
      else port(op, stringify(description));
    } catch {
      port(op, '{"message":"Error: what the script threw cannot be described"}');
    }
  }

  function loaded(call: number, exported: Namespace): void {
    if (call !== MAIN) settleLoad(call, exported);
    else if (answer !== undefined) {
      exportedDefault = exported.default;
      void respond(answer);
    } else
      void complete(() => {
        const { default: value } = exported;
        if (typeof value === 'function') return callHandler(value as never, theirs.params, contextOnce());
        const handler = scheduledHandler(value);
        return handler !== undefined && isScheduled(contextOnce())
          ? callScheduled(handler, value, theirs.params, variables)
          : value;
      });
  }

  async function respond(answerTo: NonNullable<typeof answer>): Promise<void> {
    try {
      await answerTo(exportedDefault, requestHead);
      port('value', undefined);
    } catch (error) {
      report(error);
    }
  }

  /** Another request for the module that is evaluated. */
  function answerNext(request: string, context: string): void {
    renewContext(context);
    requestHead = request;
    if (answer !== undefined) void respond(answer);
  }

  function evaluated(call: number, exported: Namespace): void {
    if (call === MAIN) port('evaluated');
    loaded(call, exported);
  }

  function timer(id: number): void {
    try {
      fireTimer(port, id);
    } catch (error) {
      if (!failures.error?.(error)) report(error);
    }
  }

  /** Has a rejection that nothing handles end the run, once the script's stack has unwound. */
  async function raise(thrown: unknown): Promise<void> {
    isRaised = true;
    throw noteRaised(thrown);
  }

  /** What was thrown at the sandbox process, or rejected and not handled, ends the run, unless a listener cancels that. */
  function failed(isObject: boolean, value: unknown, frames: string, name: string): void {
    const isCancelled = !isRaised && failures.rejection?.(original(isObject, value, frames, name)) === true;
    reportThrown(() => describeCopied(isObject, value, frames, name, inspect), isCancelled ? 'cancelled' : 'thrown');
  }

  // One by one: spreading them would ask an iterator that the script may have replaced by now.
  return ((op: string, a: never, b: never, c: never, d: never, e: never) => {
    if (op !== 'failed') forgetNotedObjects();
    switch (op) {
      case 'request':
        return answerNext(a, b);
      case 'connect':
        return connectCode(port, a, b, c, evaluated);
      case 'complete':
        return void complete(() => a);
      case 'run':
        return void complete(() => runScript(a, b));
      case 'run-async':
        return void complete(a);
      case 'loaded':
        return loaded(a, b);
      case 'failed':
        if (a !== MAIN) return failLoad(a, b, c, d, e);
        return failed(b, c, d, e);
      case 'settle':
        return settleCall(a, b, c);
      case 'timer':
        return timer(a);
      case 'compile':
        return compileModule(a, b, c, d, e);
      default:
        return undefined;
    }
  }) as Guest;
};

/** How V8 refuses a buffer that would pass the isolate's memory limit. */
const REFUSED_BUFFER = 'RangeError: Array buffer allocation failed';

/** Runs a script in this realm. The handles of it and of the context would keep both alive. */
function runScript(script: ScriptHandle, context: { release?(): void }): unknown {
  try {
    const value = script.runSync(context, { __proto__: null, reference: true });
    return value.deref({ __proto__: null, release: true });
  } finally {
    script.release();
    context.release?.();
  }
}

type Withheld = 'WebAssembly' | 'SharedArrayBuffer' | 'Atomics' | 'FinalizationRegistry' | 'WeakRef';

/** What needs no defending if it is not there; the last two show garbage being collected. */
function withhold(): void {
  // One by one: this runs for every execution, and a loop over names takes eight times as long.
  const globals = globalThis as { [Name in Withheld]?: unknown };
  delete globals.WebAssembly;
  delete globals.SharedArrayBuffer;
  delete globals.Atomics;
  delete globals.FinalizationRegistry;
  delete globals.WeakRef;
}

/**
 * Makes the frozen global `context`. It is made when it is first read: few scripts do, and freezing is slow.
 * @param isReplaceable a script that declares a variable of that name has its own
 * @returns what reads it, and what makes it that of another request
 */
function installContext(first: string, isReplaceable: boolean): [get: () => unknown, renew: (json: string) => void] {
  let json = first;
  let context: unknown;
  const get = (): unknown => {
    context ??= deepFreeze(parse(json));
    return context;
  };
  const set = (value: unknown): void => {
    const property = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
    defineProperty(globalThis, 'context', property as PropertyDescriptor);
  };
  const property = isReplaceable
    ? { __proto__: null, get, set, enumerable: true, configurable: true }
    : { __proto__: null, get, enumerable: true };
  defineProperty(globalThis, 'context', property as PropertyDescriptor);
  const renew = (next: string): void => {
    json = next;
    context = undefined;
  };
  return [get, renew];
}

/** The result leaves as JSON made here, inside the limits of the run. */
function reportResult(port: Port, value: unknown, maxBytes: number): void {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new SafeTypeError(`the result is a ${typeof value}, which JSON cannot hold`);
  }
  const json = stringify(value) as string | undefined;
  if (json !== undefined && json.length > maxBytes) port('too-large', json.length);
  else port('value', json);
}

/** Freezes plain JSON all the way down. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    const names = keys(value);
    for (let i = 0; i < names.length; i++) deepFreeze((value as Record<string, unknown>)[names[i] as string]);
    freeze(value);
  }
  return value;
}
