import type { WebRequestHead } from '../../../api/web-exchange.ts';
import { AbortSignal } from './abort.ts';
import { type Bodied, Body, extractBody, mixBody } from './body.ts';
import { byteString, isToken } from './byte-string.ts';
import { aborts } from './event-target.ts';
import { Headers, headerPairs, headersOf, isHeaders, type Pair } from './headers.ts';
import { asInterface, dictionary, oneOf, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import type { ByteSource } from './lazy-streams.ts';
import { addressOf } from './url.ts';

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
interface Settings {
  url: string;
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

/** What is to be sent of a request. */
export interface RequestParts {
  /** Without its fragment. */
  readonly url: string;
  readonly method: string;
  /** In the order in which they were added. */
  readonly headers: readonly Pair[];
  readonly redirect: 'follow' | 'error' | 'manual';
  readonly signal: AbortSignal;
  /** Its `bytes` are there where it can be sent again. */
  readonly body: Body | null;
}

/** Takes what is to be sent of a request, whose body is used then. @throws TypeError where it was used before */
export let requestParts: (request: Request) => RequestParts;
export let isRequest: (value: unknown) => value is Request;
/** Makes the request that a web handler is called with: its head has been checked, and is taken as it is. */
export let makeRequest: (head: WebRequestHead, body: Uint8Array<ArrayBuffer> | ByteSource | undefined) => Request;
let bodied: (request: object) => Bodied;

export class Request {
  #settings: Settings;
  #headers: Headers;
  readonly #signal: AbortSignal;
  #body: Body | null;

  static {
    requestParts = (request) => {
      const { url, method, redirect } = request.#settings;
      const headers = headerPairs(request.#headers);
      const body = request.#body === null ? null : request.#body.take();
      return { url: url.split('#', 1)[0] as string, method, headers, redirect, signal: request.#signal, body };
    };
    makeRequest = ({ url, method, headers }, body) => {
      const request = new Request(url);
      request.#settings.method = method;
      request.#headers = headersOf(headers, false);
      // As the Fetch standard has it, a GET has no body.
      request.#body = body === undefined || isBodiless(method) ? null : new Body(body);
      return request;
    };
    isRequest = (value): value is Request => typeof value === 'object' && value !== null && #settings in value;
    bodied = (value) => {
      const request = value as Request;
      return { body: request.#body, contentType: request.#headers.get('content-type') };
    };
  }

  constructor(input: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Request');
    const other = isRequest(input) ? input : undefined;
    const options = dictionary(init, 'Request');
    const settings = other === undefined ? settingsOf(usv(input)) : { ...other.#settings };
    change(settings, options);
    const { signal = other === undefined ? undefined : other.#signal, headers, body, duplex } = options;
    if (duplex !== undefined && `${duplex as string}` !== 'half') {
      throw new SafeTypeError(`Request: duplex is 'half' or not there`);
    }
    this.#settings = settings;
    if (signal !== undefined && signal !== null && !aborts.isSignal(signal)) {
      throw new SafeTypeError('Request: the signal is not an AbortSignal');
    }
    this.#signal = AbortSignal.any(signal === undefined || signal === null ? [] : [signal]);
    this.#headers =
      headers === undefined && other !== undefined
        ? headersOf(headerPairs(other.#headers), false)
        : isHeaders(headers)
          ? headersOf(headerPairs(headers), false)
          : new Headers(headers);
    const hasBody = body !== undefined && body !== null;
    if (
      (hasBody || (body === undefined && other !== undefined && other.#body !== null)) &&
      isBodiless(settings.method)
    ) {
      throw new SafeTypeError(`Request: a request of method ${settings.method} has no body`);
    }
    if (hasBody) {
      if (known.isReadableStream(body) && duplex === undefined) {
        throw new SafeTypeError(`Request: a stream as a body needs duplex: 'half'`);
      }
      const extracted = extractBody(body);
      this.#body = extracted.body;
      if (extracted.type !== undefined && !this.#headers.has('content-type')) {
        this.#headers.append('Content-Type', extracted.type);
      }
    } else {
      this.#body = body === undefined && other !== undefined && other.#body !== null ? other.#body.take() : null;
    }
  }

  get method(): string {
    return this.#settings.method;
  }

  get url(): string {
    return this.#settings.url;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get destination(): string {
    void this.#settings;
    return '';
  }

  get referrer(): string {
    return this.#settings.referrer === 'no-referrer' ? '' : this.#settings.referrer;
  }

  get referrerPolicy(): string {
    return this.#settings.referrerPolicy;
  }

  get mode(): string {
    return this.#settings.mode;
  }

  get credentials(): string {
    return this.#settings.credentials;
  }

  get cache(): string {
    return this.#settings.cache;
  }

  get redirect(): string {
    return this.#settings.redirect;
  }

  get integrity(): string {
    return this.#settings.integrity;
  }

  get keepalive(): boolean {
    return this.#settings.keepalive;
  }

  get isReloadNavigation(): boolean {
    void this.#settings;
    return false;
  }

  get isHistoryNavigation(): boolean {
    void this.#settings;
    return false;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  get duplex(): string {
    void this.#settings;
    return 'half';
  }

  clone(): Request {
    const body = this.#body === null ? null : this.#body.clone();
    const copy = new Request(this.#settings.url, { signal: this.#signal });
    copy.#settings = this.#settings;
    copy.#headers = headersOf(headerPairs(this.#headers), false);
    copy.#body = body;
    return copy;
  }
}

mixBody(Request, (value) => bodied(value));
asInterface(Request, 'Request');

const isBodiless = (method: string): boolean => method === 'GET' || method === 'HEAD';

function settingsOf(url: string): Settings {
  return {
    url: requestUrl(url),
    method: 'GET',
    referrer: 'about:client',
    referrerPolicy: '',
    mode: 'cors',
    credentials: 'same-origin',
    cache: 'default',
    redirect: 'follow',
    integrity: '',
    keepalive: false,
  };
}

function requestUrl(text: string): string {
  const address = addressOf(text);
  if (address === undefined) throw new SafeTypeError(`Request: '${text.slice(0, 200)}' is not an absolute URL`);
  if (address.hasCredentials) throw new SafeTypeError('Request: the URL holds credentials');
  return address.href;
}

/** Reads the options of a request. @throws TypeError where one is none of its values */
function change(settings: Settings, options: Record<string, unknown>): void {
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
