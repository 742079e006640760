/** The web platform inside the isolate, as one bundle: loaded into a context when a script first asks for one of its names. */
import { AbortController, AbortSignal } from './abort.ts';
import { DOMException } from './dom-exception.ts';
import { CustomEvent, Event } from './event.ts';
import { EventTarget } from './event-target.ts';
import { report, requireArguments } from './kit.ts';
import type { WebGlobals } from './names.ts';
import { Navigator, navigator } from './navigator.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: WebGlobals;

bundle = {
  __proto__: null,
  AbortController,
  AbortSignal,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  Navigator,
  navigator,
  ...{
    reportError(error: unknown): void {
      // biome-ignore lint/complexity/noArguments: undefined may be reported too
      requireArguments(arguments.length, 1, 'reportError');
      report(error);
    },
  },
} as WebGlobals;
