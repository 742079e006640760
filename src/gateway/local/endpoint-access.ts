import { JwtAccess } from '../access/jwt-access.ts';
import { type Authenticate, endpointAuthentication } from '../endpoints/authenticate.ts';
import { allowedOrigin } from '../endpoints/cors.ts';
import { hostname } from '../endpoints/endpoint-table.ts';
import { Refusal } from '../refusal.ts';
import { loopbackAccess } from './loopback-access.ts';

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/;

/**
 * Who may call endpoints on a local gateway. Those without authentication are public where they run: pages that a browser of this machine
 * shows may call them as well, but only by a name of this machine or of the endpoint (DNS rebinding). For all others: every program of
 * this machine, without a token, and pages of the origins that the endpoint lists: `*` lists none.
 */
export function localAuthentication(jwksHosts: readonly string[]): Authenticate {
  const authenticate = endpointAuthentication({ access: loopbackAccess, jwt: new JwtAccess(jwksHosts) });
  return async (endpoint, headers) => {
    const { hostnames = [], cors } = endpoint.spec;
    const host = hostname(headers.host ?? '');
    if (!LOCAL.test(host) && !hostnames.includes(host)) {
      throw new Refusal('Forbidden', "a local gateway takes requests for localhost and the endpoint's hostnames alone");
    }
    const { origin } = headers;
    const isListed = origin !== undefined && cors !== undefined && allowedOrigin(cors, origin) === 'Listed';
    return await authenticate(endpoint, isListed ? { ...headers, origin: undefined } : headers);
  };
}
