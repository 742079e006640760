import type { GivenRequest } from '../given-request.ts';
import type { AbortSignal } from './abort.ts';
import { aborts } from './aborts.ts';
import type { Blob } from './blob.ts';
import { type Body, blobIn, copyOf, formIn, textBody, textIn } from './body.ts';
import type { FormData } from './form-data.ts';
import { HeaderList, headerListOf, type Pair } from './header-list.ts';
import type { Headers } from './headers.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import { extraction, ofHeaders, requestSettings, signals } from './later.ts';
import type { ByteStream } from './lazy-streams.ts';
import type { Settings } from './request-settings.ts';

const { TypeError: SafeTypeError, parse } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

/** What is to be sent of a request. */
export interface RequestParts {
  /** Without its fragment. */
  readonly url: string;
  readonly method: string;
  /** In the order in which they were added. */
  readonly headers: readonly Pair[];
  readonly redirect: 'follow' | 'error' | 'manual';
  /** Undefined: nothing can abort it. */
  readonly signal: AbortSignal | undefined;
  /** It is there whole where it can be sent again. */
  readonly body: Body | null;
}

/** Takes what is to be sent of a request, whose body is used then. @throws TypeError where it was used before */
export let requestParts: (request: Request) => RequestParts;
export let isRequest: (value: unknown) => value is Request;

/** Only the platform makes requests of what is known to be valid. */
const OURS = {};

/** What a request is made of: one record, since each private field takes V8 as long as all members of a record. */
interface Own {
  readonly settings: Settings;
  readonly list: HeaderList;
  /** The object of the list, once a script has asked for it. */
  headers: Headers | undefined;
  /** Undefined: nothing can abort it, and no script has asked for the signal. */
  signal: AbortSignal | undefined;
  body: Body | null;
}

export class Request {
  readonly #own: Own;

