import type { Port } from './port.ts';
import {
  apply,
  bare,
  create,
  defineProperty,
  freeze,
  parse,
  SafeError,
  SafePromise,
  splitAt,
  stringify,
} from './primordials.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Created at the call, so that its stack shows the caller if the call fails. */
  readonly error: Error;
}

/** Pending host calls, by number. */
const pending: Record<number, Pending> = create(null);
let calls = 0;

/** Defines each host function as a global; a dotted name creates frozen objects. */
export function installHostFunctions(port: Port, names: readonly string[]): void {
  const branches: object[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const path = splitAt(name, '.');
    let target: Record<string, unknown> = globalThis as unknown as Record<string, unknown>;
    for (let j = 0; j < path.length - 1; j++) {
      const part = path[j] as string;
      if (branches.length === 0 || !has(branches, target[part])) {
        const branch = create(null) as object;
        branches[branches.length] = branch;
        define(target, part, branch);
      }
      target = target[part] as Record<string, unknown>;
    }
    define(target, path[path.length - 1] as string, freeze(hostFunction(port, name)));
  }
  for (let i = 0; i < branches.length; i++) freeze(branches[i]);
}

function has(list: readonly object[], value: unknown): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
  return false;
}

function define(target: object, key: string, value: unknown): void {
  defineProperty(target, key, { value, enumerable: true, writable: false, configurable: true });
}

function hostFunction(port: Port, name: string): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    const call = calls++;
    const json = stringify(args);
    const error = new SafeError();
    const answer = new SafePromise((resolve, reject) => {
      pending[call] = { resolve, reject, error };
    });
    port('call', name, json, call);
    return answer;
  };
}

/** Settles a call with JSON text or an error message. An empty text is `undefined`. */
export function settleHostCall(call: number, ok: boolean, value: string): void {
  const waiting = pending[call];
  if (waiting === undefined) return;
  delete pending[call];
  if (ok) apply(waiting.resolve, undefined, [value === '' ? undefined : parse(value)]);
  else {
    defineProperty(waiting.error, 'message', bare({ value, writable: true, configurable: true }));
    apply(waiting.reject, undefined, [waiting.error]);
  }
}
