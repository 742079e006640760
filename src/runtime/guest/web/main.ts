/** The web platform inside the isolate, as one bundle: loaded into a context when a script first asks for one of its names. */
import { AbortController, AbortSignal } from './abort.ts';
import { base64 } from './base64.ts';
import { Crypto, crypto } from './crypto.ts';
import { DOMException } from './dom-exception.ts';
import { TextDecoder, TextEncoder } from './encoding.ts';
import { CustomEvent, Event } from './event.ts';
import { EventTarget } from './event-target.ts';
import { report, requireArguments } from './kit.ts';
import type { WebGlobals } from './names.ts';
import { Navigator, navigator } from './navigator.ts';
import { Performance, performance } from './performance.ts';
import { URL } from './url.ts';
import { URLSearchParams } from './url-search-params.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: WebGlobals;

bundle = {
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
      void report(error);
    },
  },
} as WebGlobals;
