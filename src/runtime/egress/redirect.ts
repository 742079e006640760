import { FetchError } from './fetch-error.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** As the Fetch standard has it. */
export const MAX_REDIRECTS = 20;
/** Left out where a redirect drops the body. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type'];
/** Left out where a redirect leads to another origin. The Fetch standard names the first; Node leaves out the others too. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

/** What is asked for, without the headers that rules add. */
export interface RequestHead {
  readonly url: URL;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
}

export interface Redirected extends RequestHead {
  /** Whether the body is sent again. */
  readonly keepsBody: boolean;
}

export const isRedirect = (status: number, location: string | undefined): location is string =>
  REDIRECTS.has(status) && location !== undefined;

/**
 * The request that a redirect leads to (https://fetch.spec.whatwg.org/#http-redirect-fetch). Pure.
 * @throws FetchError if it leads nowhere that `fetch` goes
 */
export function redirected({ url, method, headers }: RequestHead, status: number, location: string): Redirected {
  const target = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  if (target === undefined) throw new FetchError('the redirect has an invalid Location');
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw new FetchError('the redirect leads to a URL that is not http or https');
  }
  if (target.username !== '' || target.password !== '') {
    throw new FetchError('the redirect leads to a URL with credentials');
  }
  if (target.hash === '') target.hash = url.hash;
  const becomesGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST');
  const kept = new Map(headers);
  if (becomesGet) for (const name of BODY_HEADERS) kept.delete(name);
  if (target.origin !== url.origin) for (const name of CREDENTIAL_HEADERS) kept.delete(name);
  return { url: target, method: becomesGet ? 'GET' : method, headers: kept, keepsBody: !becomesGet };
}
