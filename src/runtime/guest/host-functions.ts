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
  SafeProxy,
  splitAt,
  stringify,
} from './primordials.ts';

/** Defines each host function as a global; a dotted name creates frozen objects, `name.*` one that has whatever a script asks for. */
export function installHostFunctions(port: Port, names: readonly string[]): void {
  const branches: object[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const path = splitAt(name, '.');
    let target: Record<string, unknown> = globalThis as unknown as Record<string, unknown>;
    if (path[path.length - 1] === '*') {
      define(target, path[0] as string, anyFunction(port, path[0] as string));
      continue;
    }
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

/** An object each of whose members is a host function; but for `then`, or it would be taken for a promise. */
function anyFunction(port: Port, name: string): object {
  const get = (_: object, key: string | symbol): unknown =>
    typeof key === 'symbol' || key === 'then' ? undefined : freeze(hostFunction(port, `${name}.${key}`));
  return new SafeProxy(freeze(bare({})), bare({ get }));
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
        const { message, code, data } = parse(value) as { message: string; code?: string; data?: unknown };
        defineProperty(error, 'message', bare({ value: message, writable: true, configurable: true }));
        if (code !== undefined)
          defineProperty(error, 'code', bare({ value: code, writable: true, configurable: true }));
        if (data !== undefined)
          defineProperty(error, 'data', bare({ value: data, writable: true, configurable: true }));
        reject(error);
      });
      port('call', name, json, call);
    });
  };
}
