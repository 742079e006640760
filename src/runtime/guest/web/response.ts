import type { Blob } from './blob.ts';
import { Body, blobIn, copyOf, extractBody, formIn, textIn, valueIn } from './body.ts';
import { byteString, isReason } from './byte-string.ts';
import type { FormData } from './form-data.ts';
import { HeaderList, headerListOf, type Pair } from './header-list.ts';
import type { Headers } from './headers.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import { ofHeaders } from './later.ts';
import type { ByteSource, ByteStream } from './lazy-streams.ts';
import { HREF, parseUrl } from './parse-url.ts';
import { type WholeBody, wholeText } from './whole-body.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError, stringify } = primordials;

/** Statuses of responses that have no body. */
const NO_BODY: readonly number[] = [101, 103, 204, 205, 304];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

type Bytes = Uint8Array<ArrayBuffer>;
type ResponseType = 'default' | 'basic' | 'error';

/** What a response of the platform's own is made of. */
export interface ResponseParts {
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Pair[];
  readonly body: ByteSource | WholeBody | null;
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

export class Response {
  #type: ResponseType = 'default';
  #url = '';
  #isRedirected = false;
  #status = 200;
  #statusText = '';
  #list: HeaderList;
  /** The object of the list, once a script has asked for it. */
  #headers: Headers | undefined;
  #body: Body | null = null;

  static {
    makeResponse = ({ url, redirected, status, statusText, headers, body }) => {
      const response = new Response();
      response.#type = 'basic';
      response.#url = url;
      response.#isRedirected = redirected;
      response.#status = status;
      response.#statusText = statusText;
      response.#list = new HeaderList(headers, true);
      if (body !== null) response.#body = 'bytes' in body ? new Body(body) : new Body(undefined, body);
      return response;
    };
    responseParts = (response) => ({
      status: response.#status,
      statusText: response.#statusText,
      headers: response.#list.pairs,
      body: response.#body === null ? null : response.#body.take(),
    });
    isResponse = (value): value is Response => typeof value === 'object' && value !== null && #status in value;
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    const given = body === null ? undefined : extractBody(body);
    const { headers, status, statusText } = dictionary(init, 'Response');
    this.#status = status === undefined ? 200 : unsignedShort(status);
    this.#statusText = statusText === undefined ? '' : byteString(statusText, 'Response');
    this.#list = headerListOf(headers);
    if (this.#status < 200 || this.#status > 599) {
      throw new SafeRangeError(`Response: the status ${this.#status} is not from 200 to 599`);
    }
    if (statusText !== undefined && !isReason(this.#statusText))
      throw new SafeTypeError('Response: the status text holds a control character');
    if (given !== undefined) this.#have(given.body, given.type);
  }

  static error(): Response {
    const response = new Response();
    response.#type = 'error';
    response.#status = 0;
    response.#list = new HeaderList([], true);
    return response;
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const parts = parseUrl(usv(url), undefined);
    if (parts === undefined) throw new SafeTypeError('Invalid URL');
    const code = unsignedShort(status);
    if (!REDIRECTS.includes(code))
      throw new SafeRangeError(`Response.redirect: ${code} is not the status of a redirect`);
    const response = new Response();
    response.#status = code;
    response.#list = new HeaderList([['location', parts[HREF] as string]], true);
    return response;
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = stringify(data) as string | undefined;
    if (text === undefined) throw new SafeTypeError('Response.json: JSON cannot hold the value');
    const response = new Response(null, init);
    response.#have(new Body(wholeText(usv(text))), 'application/json');
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
    this.#headers ??= ofHeaders().headersOf(this.#list);
    return this.#headers;
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

  clone(): Response {
    const body = this.#body === null ? null : this.#body.clone();
    const copy = new Response();
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#isRedirected = this.#isRedirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#list = new HeaderList(this.#list.pairs, this.#type !== 'default');
    copy.#body = body;
    return copy;
  }

  #have(body: Body, type: string | undefined): void {
    if (NO_BODY.includes(this.#status)) {
      throw new SafeTypeError(`Response: one of status ${this.#status} has no body`);
    }
    this.#body = body;
    if (type !== undefined) this.#list.complete('Content-Type', type);
  }
}

asInterface(Response, 'Response');

/** WebIDL's unsigned short. */
const unsignedShort = (value: unknown): number => (+(value as number) >>> 0) & 0xffff;
