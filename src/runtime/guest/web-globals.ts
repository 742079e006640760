import type { FailureHooks } from './failures.ts';
import { bodyReader, stepSender } from './fetch-steps.ts';
import type { Port } from './port.ts';
import { bare, defineProperty, getOwnPropertyDescriptor, splitAt } from './primordials.ts';
import { installTimers } from './timers.ts';
import type { Kit } from './web/kit.ts';
import type { WebGlobals, WebName } from './web/names.ts';
import { type SafeObject, safeObject, takeWebPrimordials } from './web/primordials.ts';

/** What a script uses that uses timers and nothing else. */
const TIMERS_ALONE = ';;';

/**
 * Defines the web platform's globals that a script may use. The first one that it reads loads the code of all. Before the script
 * runs: what it changes afterwards changes nothing of the platform.
 *
 * @param names as sandbox/web-use.ts gives them
 * @param isServer whether it is to answer a request, too
 * @returns what loads their code, and `serve`; undefined where there is nothing to load
 */
export function installWeb(
  port: Port,
  names: string,
  isServer: boolean,
  report: Kit['report'],
  failures: FailureHooks,
): WebGlobals | undefined {
  const setTimeout = installTimers(port, (error) => {
    if (!failures.error?.(error)) void report(error);
  });
  if (names === TIMERS_ALONE && !isServer) return undefined;
  const primordials = takeWebPrimordials();
  const lazy = { __proto__: null } as unknown as Record<string, (value: unknown) => void>;
  let object: SafeObject | undefined;
  const kit = {
    __proto__: null,
    port,
    primordials,
    get object(): SafeObject {
      object ??= safeObject(primordials);
      return object;
    },
    report,
    setTimeout,
    failures,
    sendStep: stepSender(port, 'fetch'),
    sendPart: stepSender(port, 'respond'),
    readBody: bodyReader(port),
    lazy,
  } as Kit;
  let loaded: WebGlobals | undefined;
  const load: WebGlobals = (name) => {
    loaded ??= (port(isServer ? 'web-handler' : 'web') as (kit: Kit) => WebGlobals)(kit);
    return loaded(name);
  };
  (globalThis as { self?: unknown }).self = globalThis;
  const [interfaces, members, handlers] = splitAt(names, ';') as [string, string, string];
  // As WebIDL says, a loop over the global object does not see interfaces.
  each(interfaces, (name) => {
    lazy[name] = defineLazily(name as WebName, load, false);
  });
  each(members, (name) => defineLazily(name as WebName, load, true));
  each(handlers, (name) => defineHandler(name as WebName, load));
  return load;
}

function each(names: string, define: (name: string) => void): void {
  if (names === '') return;
  const list = splitAt(names, ',');
  for (let i = 0; i < list.length; i++) define(list[i] as string);
}

/** @returns gives it its value, unless the script has done something to it: replaced or removed it, or frozen the global object */
function defineLazily(name: WebName, load: WebGlobals, enumerable: boolean): (value: unknown) => void {
  const set = (value: unknown): void => {
    defineProperty(globalThis, name, {
      __proto__: null,
      value,
      writable: true,
      enumerable,
      configurable: true,
    } as object);
  };
  const get = (): unknown => {
    const value = load(name);
    settle(value);
    return value;
  };
  const settle = (value: unknown): void => {
    const found = getOwnPropertyDescriptor(globalThis, name);
    if (found !== undefined && bare(found).get === get && found.configurable) set(value);
  };
  defineProperty(globalThis, name, { __proto__: null, get, set, enumerable, configurable: true } as object);
  return settle;
}

/** The property of a handler, such as `onerror`. */
function defineHandler(name: WebName, load: WebGlobals): void {
  let handler: { get(): unknown; set(value: unknown): void } | undefined;
  const get = (): unknown => (handler === undefined ? null : handler.get());
  const set = (value: unknown): void => {
    handler ??= load(name) as NonNullable<typeof handler>;
    handler.set(value);
  };
  defineProperty(globalThis, name, { get, set, enumerable: true, configurable: true });
}
