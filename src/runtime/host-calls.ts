import type { JsonValue } from '../api/json.ts';
import { MAX_JSON_DEPTH, textNestsTooDeep, tooDeepMessage } from '../api/json-depth.ts';
import { type HostBridge, type HostCall, HostError, type HostFunction } from './host-bridge.ts';

const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;
/** UTF-16 units of a call's result as JSON. */
const MAX_REPLY_LENGTH = 1 << 20;
const TAKEN = new Set(['context', 'params', 'console', 'globalThis', 'undefined', 'NaN', 'Infinity']);

/** The answer to one call of a script: JSON text (empty for undefined), or an error's message. */
export interface HostReply {
  readonly ok: boolean;
  readonly value: string;
}

const UNFIT_ARGUMENTS: HostReply = {
  ok: false,
  value: `the arguments of a host function must be JSON of at most 512 KiB that nests ${MAX_JSON_DEPTH} levels at most`,
};

/** The host functions of one execution. */
export class HostFunctions implements HostBridge {
  readonly #functions = new Map<string, HostFunction>();

  expose(name: string, fn: HostFunction): void {
    if (!NAME.test(name) || TAKEN.has(name.split('.', 1)[0] as string)) {
      throw new TypeError(`'${name}' can't be the name of a host function: use an identifier, or several with dots`);
    }
    for (const other of this.#functions.keys()) {
      if (other === name || other.startsWith(`${name}.`) || name.startsWith(`${other}.`)) {
        throw new TypeError(`host function '${name}' is in the way of '${other}'`);
      }
    }
    this.#functions.set(name, fn);
  }

  get names(): string[] {
    return [...this.#functions.keys()];
  }

  /** Calls a function for a script. Never throws; tells the script no more of an error than the host wants it to. */
  async call(name: string, argsJson: string, call: HostCall): Promise<HostReply> {
    const fn = this.#functions.get(name);
    // A list of arguments is one level more.
    if (fn === undefined || textNestsTooDeep(argsJson, MAX_JSON_DEPTH + 1)) return UNFIT_ARGUMENTS;
    try {
      const args: unknown = JSON.parse(argsJson);
      const result = await fn(call, ...(Array.isArray(args) ? (args as JsonValue[]) : []));
      const value = result === undefined ? '' : (JSON.stringify(result) ?? '');
      if (value.length > MAX_REPLY_LENGTH)
        return { ok: false, value: `the result of host function '${name}' is too large` };
      if (textNestsTooDeep(value)) return { ok: false, value: tooDeepMessage(`the result of host function '${name}'`) };
      return { ok: true, value };
    } catch (error) {
      const message = error instanceof HostError ? String(error.message) : `host function '${name}' failed`;
      return { ok: false, value: message.slice(0, MAX_REPLY_LENGTH) };
    }
  }
}
