import type { Port } from './port.ts';
import { apply, SafeRangeError, SafeTypeError } from './primordials.ts';

type Callback = (...args: unknown[]) => unknown;

interface Timer {
  readonly callback: Callback;
  readonly args: unknown[];
  readonly delayMs: number;
  readonly repeats: boolean;
}

const active = { __proto__: null } as unknown as Record<number, Timer>;
let lastId = 0;

/**
 * Defines the timers of the web platform, and `queueMicrotask`. The sandbox process keeps the time.
 * @param onError is given what a callback of `queueMicrotask` throws
 * @returns setTimeout
 */
export function installTimers(
  port: Port,
  onError: (thrown: unknown) => void,
): (callback: () => void, delayMs: number) => number {
  const start = (name: string, callback: unknown, delay: unknown, args: unknown[], repeats: boolean): number => {
    requireFunction(name, callback);
    const timer: Timer = { callback: callback as Callback, args, delayMs: +(delay as number), repeats };
    const id = lastId + 1;
    if (!port('timer', id, timer.delayMs)) throw new SafeRangeError(`${name}: too many timers are active`);
    lastId = id;
    active[id] = timer;
    return id;
  };
  const clear = (id: unknown): void => {
    const number = +(id as number);
    if (active[number] === undefined) return;
    delete active[number];
    port('clear-timer', number);
  };
  // Methods keep their names when the code is minified, and are no constructors.
  const functions = {
    setTimeout(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
      return start('setTimeout', callback, delay, args, false);
    },
    setInterval(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
      return start('setInterval', callback, delay, args, true);
    },
    clearTimeout(id: unknown): void {
      clear(id);
    },
    clearInterval(id: unknown): void {
      clear(id);
    },
    queueMicrotask(callback: unknown): void {
      requireFunction('queueMicrotask', callback);
      void soon(callback as Callback, onError);
    },
  };
  // Assigning each costs less than anything that goes through them.
  const globals = globalThis as unknown as typeof functions;
  globals.setTimeout = functions.setTimeout;
  globals.setInterval = functions.setInterval;
  globals.clearTimeout = functions.clearTimeout;
  globals.clearInterval = functions.clearInterval;
  globals.queueMicrotask = functions.queueMicrotask;
  return functions.setTimeout;
}

/** Runs the callback of a timer that is due. What it throws comes out. */
export function fireTimer(port: Port, id: number): void {
  const timer = active[id];
  if (timer === undefined) return;
  if (!timer.repeats) delete active[id];
  apply(timer.callback, globalThis, timer.args);
  if (timer.repeats && active[id] === timer) port('timer', id, timer.delayMs);
}

async function soon(callback: Callback, onError: (thrown: unknown) => void): Promise<void> {
  await undefined;
  try {
    apply(callback, undefined, []);
  } catch (error) {
    onError(error);
  }
}

function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new SafeTypeError(`${name}: the callback is not a function`);
}
