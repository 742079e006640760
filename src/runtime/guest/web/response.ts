import type { Blob } from './blob.ts';
import { Body, blobIn, copyOf, formIn, textBody, textIn } from './body.ts';
import { byteString, isReason } from './byte-string.ts';
import type { FormData } from './form-data.ts';
import { HeaderList, headerListOf, type Pair } from './header-list.ts';
import type { Headers } from './headers.ts';
import { asInterface, dictionary, primordials, requireArguments, usv } from './kit.ts';
import { extraction, ofHeaders, parsing } from './later.ts';
import type { ByteSource, ByteStream } from './lazy-streams.ts';
import { type WholeBody, wholeText } from './whole-body.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError, parse, stringify } = primordials;

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

/** What a response is made of: one record, since each private field takes V8 as long as all members of a record. */
interface Own {
  type: ResponseType;
  url: string;
  isRedirected: boolean;
  status: number;
  statusText: string;
  list: HeaderList;
  /** The object of the list, once a script has asked for it. */
  headers: Headers | undefined;
  body: Body | null;
}

export class Response {
  readonly #own: Own;

  static {
    makeResponse = ({ url, redirected, status, statusText, headers, body }) => {
      const response = new Response();
      response.#own.type = 'basic';
      response.#own.url = url;
      response.#own.isRedirected = redirected;
      response.#own.status = status;
      response.#own.statusText = statusText;
      response.#own.list = new HeaderList(headers, true);
      if (body !== null) response.#own.body = 'bytes' in body ? new Body(body) : new Body(undefined, body);
      return response;
    };
    responseParts = (response) => ({
      status: response.#own.status,
      statusText: response.#own.statusText,
      headers: response.#own.list.pairs,
      body: response.#own.body === null ? null : response.#own.body.take(),
    });
    isResponse = (value): value is Response => typeof value === 'object' && value !== null && #own in value;
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    const given =
      body === null ? undefined : typeof body === 'string' ? textBody(usv(body)) : extraction().extractBody(body);
    const { headers, status, statusText } = dictionary(init, 'Response');
    const own = {
      __proto__: null,
      type: 'default',
      url: '',
      isRedirected: false,
      status: status === undefined ? 200 : unsignedShort(status),
      statusText: statusText === undefined ? '' : byteString(statusText, 'Response'),
      list: headerListOf(headers),
      headers: undefined,
      body: null,
    } as unknown as Own;
    if (own.status < 200 || own.status > 599) {
      throw new SafeRangeError(`Response: the status ${own.status} is not from 200 to 599`);
    }
    if (statusText !== undefined && !isReason(own.statusText))
      throw new SafeTypeError('Response: the status text holds a control character');
    this.#own = own;
    if (given !== undefined) this.#have(given.body, given.type);
  }

  static error(): Response {
    const response = new Response();
    response.#own.type = 'error';
    response.#own.status = 0;
    response.#own.list = new HeaderList([], true);
    return response;
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const { HREF, parseUrl } = parsing();
    const parts = parseUrl(usv(url), undefined);
    if (parts === undefined) throw new SafeTypeError('Invalid URL');
    const code = unsignedShort(status);
    if (!REDIRECTS.includes(code))
      throw new SafeRangeError(`Response.redirect: ${code} is not the status of a redirect`);
    const response = new Response();
    response.#own.status = code;
    response.#own.list = new HeaderList([['location', parts[HREF] as string]], true);
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
    return this.#own.type;
  }

  get url(): string {
    return this.#own.url;
  }

  get redirected(): boolean {
    return this.#own.isRedirected;
  }

  get status(): number {
    return this.#own.status;
  }

  get ok(): boolean {
    return this.#own.status >= 200 && this.#own.status <= 299;
  }

  get statusText(): string {
    return this.#own.statusText;
  }

  get headers(): Headers {
    this.#own.headers ??= ofHeaders().headersOf(this.#own.list);
    return this.#own.headers;
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

  clone(): Response {
    const body = this.#own.body === null ? null : this.#own.body.clone();
    const copy = new Response();
    copy.#own.type = this.#own.type;
    copy.#own.url = this.#own.url;
    copy.#own.isRedirected = this.#own.isRedirected;
    copy.#own.status = this.#own.status;
    copy.#own.statusText = this.#own.statusText;
    copy.#own.list = new HeaderList(this.#own.list.pairs, this.#own.type !== 'default');
    copy.#own.body = body;
    return copy;
  }

  #have(body: Body, type: string | undefined): void {
    if (NO_BODY.includes(this.#own.status)) {
      throw new SafeTypeError(`Response: one of status ${this.#own.status} has no body`);
    }
    this.#own.body = body;
    if (type !== undefined) this.#own.list.complete('Content-Type', type);
  }
}

asInterface(Response, 'Response');

/** WebIDL's unsigned short. */
const unsignedShort = (value: unknown): number => (+(value as number) >>> 0) & 0xffff;