  static {
    requestParts = (request) => {
      const { url, method, redirect } = request.#own.settings;
      const body = request.#own.body === null ? null : request.#own.body.take();
      const headers = request.#own.list.pairs;
      return { url: url.split('#', 1)[0] as string, method, headers, redirect, signal: request.#own.signal, body };
    };
    isRequest = (value): value is Request => typeof value === 'object' && value !== null && #own in value;
  }

  constructor(input: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Request');
    if (input === OURS) {
      this.#own = init as Own;
      return;
    }
    const other = isRequest(input) ? input : undefined;
    const options = dictionary(init, 'Request');
    const { change, requestUrl } = requestSettings();
    const settings = other === undefined ? settingsOf(requestUrl(usv(input))) : { ...other.#own.settings };
    change(settings, options);
    const { signal = other === undefined ? undefined : other.#own.signal, headers, body, duplex } = options;
    if (duplex !== undefined && `${duplex as string}` !== 'half') {
      throw new SafeTypeError(`Request: duplex is 'half' or not there`);
    }
    if (signal !== undefined && signal !== null && !aborts.isSignal(signal)) {
      throw new SafeTypeError('Request: the signal is not an AbortSignal');
    }
    const own = {
      __proto__: null,
      settings,
      list:
        headers === undefined && other !== undefined
          ? new HeaderList(other.#own.list.pairs)
          : known.isHeaders(headers)
            ? new HeaderList(ofHeaders().listOf(headers as Headers).pairs)
            : headerListOf(headers),
      headers: undefined,
      signal: signal === undefined || signal === null ? undefined : signals().AbortSignal.any([signal]),
      body: null,
    } as unknown as Own;
    this.#own = own;
    const hasBody = body !== undefined && body !== null;
    if (
      (hasBody || (body === undefined && other !== undefined && other.#own.body !== null)) &&
      isBodiless(settings.method)
    ) {
      throw new SafeTypeError(`Request: a request of method ${settings.method} has no body`);
    }
    if (hasBody) {
      if (known.isReadableStream(body) && duplex === undefined) {
        throw new SafeTypeError(`Request: a stream as a body needs duplex: 'half'`);
      }
      const extracted = typeof body === 'string' ? textBody(usv(body)) : extraction().extractBody(body);
      this.#own.body = extracted.body;
      if (extracted.type !== undefined) this.#own.list.complete('Content-Type', extracted.type);
    } else {
      this.#own.body =
        body === undefined && other !== undefined && other.#own.body !== null ? other.#own.body.take() : null;
    }
  }

  get method(): string {
    return this.#own.settings.method;
  }

  get url(): string {
    return this.#own.settings.url;
  }

  get headers(): Headers {
    this.#own.headers ??= ofHeaders().headersOf(this.#own.list);
    return this.#own.headers;
  }

  get destination(): string {
    void this.#own.settings;
    return '';
  }

  get referrer(): string {
    return this.#own.settings.referrer === 'no-referrer' ? '' : this.#own.settings.referrer;
  }

  get referrerPolicy(): string {
    return this.#own.settings.referrerPolicy;
  }

  get mode(): string {
    return this.#own.settings.mode;
  }

  get credentials(): string {
    return this.#own.settings.credentials;
  }

  get cache(): string {
    return this.#own.settings.cache;
  }

  get redirect(): string {
    return this.#own.settings.redirect;
  }

  get integrity(): string {
    return this.#own.settings.integrity;
  }

  get keepalive(): boolean {
    return this.#own.settings.keepalive;
  }

  get isReloadNavigation(): boolean {
    void this.#own.settings;
    return false;
  }

  get isHistoryNavigation(): boolean {
    void this.#own.settings;
    return false;
  }

  get signal(): AbortSignal {
    this.#own.signal ??= signals().AbortSignal.any([]);
    return this.#own.signal;
  }

  get duplex(): string {
    void this.#own.settings;
    return 'half';
  }

  clone(): Request {
    const body = this.#own.body === null ? null : this.#own.body.clone();
    const signal = this.#own.signal === undefined ? undefined : signals().AbortSignal.any([this.#own.signal]);
    return made(this.#own.settings, new HeaderList(this.#own.list.pairs), signal, body);
  }

  get body(): ByteStream | null {
    return this.#own.body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    return this.#own.body?.isUsed === true;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await copyOf(this.#own.body)).buffer;
  }

  async blob(): Promise<Blob> {
    return blobIn(this.#own.body, this.#own.list);
  }

  async bytes(): Promise<Bytes> {
    return copyOf(this.#own.body);
  }

  async formData(): Promise<FormData> {
    return formIn(this.#own.body, this.#own.list);
  }

  async json(): Promise<unknown> {
    return parse(await textIn(this.#own.body));
  }

  async text(): Promise<string> {
    return textIn(this.#own.body);
  }
}

asInterface(Request, 'Request');

const made = (settings: Settings, list: HeaderList, signal: AbortSignal | undefined, body: Body | null): Request =>
  new Request(OURS, { __proto__: null, settings, list, headers: undefined, signal, body });

/** Makes the request that a web handler is called with: its head has been checked, and is taken as it is. @throws TypeError for a wrong URL */
export function makeRequest({ url, isParsed, method, headers }: GivenRequest, body: Body | null): Request {
  const settings = settingsOf(isParsed ? url : requestSettings().requestUrl(url));
  settings.method = method;
  // As the Fetch standard has it, a GET has no body.
  return made(settings, new HeaderList(headers), undefined, isBodiless(method) ? null : body);
}

const isBodiless = (method: string): boolean => method === 'GET' || method === 'HEAD';

function settingsOf(url: string): Settings {
  return {
    __proto__: null,
    url,
    method: 'GET',
    referrer: 'about:client',
    referrerPolicy: '',
    mode: 'cors',
    credentials: 'same-origin',
    cache: 'default',
    redirect: 'follow',
    integrity: '',
    keepalive: false,
  } as unknown as Settings;
}
