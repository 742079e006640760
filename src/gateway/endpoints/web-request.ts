import type { HeaderPair, WebRequestHead } from '../../api/web-exchange.ts';
import { isWebRequestHead } from '../../api/web-exchange.ts';
import { CONNECTION_HEADERS } from '../http/connection-headers.ts';
import { Refusal } from '../refusal.ts';

/** What a request says, as Node has read it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly host: string;
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[];
  /** Address of the client, or of the proxy in front of the gateway. */
  readonly remoteAddress: string;
}

/** What the gateway decides of it. */
export interface Routed {
  /** Path and query that the script sees. */
  readonly target: string;
  /** What was taken off the path. */
  readonly prefix: string;
  readonly requestID: string;
  /** The Authorization header was for the gateway: the script does not see it. */
  readonly hidesAuthorization: boolean;
}

/** Headers that are for the gateway, and those that it writes itself. */
const OWN: ReadonlySet<string> = new Set([
  ...CONNECTION_HEADERS,
  'proxy-authenticate',
  'proxy-authorization',
  'expect',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-prefix',
  'x-forwarded-proto',
]);

/** Nothing that would make a host something else in a URL. */
const HOST = /^[^\s/?#@\\]+$/;

/**
 * The head of the request that a script sees. `X-Forwarded-For`, `-Proto` and `-Prefix` say what is known of the way to it. Pure.
 * @throws Refusal BadRequest if it cannot be given to a script
 */
export function webRequest(
  { method, host, rawHeaders, remoteAddress }: ReceivedRequest,
  { target, prefix, requestID, hidesAuthorization }: Routed,
): WebRequestHead {
  const { own, given } = pairsOf(rawHeaders);
  const values = (name: string): string[] => own.filter(([other]) => other === name).map(([, value]) => value);
  const hidden = new Set(
    values('connection')
      .flatMap(namesOf)
      .filter((name) => !OWN.has(name)),
  );
  if (hidesAuthorization) hidden.add('authorization');
  const scheme = values('x-forwarded-proto')[0]?.split(',', 1)[0]?.trim() === 'https' ? 'https' : 'http';
  const prefixes = [...values('x-forwarded-prefix'), prefix].join('').replace(/\/+(?=\/|$)/g, '');
  const headers = hidden.size === 0 ? given : given.filter(([name]) => !hidden.has(name));
  headers.push(
    ['x-request-id', requestID],
    ['x-forwarded-for', [...values('x-forwarded-for'), remoteAddress].join(', ')],
    ['x-forwarded-proto', scheme],
  );
  if (prefixes !== '') headers.push(['x-forwarded-prefix', prefixes]);
  const url = URL.parse(`${scheme}://${host}${target}`);
  const head = { url: url?.href ?? '', method, headers };
  // Anything else would become a part of the host, or not be seen.
  const isPath = target.startsWith('/') && !target.includes('#');
  if (url === null || !isPath || !HOST.test(host) || !isWebRequestHead(head)) {
    throw new Refusal('BadRequest', 'the URL or the headers of the request are invalid, or too long');
  }
  return head;
}

/** In linear time: a pattern for the spaces around a comma would try each run of spaces from each of its places. */
const namesOf = (value: string): string[] => value.split(',').map((name) => name.trim().toLowerCase());

/** The gateway's own headers are few: each name is looked for in those alone. */
function pairsOf(rawHeaders: readonly string[]): { readonly own: HeaderPair[]; readonly given: HeaderPair[] } {
  const own: HeaderPair[] = [];
  const given: HeaderPair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    (OWN.has(name) ? own : given).push([name, rawHeaders[i + 1] as string]);
  }
  return { own, given };
}
