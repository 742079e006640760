/**
 * The core of the web platform inside the isolate, as one bundle: loaded into a context when a script first asks for one of the
 * platform's names. The other areas are a second bundle, which is loaded when one of theirs is asked for.
 */
import { AbortController, AbortSignal } from './abort.ts';
import { areas } from './areas.ts';
import { base64 } from './base64.ts';
import { Crypto, crypto, setSubtle } from './crypto.ts';
import { DOMException, QuotaExceededError } from './dom-exception.ts';
import { TextDecoder, TextEncoder } from './encoding.ts';
import { CustomEvent, Event } from './event.ts';
import { EventTarget } from './event-target.ts';
import { failures, given, report, requireArguments } from './kit.ts';
import type { WebGlobals, WebName } from './names.ts';
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
  QuotaExceededError,
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

for (const name in core) given.settle(name as WebName, core[name]);

setSubtle(() => areas()('crypto.subtle'));

bundle = (name: WebName): unknown => (name in core ? core[name] : areas()(name));
