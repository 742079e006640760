/** What a script may ask of a request, beside its headers and its body. */
import { byteString, isToken } from './byte-string.ts';
import { oneOf, primordials, usv } from './kit.ts';
import { addressOf } from './parse-url.ts';

const { TypeError: SafeTypeError } = primordials;

const NORMALIZED: readonly string[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
const FORBIDDEN: readonly string[] = ['CONNECT', 'TRACE', 'TRACK'];
const REFERRER_POLICIES = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
] as const;
const MODES = ['cors', 'no-cors', 'same-origin', 'navigate'] as const;
const CREDENTIALS = ['omit', 'same-origin', 'include'] as const;
const CACHES = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'] as const;
const REDIRECTS = ['follow', 'error', 'manual'] as const;

/** What a request asks for, beside its headers and its body. */
export interface Settings {
  readonly url: string;
  method: string;
  referrer: string;
  referrerPolicy: (typeof REFERRER_POLICIES)[number];
  mode: (typeof MODES)[number];
  credentials: (typeof CREDENTIALS)[number];
  cache: (typeof CACHES)[number];
  redirect: (typeof REDIRECTS)[number];
  integrity: string;
  keepalive: boolean;
}

/** An absolute URL as the URL parser writes it. @throws TypeError */
export function requestUrl(text: string): string {
  const address = addressOf(text);
  if (address === undefined) throw new SafeTypeError(`Request: '${text.slice(0, 200)}' is not an absolute URL`);
  if (address.hasCredentials) throw new SafeTypeError('Request: the URL holds credentials');
  return address.href;
}

/** Reads the options of a request. @throws TypeError where one is none of its values */
export function change(settings: Settings, options: Record<string, unknown>): void {
  const {
    window,
    method,
    referrer,
    referrerPolicy,
    mode,
    credentials,
    cache,
    redirect,
    integrity,
    keepalive,
    priority,
  } = options;
  if (window !== undefined && window !== null) throw new SafeTypeError('Request: window can only be null');
  if (referrer !== undefined) settings.referrer = referrerOf(usv(referrer));
  if (referrerPolicy !== undefined)
    settings.referrerPolicy = oneOf(referrerPolicy, REFERRER_POLICIES, 'referrerPolicy');
  if (mode !== undefined) settings.mode = oneOf(mode, MODES, 'mode');
  if (settings.mode === 'navigate') throw new SafeTypeError(`Request: mode can't be 'navigate'`);
  if (credentials !== undefined) settings.credentials = oneOf(credentials, CREDENTIALS, 'credentials');
  if (cache !== undefined) settings.cache = oneOf(cache, CACHES, 'cache');
  if (settings.cache === 'only-if-cached' && settings.mode !== 'same-origin') {
    throw new SafeTypeError(`Request: cache 'only-if-cached' needs mode 'same-origin'`);
  }
  if (redirect !== undefined) settings.redirect = oneOf(redirect, REDIRECTS, 'redirect');
  if (integrity !== undefined) settings.integrity = `${integrity as string}`;
  if (keepalive !== undefined) settings.keepalive = !!keepalive;
  if (priority !== undefined) oneOf(priority, ['auto', 'high', 'low'], 'priority');
  if (method !== undefined) settings.method = methodOf(byteString(method, 'Request'));
}

function methodOf(method: string): string {
  const upper = method.toUpperCase();
  if (!isToken(method) || FORBIDDEN.includes(upper)) {
    throw new SafeTypeError(`Request: '${method.slice(0, 100)}' is not a method of a request`);
  }
  return NORMALIZED.includes(upper) ? upper : method;
}

function referrerOf(text: string): string {
  if (text === '') return 'no-referrer';
  const address = addressOf(text);
  if (address === undefined) throw new SafeTypeError('Request: the referrer is not an absolute URL');
  return address.href;
}
