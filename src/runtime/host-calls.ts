import type { JsonValue } from '../api/json.ts';
import { MAX_JSON_DEPTH, textNestsTooDeep, tooDeepMessage } from '../api/json-depth.ts';
import { type HostBridge, type HostCall, HostError, type HostFunction } from './host-bridge.ts';

const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;
/** Maximum length of a call's result as JSON, in UTF-16 units. */
const MAX_REPLY_LENGTH = 1 << 20;
/** Maximum length of an error's message, in UTF-16 units: as JSON it is within that of a result. */
const MAX_MESSAGE_LENGTH = 64 << 10;
const TAKEN = new Set(['context', 'params', 'console', 'globalThis', 'undefined', 'NaN', 'Infinity']);

/** The answer to a script's call: JSON text (empty for undefined), or an error as JSON text: `{ message, code, data }`. */
export interface HostReply {
  readonly ok: boolean;
  readonly value: string;
}

/** A function of an object whose members are called by their names. */
export type HostMember = (
  call: HostCall,
  member: string,
  ...args: JsonValue[]
) => JsonValue | undefined | Promise<JsonValue | undefined>;

/** An object of host functions with one implementation. */
interface HostObject {
  /** Undefined: it has whatever a script asks for. */
  readonly members: ReadonlySet<string> | undefined;
  readonly call: HostMember;
}

const UNFIT_ARGUMENTS = failed(
  `the arguments of a host function must be JSON of at most 512 KiB that nests ${MAX_JSON_DEPTH} levels at most`,
);

/** The host functions of one execution. */
export class HostFunctions implements HostBridge {
  readonly #functions = new Map<string, HostFunction>();
  readonly #objects = new Map<string, HostObject>();

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

  /**
   * Adds a global object of functions.
   * @param name an identifier that `has` does not know
   * @param members names of its functions, identifiers; undefined: it has whatever a script asks for
   */
  exposeObject(name: string, members: Iterable<string> | undefined, call: HostMember): void {
    this.#objects.set(name, { members: members && new Set(members), call });
  }

  /** Whether there is a function of that name, or an object. */
  has(name: string): boolean {
    return (
      this.#objects.has(name) || this.#functions.keys().some((each) => each === name || each.startsWith(`${name}.`))
    );
  }

  /** As a sandbox defines them: `name.*` is an object with whatever a script asks for. */
  get names(): string[] {
    const objects = [...this.#objects].flatMap(([name, { members = ['*'] }]) =>
      [...members].map((member) => `${name}.${member}`),
    );
    return [...this.#functions.keys(), ...objects];
  }

  /** Name of the span of a call. A script may call any name: calls of names that do not exist share one. */
  spanName(name: string): string {
    const isListed = this.#functions.has(name) || this.#memberOf(name)?.object.members !== undefined;
    return isListed ? `call ${name}` : 'call';
  }

  /** Calls a function for a script. Never throws; reveals only what the host permits of an error. */
  async call(name: string, argsJson: string, call: HostCall): Promise<HostReply> {
    const fn = this.#functions.get(name) ?? this.#functionOf(name);
    // The list of arguments adds one level.
    if (fn === undefined || textNestsTooDeep(argsJson, MAX_JSON_DEPTH + 1)) return UNFIT_ARGUMENTS;
    try {
      const args: unknown = JSON.parse(argsJson);
      const result = await fn(call, ...(Array.isArray(args) ? (args as JsonValue[]) : []));
      const value = result === undefined ? '' : (JSON.stringify(result) ?? '');
      if (value.length > MAX_REPLY_LENGTH) return failed(`the result of host function '${name}' is too large`);
      if (textNestsTooDeep(value)) return failed(tooDeepMessage(`the result of host function '${name}'`));
      return { ok: true, value };
    } catch (error) {
      return error instanceof HostError ? failedBy(error) : failed(`host function '${name}' failed`);
    }
  }

  /** A function of an object. */
  #functionOf(name: string): HostFunction | undefined {
    const found = this.#memberOf(name);
    return found && ((call, ...args) => found.object.call(call, found.member, ...args));
  }

  #memberOf(name: string): { readonly object: HostObject; readonly member: string } | undefined {
    const dot = name.indexOf('.');
    const object = this.#objects.get(name.slice(0, Math.max(0, dot)));
    const member = name.slice(dot + 1);
    if (object === undefined || !NAME.test(member) || object.members?.has(member) === false) return undefined;
    return { object, member };
  }
}

function failed(message: string): HostReply {
  return { ok: false, value: JSON.stringify({ message: message.slice(0, MAX_MESSAGE_LENGTH) }) };
}

/** What the host permits of an error; without its data where these are too much. */
function failedBy(error: HostError): HostReply {
  const { message, code, data } = error;
  if (code === undefined && data === undefined) return failed(String(message));
  try {
    const value = JSON.stringify({ message: String(message).slice(0, MAX_MESSAGE_LENGTH), code, data });
    if (value.length <= MAX_REPLY_LENGTH && !textNestsTooDeep(value)) return { ok: false, value };
  } catch {
    // The data are no JSON.
  }
  return failed(String(message));
}
