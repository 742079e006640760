import { asInterface, bare, port, primordials, requireArguments, splitAt, usv } from './kit.ts';
import {
  HASH,
  HOST,
  HOSTNAME,
  HREF,
  ORIGIN,
  PASSWORD,
  PATHNAME,
  PORT,
  PROTOCOL,
  parseUrl,
  SEARCH,
  USERNAME,
} from './parse-url.ts';
import { paramsOf, replaceQuery, type URLSearchParams } from './url-search-params.ts';

const { TypeError: SafeTypeError } = primordials;

export class URL {
  #parts: string[] = bare([]);
  #searchParams: URLSearchParams | undefined;

  constructor(url: unknown, base: unknown = undefined) {
    requireArguments(arguments.length, 1, 'URL');
    const parts = parseUrl(usv(url), base === undefined ? undefined : usv(base));
    if (parts === undefined) throw new SafeTypeError('Invalid URL');
    this.#parts = parts;
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, 'URL.parse');
    const parts = parseUrl(usv(url), base === undefined ? undefined : usv(base));
    return parts === undefined ? null : new URL(parts[HREF]);
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return parseUrl(usv(url), base === undefined ? undefined : usv(base)) !== undefined;
  }

  #get(part: number): string {
    return this.#parts[part] as string;
  }

  #set(name: string, value: unknown): boolean {
    const text = usv(value);
    const answer = port('platform', `${name}=`, this.#get(HREF), text) as string | undefined;
    if (answer === undefined) return false;
    this.#parts = splitAt(answer, '\n');
    return true;
  }

  #followQuery(): void {
    if (this.#searchParams !== undefined) replaceQuery(this.#searchParams, this.#get(SEARCH));
  }

  get href(): string {
    return this.#get(HREF);
  }

  set href(value: unknown) {
    if (!this.#set('href', value)) throw new SafeTypeError('Invalid URL');
    this.#followQuery();
  }

  get origin(): string {
    return this.#get(ORIGIN);
  }

  get protocol(): string {
    return this.#get(PROTOCOL);
  }

  set protocol(value: unknown) {
    this.#set('protocol', value);
  }

  get username(): string {
    return this.#get(USERNAME);
  }

  set username(value: unknown) {
    this.#set('username', value);
  }

  get password(): string {
    return this.#get(PASSWORD);
  }

  set password(value: unknown) {
    this.#set('password', value);
  }

  get host(): string {
    return this.#get(HOST);
  }

  set host(value: unknown) {
    this.#set('host', value);
  }

  get hostname(): string {
    return this.#get(HOSTNAME);
  }

  set hostname(value: unknown) {
    this.#set('hostname', value);
  }

  get port(): string {
    return this.#get(PORT);
  }

  set port(value: unknown) {
    this.#set('port', value);
  }

  get pathname(): string {
    return this.#get(PATHNAME);
  }

  set pathname(value: unknown) {
    this.#set('pathname', value);
  }

  get search(): string {
    return this.#get(SEARCH);
  }

  set search(value: unknown) {
    this.#set('search', value);
    this.#followQuery();
  }

  get searchParams(): URLSearchParams {
    this.#searchParams ??= paramsOf(this.#get(SEARCH), (query) => this.#set('search', query));
    return this.#searchParams;
  }

  get hash(): string {
    return this.#get(HASH);
  }

  set hash(value: unknown) {
    this.#set('hash', value);
  }

  toString(): string {
    return this.#get(HREF);
  }

  toJSON(): string {
    return this.#get(HREF);
  }
}

asInterface(URL, 'URL');
