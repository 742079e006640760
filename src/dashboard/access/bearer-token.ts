import type { IncomingHttpHeaders } from 'node:http';

/** Most characters of a token: those of identity providers have some kilobytes. */
const MAX_TOKEN = 16_384;
const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;

/** The bearer token of a request; undefined without one, and for a header that is not one. Pure. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  const token = BEARER.exec(authorization ?? '')?.[1];
  return token !== undefined && token.length <= MAX_TOKEN ? token : undefined;
}
