import * as abort from './abort.ts';
import * as domException from './dom-exception.ts';
import * as encoding from './encoding.ts';
import * as event from './event.ts';
import * as eventTarget from './event-target.ts';
import * as kit from './kit.ts';
import type { WebGlobals } from './names.ts';
import * as pairIterator from './pair-iterator.ts';
import * as url from './url.ts';
import * as searchParams from './url-search-params.ts';

/** Modules that the second bundle has from the first: a class is there once. scripts/build.ts knows them by these names. */
const SHARED = {
  abort,
  'dom-exception': domException,
  encoding,
  event,
  'event-target': eventTarget,
  kit,
  'pair-iterator': pairIterator,
  url,
  'url-search-params': searchParams,
};
export type Shared = typeof SHARED;

let loaded: WebGlobals | undefined;

/** Loads the second bundle, once. */
export function areas(): WebGlobals {
  loaded ??= (kit.port('web-areas') as (kit: kit.Kit, shared: Shared) => WebGlobals)(kit.given, SHARED);
  return loaded;
}
