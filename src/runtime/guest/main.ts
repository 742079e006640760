/** Runs inside the isolate, in each context before the script: makes its globals, runs it, and reports how it ended. */
import { installConsole, lazyInspector } from './console.ts';
import { describe, note } from './describe-error.ts';
import { installHostFunctions, settleHostCall } from './host-functions.ts';
import type { Guest, Input, Port, Program } from './port.ts';
import { defineProperty, freeze, keys, parse, SafeTypeError, stringify } from './primordials.ts';
import { installStackTraces } from './stack-trace.ts';

/** What needs no defending if it is not there; the last two show garbage being collected. */
const WITHHELD = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'WeakRef'];

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: (port: Port) => Guest;

bundle = function boot(port) {
  const inspector = lazyInspector(port);
  for (let i = 0; i < WITHHELD.length; i++) delete (globalThis as Record<string, unknown>)[WITHHELD[i] as string];
  installConsole(port, inspector);
  installStackTraces(port);

  async function run(program: Program, json: string): Promise<void> {
    try {
      const input = parse(json) as Input;
      const context = deepFreeze(input.context);
      defineProperty(globalThis, 'context', { value: context, enumerable: true });
      defineProperty(globalThis, 'params', {
        value: input.params,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      installHostFunctions(port, input.hostFunctions);

      const callDefault = (value: unknown): unknown =>
        typeof value === 'function' ? value(input.params, context) : value;
      report(port, await program(note, callDefault), input.maxResultBytes);
    } catch (error) {
      port('thrown', describeAsJson(error));
    }
  }

  /** A description may fail too, where it gets longer than a string can be. */
  function describeAsJson(error: unknown): string {
    try {
      return stringify(describe(error, (value) => inspector().inspect(value)));
    } catch {
      return '{"message":"Error: what the script threw cannot be described"}';
    }
  }

  return ((op: 'run' | 'settle', a: never, b: never, c: never) => {
    if (op === 'run') void run(a, b);
    else settleHostCall(a, b, c);
  }) as Guest;
};

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
