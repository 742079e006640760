import type { GivenRequest } from '../given-request.ts';
import type { AbortSignal } from './abort.ts';
import { aborts } from './aborts.ts';
import type { Blob } from './blob.ts';
import { type Body, blobIn, copyOf, extractBody, formIn, textIn, valueIn } from './body.ts';
import type { FormData } from './form-data.ts';
import { HeaderList, headerListOf, type Pair } from './header-list.ts';
import type { Headers } from './headers.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import { ofHeaders, requestSettings, signals } from './later.ts';
import type { ByteStream } from './lazy-streams.ts';
import type { Settings } from './request-settings.ts';

const { TypeError: SafeTypeError } = primordials;

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

export class Request {
  readonly #settings: Settings;
  readonly #list: HeaderList;
  /** The object of the list, once a script has asked for it. */
  #headers: Headers | undefined;
  /** Undefined: nothing can abort it, and no script has asked for the signal. */
  #signal: AbortSignal | undefined;
  readonly #body: Body | null;

  static {
    requestParts = (request) => {
      const { url, method, redirect } = request.#settings;
      const body = request.#body === null ? null : request.#body.take();
      const headers = request.#list.pairs;
      return { url: url.split('#', 1)[0] as string, method, headers, redirect, signal: request.#signal, body };
    };
    isRequest = (value): value is Request => typeof value === 'object' && value !== null && #settings in value;
  }

  constructor(input: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Request');
    if (input === OURS) {
      const { settings, list, signal, body } = init as Made;
      this.#settings = settings;
      this.#list = list;
      this.#signal = signal;
      this.#body = body;
      return;
    }
    const other = isRequest(input) ? input : undefined;
    const options = dictionary(init, 'Request');
    const { change, requestUrl } = requestSettings();
    const settings = other === undefined ? settingsOf(requestUrl(usv(input))) : { ...other.#settings };
    change(settings, options);
    const { signal = other === undefined ? undefined : other.#signal, headers, body, duplex } = options;
    if (duplex !== undefined && `${duplex as string}` !== 'half') {
      throw new SafeTypeError(`Request: duplex is 'half' or not there`);
    }
    this.#settings = settings;
    if (signal !== undefined && signal !== null && !aborts.isSignal(signal)) {
      throw new SafeTypeError('Request: the signal is not an AbortSignal');
    }
    if (signal !== undefined && signal !== null) this.#signal = signals().AbortSignal.any([signal]);
    this.#list =
      headers === undefined && other !== undefined
        ? new HeaderList(other.#list.pairs)
        : known.isHeaders(headers)
          ? new HeaderList(ofHeaders().listOf(headers as Headers).pairs)
          : headerListOf(headers);
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
      if (extracted.type !== undefined) this.#list.complete('Content-Type', extracted.type);
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
    this.#headers ??= ofHeaders().headersOf(this.#list);
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
    this.#signal ??= signals().AbortSignal.any([]);
    return this.#signal;
  }

  get duplex(): string {
    void this.#settings;
    return 'half';
  }

  clone(): Request {
    const body = this.#body === null ? null : this.#body.clone();
    const signal = this.#signal === undefined ? undefined : signals().AbortSignal.any([this.#signal]);
    return made({ settings: this.#settings, list: new HeaderList(this.#list.pairs), signal, body });
  }

  get body(): ByteStream | null {
    return this.#body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    return this.#body?.isUsed === true;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await copyOf(this.#body)).buffer;
  }

  async blob(): Promise<Blob> {
    return blobIn(this.#body, this.#list);
  }

  async bytes(): Promise<Bytes> {
    return copyOf(this.#body);
  }

  async formData(): Promise<FormData> {
    return formIn(this.#body, this.#list);
  }

  async json(): Promise<unknown> {
    return valueIn(this.#body);
  }

  async text(): Promise<string> {
    return textIn(this.#body);
  }
}

asInterface(Request, 'Request');

/** What a request is made of. */
interface Made {
  readonly settings: Settings;
  readonly list: HeaderList;
  readonly signal: AbortSignal | undefined;
  readonly body: Body | null;
}

const made = (parts: Made): Request => new Request(OURS, parts);

/** Makes the request that a web handler is called with: its head has been checked, and is taken as it is. @throws TypeError for a wrong URL */
export function makeRequest({ url, isParsed, method, headers }: GivenRequest, body: Body | null): Request {
  const settings = settingsOf(isParsed ? url : requestSettings().requestUrl(url));
  settings.method = method;
  // As the Fetch standard has it, a GET has no body.
  return made({ settings, list: new HeaderList(headers), signal: undefined, body: isBodiless(method) ? null : body });
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
