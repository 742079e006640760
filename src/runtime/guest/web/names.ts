/** Globals that are interfaces: as WebIDL says, a loop over the global object does not see them. */
export const INTERFACES = [
  'AbortController',
  'AbortSignal',
  'Crypto',
  'CustomEvent',
  'DOMException',
  'Event',
  'EventTarget',
  'Navigator',
  'Performance',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
] as const;

/** The timers, which are there at once: their code is small. */
export const TIMERS = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'] as const;

/** Globals that are functions or objects. */
export const MEMBERS = ['atob', 'btoa', 'crypto', 'navigator', 'performance', 'reportError'] as const;

type Name = (typeof INTERFACES)[number] | (typeof MEMBERS)[number];

/** What the web platform's bundle is worth. */
export type WebGlobals = Readonly<Record<Name, unknown>>;
