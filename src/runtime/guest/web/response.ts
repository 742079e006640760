import { type Bodied, Body, extractBody, mixBody } from './body.ts';
import { byteString, isReason } from './byte-string.ts';
import { Headers, headerPairs, headersOf, type Pair } from './headers.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import type { ByteSource } from './lazy-streams.ts';
import { URL } from './url.ts';
import { encodeUtf8 } from './utf8.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError, stringify } = primordials;

/** Statuses of responses that have no body. */
const NO_BODY: readonly number[] = [101, 103, 204, 205, 304];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

type ResponseType = 'default' | 'basic' | 'error';

/** What a response of the platform's own is made of. */
export interface ResponseParts {
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Pair[];
  readonly body: ByteSource | Uint8Array<ArrayBuffer> | null;
}

/** Makes the response of a fetch: its headers are immutable. */
export let makeResponse: (parts: ResponseParts) => Response;
/** What is to be sent of a response that a script has made. Its body is used then. */
export let responseParts: (response: Response) => {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Pair[];
  readonly body: Body | null;
};
export let isResponse: (value: unknown) => value is Response;
let bodied: (response: object) => Bodied;

export class Response {
  #type: ResponseType = 'default';
  #url = '';
  #isRedirected = false;
  #status = 200;
  #statusText = '';
  #headers: Headers;
  #body: Body | null = null;

  static {
    makeResponse = ({ url, redirected, status, statusText, headers, body }) => {
      const response = new Response();
      response.#type = 'basic';
      response.#url = url;
      response.#isRedirected = redirected;
      response.#status = status;
      response.#statusText = statusText;
      response.#headers = headersOf(headers, true);
      response.#body = body === null ? null : new Body(body);
      return response;
    };
    responseParts = (response) => ({
      status: response.#status,
      statusText: response.#statusText,
      headers: headerPairs(response.#headers),
      body: response.#body === null ? null : response.#body.take(),
    });
    isResponse = (value): value is Response => typeof value === 'object' && value !== null && #status in value;
    bodied = (value) => {
      const response = value as Response;
      return { body: response.#body, contentType: response.#headers.get('content-type') };
    };
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    const given = body === null ? undefined : extractBody(body);
    const { headers, status, statusText } = dictionary(init, 'Response');
    this.#status = status === undefined ? 200 : unsignedShort(status);
    this.#statusText = statusText === undefined ? '' : byteString(statusText, 'Response');
    this.#headers = new Headers(headers);
    if (this.#status < 200 || this.#status > 599) {
      throw new SafeRangeError(`Response: the status ${this.#status} is not from 200 to 599`);
    }
    if (!isReason(this.#statusText)) throw new SafeTypeError('Response: the status text holds a control character');
    if (given !== undefined) this.#have(given.body, given.type);
  }

  static error(): Response {
    const response = new Response();
    response.#type = 'error';
    response.#status = 0;
    response.#headers = headersOf([], true);
    return response;
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const location = new URL(usv(url)).href;
    const code = unsignedShort(status);
    if (!REDIRECTS.includes(code))
      throw new SafeRangeError(`Response.redirect: ${code} is not the status of a redirect`);
    const response = new Response();
    response.#status = code;
    response.#headers = headersOf([['location', location]], true);
    return response;
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = stringify(data) as string | undefined;
    if (text === undefined) throw new SafeTypeError('Response.json: JSON cannot hold the value');
    const response = new Response(null, init);
    response.#have(new Body(encodeUtf8(usv(text))), 'application/json');
    return response;
  }

  get type(): string {
    return this.#type;
  }

  get url(): string {
    return this.#url;
  }

  get redirected(): boolean {
    return this.#isRedirected;
  }

  get status(): number {
    return this.#status;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get headers(): Headers {
    return this.#headers;
  }

  clone(): Response {
    const body = this.#body === null ? null : this.#body.clone();
    const copy = new Response();
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#isRedirected = this.#isRedirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = headersOf(headerPairs(this.#headers), this.#type !== 'default');
    copy.#body = body;
    return copy;
  }

  #have(body: Body, type: string | undefined): void {
    if (NO_BODY.includes(this.#status)) {
      throw new SafeTypeError(`Response: one of status ${this.#status} has no body`);
    }
    this.#body = body;
    if (type !== undefined && !this.#headers.has('content-type')) this.#headers.append('Content-Type', type);
  }
}

mixBody(Response, (value) => bodied(value));
asInterface(Response, 'Response');

/** WebIDL's unsigned short. */
const unsignedShort = (value: unknown): number => (+(value as number) >>> 0) & 0xffff;
