import { FetchError } from './fetch-error.ts';

/** Headers as name and value, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Bounds of what a script sends; see docs/guest.md. */
export const MAX_HEADERS = 128;
/** UTF-16 units of all names and values together. */
export const MAX_HEADERS_LENGTH = 32 << 10;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible characters, spaces and tabs, and the upper half of Latin-1: no line break, NUL or other control character. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that belong to the connection: the HTTP client sets them, and what a script gives is left out, as browsers do. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const isOfTheConnection = (name: string): boolean => OF_THE_CONNECTION.has(name) || name.startsWith('proxy-');

export const isHeaderName = (name: string): boolean => TOKEN.test(name);
export const isHeaderValue = (value: string): boolean => VALUE.test(value);

/**
 * Headers that a script gives, as they may be sent: names in lower case, each once. Pure.
 * @throws FetchError for a header that could end the request's head, or if there are too many
 */
export function scriptHeaders(list: HeaderList): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let length = 0;
  if (list.length > MAX_HEADERS) throw new FetchError(`a request has at most ${MAX_HEADERS} headers`);
  for (const [given, value] of list) {
    length += given.length + value.length;
    if (length > MAX_HEADERS_LENGTH)
      throw new FetchError(`the headers of a request have at most ${MAX_HEADERS_LENGTH} characters`);
    if (!isHeaderName(given)) throw new FetchError('a header has an invalid name');
    if (!isHeaderValue(value)) throw new FetchError(`header ${given} has an invalid value`);
    const name = given.toLowerCase();
    if (isOfTheConnection(name)) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  return headers;
}

/**
 * Headers of a request: the script's, those of the rule in their place, and what servers expect. Pure.
 * @param traceparent the request continues this span, whatever the script says; undefined: what the script says
 */
export function requestHeaders(
  script: ReadonlyMap<string, string>,
  injected: HeaderList,
  traceparent?: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    accept: '*/*',
    'accept-encoding': 'gzip, br, zstd',
    'user-agent': 'copepod',
    ...Object.fromEntries(script),
  };
  if (traceparent !== undefined) {
    headers.traceparent = traceparent;
    // It belongs to the trace that the script names.
    delete headers.tracestate;
  }
  for (const [name, value] of injected) headers[name.toLowerCase()] = value;
  return headers;
}

/** Headers of a response, a name that occurs several times as often as it does. */
export function responseHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value): [string, string] => [name, value]),
  );
}
