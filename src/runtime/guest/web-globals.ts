import type { FailureHooks } from './failures.ts';
import { stepSender } from './fetch-steps.ts';
import type { Port } from './port.ts';
import { bare, defineProperty } from './primordials.ts';
import { installTimers } from './timers.ts';
import type { Kit } from './web/kit.ts';
import { AREAS, HANDLERS, MEMBERS, type WebGlobals, type WebName } from './web/names.ts';
import { safeObject, takeWebPrimordials } from './web/primordials.ts';

/**
 * Defines the web platform's globals. The first one that a script reads loads the code of all. Before the script runs, and
 * only for one that may use them: it takes as long as a fifth of a small execution.
 */
export function installWeb(port: Port, report: Kit['report'], failures: FailureHooks): void {
  const setTimeout = installTimers(port, (error) => {
    if (!failures.error?.(error)) void report(error);
  });
  const primordials = takeWebPrimordials();
  const kit: Kit = {
    port,
    primordials,
    object: safeObject(primordials),
    report,
    setTimeout,
    failures,
    sendStep: stepSender(port),
  };
  let loaded: WebGlobals | undefined;
  const load: WebGlobals = (name) => {
    loaded ??= (port('web') as (kit: Kit) => WebGlobals)(kit);
    return loaded(name);
  };
  (globalThis as { self?: unknown }).self = globalThis;
  // As WebIDL says, a loop over the global object does not see interfaces.
  for (const area in AREAS) {
    const names = AREAS[area as keyof typeof AREAS];
    for (let i = 0; i < names.length; i++) defineLazily(names[i] as WebName, load, false);
  }
  for (let i = 0; i < MEMBERS.length; i++) defineLazily(MEMBERS[i] as WebName, load, true);
  for (let i = 0; i < HANDLERS.length; i++) defineHandler(HANDLERS[i] as (typeof HANDLERS)[number], load);
}

function defineLazily(name: WebName, load: WebGlobals, enumerable: boolean): void {
  const settle = (value: unknown): void => {
    defineProperty(globalThis, name, bare({ value, writable: true, enumerable, configurable: true }));
  };
  const get = (): unknown => {
    const value = load(name);
    settle(value);
    return value;
  };
  defineProperty(globalThis, name, { get, set: settle, enumerable, configurable: true });
}

/** The property of a handler, such as `onerror`. */
function defineHandler(name: (typeof HANDLERS)[number], load: WebGlobals): void {
  let handler: { get(): unknown; set(value: unknown): void } | undefined;
  const get = (): unknown => (handler === undefined ? null : handler.get());
  const set = (value: unknown): void => {
    handler ??= load(name) as NonNullable<typeof handler>;
    handler.set(value);
  };
  defineProperty(globalThis, name, { get, set, enumerable: true, configurable: true });
}
