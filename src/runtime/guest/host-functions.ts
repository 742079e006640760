import { openCall } from './pending-calls.ts';
import type { Port } from './port.ts';
import {
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
    const json = stringify(args);
    // Created at the call, so that its stack shows the caller if the call fails.
    const error = new SafeError();
    return new SafePromise((resolve, reject) => {
      const call = openCall((ok, value) => {
        // An empty text is `undefined`.
        if (ok) return resolve(value === '' ? undefined : parse(value));
        defineProperty(error, 'message', bare({ value, writable: true, configurable: true }));
        reject(error);
      });
      port('call', name, json, call);
    });
  };
}
