import { Refusal } from '../refusal.ts';

/** Longest bearer token. */
const MAX_TOKEN = 16 << 10;

/**
 * The bearer token of a request (RFC 6750).
 * @param authorization value of the Authorization header
 * @param which what to send, for those who have sent none: `a token of the cluster`
 * @throws Refusal Unauthorized
 */
export function bearerToken(authorization: string | undefined, which: string): string {
  const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined && token.length <= MAX_TOKEN) return token;
  throw unauthorized(`send ${which}: Authorization: Bearer TOKEN`);
}

export const unauthorized = (message: string): Refusal =>
  new Refusal('Unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
