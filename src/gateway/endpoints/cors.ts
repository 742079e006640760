import type { IncomingHttpHeaders } from 'node:http';
import type { ScriptEndpointSpec } from '../../api/types.generated.ts';

/** Which pages of other origins may read responses: fields and meaning of the Gateway API's HTTPCORSFilter. */
export type CorsPolicy = NonNullable<ScriptEndpointSpec['cors']>;

type Headers = Readonly<Record<string, string>>;

/** Scheme, host and port, as browsers send them. */
const ORIGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORTS: Headers = { http: '80', https: '443' };
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const NAMES = /^[!#$%&'*+.^_`|~0-9A-Za-z, \t-]{1,8192}$/;

/** What depends on the origin, and what a preflight depends on. */
const VARY = 'Origin';
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

/** How a policy allows an origin: it lists it, by its name or a wildcard for subdomains; or it allows every origin. Pure. */
export function allowedOrigin({ allowOrigins }: CorsPolicy, origin: string): 'Listed' | 'Any' | undefined {
  const [scheme, host, port] = partsOf(origin) ?? [];
  const isListed = allowOrigins.some((allowed) => {
    const [allowedScheme, allowedHost = '', allowedPort] = partsOf(allowed) ?? [];
    if (scheme === undefined || scheme !== allowedScheme || port !== allowedPort) return false;
    return host === allowedHost || (allowedHost.startsWith('*.') && host?.endsWith(allowedHost.slice(1)) === true);
  });
  if (isListed) return 'Listed';
  return allowOrigins.includes('*') ? 'Any' : undefined;
}

/** Whether a request is a CORS-preflight request of the Fetch standard. Pure. */
export const isPreflight = (method: string, headers: IncomingHttpHeaders): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** The headers of all responses but those to preflights; refusals have them too. Pure. */
export function responseHeaders(cors: CorsPolicy, { origin }: IncomingHttpHeaders): Headers {
  const { exposeHeaders } = cors;
  const shared = sharedHeaders(cors, origin);
  if (shared === undefined) return { vary: VARY };
  return {
    ...shared,
    ...(exposeHeaders === undefined ? {} : { 'access-control-expose-headers': exposeHeaders.join(', ') }),
    ...(isForAll(cors) ? {} : { vary: VARY }),
  };
}

/**
 * The headers of the response to a preflight. Without credentials a wildcard is one for browsers too; with them it stands for
 * what the preflight asks for. Pure.
 */
export function preflightHeaders(cors: CorsPolicy, headers: IncomingHttpHeaders): Headers {
  const { allowCredentials, allowMethods, allowHeaders, maxAge } = cors;
  const shared = sharedHeaders(cors, headers.origin);
  if (shared === undefined) return { vary: PREFLIGHT_VARY };
  const listed = (names: readonly string[] | undefined, asked: string | undefined, valid: RegExp): string => {
    if (!allowCredentials || !names?.includes('*')) return (names ?? []).join(', ');
    return asked !== undefined && valid.test(asked) ? asked : '';
  };
  const methods = listed(allowMethods, textOf(headers['access-control-request-method']), METHOD);
  const names = listed(allowHeaders, textOf(headers['access-control-request-headers']), NAMES);
  return {
    ...shared,
    ...(methods === '' ? {} : { 'access-control-allow-methods': methods }),
    ...(names === '' ? {} : { 'access-control-allow-headers': names }),
    'access-control-max-age': String(maxAge),
    vary: PREFLIGHT_VARY,
  };
}

/** Whether a header of a response is the gateway's where the endpoint has a policy. Pure. */
export const isCorsHeader = (name: string): boolean => name.startsWith('access-control-');

/** Headers that let pages read a response; undefined: no page of the origin may. */
function sharedHeaders(cors: CorsPolicy, origin: string | undefined): Headers | undefined {
  if (isForAll(cors)) return { 'access-control-allow-origin': '*' };
  if (origin === undefined || allowedOrigin(cors, origin) === undefined) return undefined;
  return {
    'access-control-allow-origin': origin,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

/** The response is the same for each origin. The definition allows no credentials together with `*`. */
const isForAll = ({ allowOrigins, allowCredentials }: CorsPolicy): boolean =>
  allowOrigins.includes('*') && !allowCredentials;

/** Scheme, host and port of an origin, or of one with a wildcard. */
function partsOf(origin: string): readonly [scheme: string, host: string, port: string] | undefined {
  const [, scheme = '', host = '', port = DEFAULT_PORTS[scheme] ?? ''] = ORIGIN.exec(origin) ?? [];
  return scheme === '' ? undefined : [scheme, host, port];
}

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(', ');
