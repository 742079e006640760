/** Runs inside the isolate, in each context before the script: makes its globals, runs it, and reports how it ended. */
import { installConsole, lazyInspector } from './console.ts';
import { describe, note } from './describe-error.ts';
import { installHostFunctions, settleHostCall } from './host-functions.ts';
import type { Guest, Input, Port, Program, RawPort } from './port.ts';
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
import { installStackTraces } from './stack-trace.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: (rawPort: RawPort, serial: number) => Guest;

bundle = function boot(rawPort, serial) {
  const port = ((op: string, a: unknown, b: unknown, c: unknown) => rawPort(serial, op, a, b, c)) as Port;
  const inspector = lazyInspector(port);
  withhold();
  installConsole(port, inspector);
  installStackTraces(port);
  // Nothing else refers to it: it is there until V8 collects the whole heap.
  const sentinel = new SafeWeakRef({});

  async function run(program: Program, ...[params, context, hostFunctions, maxResultBytes]: Input): Promise<void> {
    try {
      const theirs = globalThis as { params?: unknown };
      theirs.params = parse(params);
      const contextOnce = installContext(context);
      if (hostFunctions !== '') installHostFunctions(port, splitAt(hostFunctions, ','));

      const callDefault = (value: unknown): unknown =>
        typeof value === 'function' ? value(theirs.params, contextOnce()) : value;
      report(port, await program(note, callDefault), maxResultBytes);
    } catch (error) {
      reportThrown(error);
    }
  }

  /** A description may fail too, where it gets longer than a string can be. */
  function reportThrown(error: unknown): void {
    try {
      const description = describe(error, (value) => inspector().inspect(value));
      // V8 refuses a buffer only after it has collected the whole heap: the message alone is anybody's to write.
      if (description.message === REFUSED_BUFFER && isCollected(sentinel)) port('out-of-memory');
      else port('thrown', stringify(description));
    } catch {
      port('thrown', '{"message":"Error: what the script threw cannot be described"}');
    }
  }

  // One by one: spreading them would ask an iterator that the script may have replaced by now.
  return ((op: 'run' | 'settle', a: never, b: never, c: never, d: never, e: never) => {
    if (op === 'run') void run(a, b, c, d, e);
    else settleHostCall(a, b, c);
  }) as Guest;
};

/** How V8 refuses a buffer that would pass the isolate's memory limit. */
const REFUSED_BUFFER = 'RangeError: Array buffer allocation failed';

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

/** Makes the frozen global `context`. It is made when it is first read: few scripts do, and freezing is slow. */
function installContext(json: string): () => unknown {
  let context: unknown;
  const get = (): unknown => {
    context ??= deepFreeze(parse(json));
    return context;
  };
  defineProperty(globalThis, 'context', { get, enumerable: true });
  return get;
}

/** The result leaves as JSON made here, inside the limits of the run. */
function report(port: Port, value: unknown, maxBytes: number): void {
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
