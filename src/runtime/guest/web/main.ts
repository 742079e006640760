/** The web platform inside the isolate, as one bundle: loaded into a context when a script first asks for one of its names. */
import { AbortController, AbortSignal } from './abort.ts';
import { base64 } from './base64.ts';
import { Crypto, crypto } from './crypto.ts';
import { DOMException } from './dom-exception.ts';
import { TextDecoder, TextEncoder } from './encoding.ts';
import { CustomEvent, Event } from './event.ts';
import { EventTarget } from './event-target.ts';
import { bare, failures, report, requireArguments } from './kit.ts';
import { AREAS, HANDLERS, type WebGlobals, type WebName } from './names.ts';
import { Navigator, navigator } from './navigator.ts';
import { Performance, performance } from './performance.ts';
import { URL } from './url.ts';
import { URLSearchParams } from './url-search-params.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: WebGlobals;

const core = {
  __proto__: null,
  AbortController,
  AbortSignal,
  Crypto,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  Navigator,
  Performance,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  atob: base64.atob,
  btoa: base64.btoa,
  crypto,
  navigator,
  performance,
  ...{
    reportError(error: unknown): void {
      requireArguments(arguments.length, 1, 'reportError');
      if (!failures.error?.(error)) void report(error);
    },
  },
} as unknown as Readonly<Record<string, unknown>>;

/** The global object's own of EventTarget. */
const METHODS: readonly string[] = bare(['addEventListener', 'dispatchEvent', 'removeEventListener']);

type Area = Readonly<Record<string, unknown>>;

// esbuild evaluates a module that is required when that is first asked for, and never twice.
bundle = (name: WebName): unknown => {
  if (name in core) return core[name];
  if (isOf(AREAS.streams, name)) return (require('./streams.ts') as Area)[name];
  if (isOf(AREAS.textStreams, name)) return (require('./text-streams.ts') as Area)[name];
  if (isOf(AREAS.compression, name)) return (require('./compression-streams.ts') as Area)[name];
  if (isOf(AREAS.patterns, name)) return (require('./url-pattern.ts') as Area)[name];
  if (isOf(AREAS.crypto, name)) return (require('./subtle.ts') as Area)[name];
  if (isOf(AREAS.messages, name)) return (require('./message-port.ts') as Area)[name];
  if (isOf(AREAS.events, name)) return (events() as unknown as Area)[name];
  if (isOf(METHODS, name)) return events().globalMethods[name];
  if (isOf(HANDLERS, name)) return events().globalHandler(name);
  if (name === 'structuredClone') return (require('./structured-clone.ts') as { cloning: Area }).cloning[name];
  return (require('./fetch-classes.ts') as Area)[name];
};

interface GlobalEvents {
  readonly globalMethods: Area;
  globalHandler(name: string): unknown;
}

const events = (): GlobalEvents => require('./global-events.ts') as GlobalEvents;

function isOf(names: readonly string[], name: string): boolean {
  for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
  return false;
}
