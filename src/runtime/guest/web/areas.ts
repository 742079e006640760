import { AbortController, AbortSignal } from './abort.ts';
import { DOMException, QuotaExceededError } from './dom-exception.ts';
import { bytesOf, TextDecoder, TextEncoder } from './encoding.ts';
import { CustomEvent, dispatch, Event, trust } from './event.ts';
import {
  aborts,
  dispatchTrusted,
  EventTarget,
  fire,
  handlerOf,
  setAborts,
  setHandler,
  showAs,
} from './event-target.ts';
import {
  asArray,
  asInterface,
  bare,
  defineMethods,
  dictionary,
  failures,
  given,
  isPlatformObject,
  type Kit,
  oneOf,
  port,
  primordials,
  readBody,
  report,
  requireArguments,
  sendPart,
  sendStep,
  setTimeout,
  sliceOf,
  splitAt,
  usv,
} from './kit.ts';
import type { WebGlobals } from './names.ts';
import { isIterableBy, pairIterator } from './pair-iterator.ts';
import { addressOf, URL } from './url.ts';
import { paramsOf, replaceQuery, URLSearchParams } from './url-search-params.ts';

/** Modules that the second bundle has from the first: a class is there once. scripts/build.ts knows them by these names. */
export interface Shared {
  readonly abort: typeof import('./abort.ts');
  readonly 'dom-exception': typeof import('./dom-exception.ts');
  readonly encoding: typeof import('./encoding.ts');
  readonly event: typeof import('./event.ts');
  readonly 'event-target': typeof import('./event-target.ts');
  readonly kit: Omit<typeof import('./kit.ts'), 'given'>;
  readonly 'pair-iterator': typeof import('./pair-iterator.ts');
  readonly url: typeof import('./url.ts');
  readonly 'url-search-params': typeof import('./url-search-params.ts');
}

/** Made when it is needed, and of names one by one: objects of whole modules are made with the bundle, and took a tenth of its time. */
function shared(): Shared {
  return {
    abort: { AbortController, AbortSignal },
    'dom-exception': { DOMException, QuotaExceededError },
    encoding: { bytesOf, TextDecoder, TextEncoder },
    event: { CustomEvent, dispatch, Event, trust },
    'event-target': { aborts, dispatchTrusted, EventTarget, fire, handlerOf, setAborts, setHandler, showAs },
    kit: {
      asArray,
      asInterface,
      bare,
      defineMethods,
      dictionary,
      failures,
      isPlatformObject,
      oneOf,
      port,
      primordials,
      readBody,
      report,
      requireArguments,
      sendPart,
      sendStep,
      setTimeout,
      sliceOf,
      splitAt,
      usv,
    },
    'pair-iterator': { isIterableBy, pairIterator },
    url: { addressOf, URL },
    'url-search-params': { paramsOf, replaceQuery, URLSearchParams },
  };
}

let loaded: WebGlobals | undefined;

/** Loads the second bundle, once. */
export function areas(): WebGlobals {
  loaded ??= (port('web-areas') as (kit: Kit, modules: Shared) => WebGlobals)(given, shared());
  return loaded;
}
