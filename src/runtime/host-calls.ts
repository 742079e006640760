import type { JsonValue } from '../api/json.ts';
import { MAX_JSON_DEPTH, textNestsTooDeep, tooDeepMessage } from '../api/json-depth.ts';
import { type HostBridge, type HostCall, HostError, type HostFunction } from './host-bridge.ts';

const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;
/** Maximum length of a call's result as JSON, in UTF-16 units. */
const MAX_REPLY_LENGTH = 1 << 20;
const TAKEN = new Set(['context', 'params', 'console', 'globalThis', 'undefined', 'NaN', 'Infinity']);

/** The answer to a script's call: JSON text (empty for undefined), or an error message. */
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
      throw new TypeError(`'${name}' is not a valid name of a host function: use identifiers separated by dots`);
    }
    for (const other of this.#functions.keys()) {
      if (other === name || other.startsWith(`${name}.`) || name.startsWith(`${other}.`)) {
        throw new TypeError(`host function '${name}' conflicts with '${other}'`);
      }
    }
    this.#functions.set(name, fn);
  }

  get names(): string[] {
    return [...this.#functions.keys()];
  }

  /** Calls a function for a script. Never throws; reveals only what the host permits of an error. */
  async call(name: string, argsJson: string, call: HostCall): Promise<HostReply> {
    const fn = this.#functions.get(name);
    // The list of arguments adds one level.
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
