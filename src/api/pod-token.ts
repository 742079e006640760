import { hash, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { MAX_TOKEN_AGE_S, type RequestClaims } from './pod-protocol.ts';

/** The one request that a token is for. */
export interface TokenClaims {
  readonly podUID: string;
  /** The life of the pod that is meant. Only a GET may leave it out: any life may answer. */
  readonly bootID?: string | undefined;
  /** Which leader speaks: the Lease's `leaseTransitions`. */
  readonly epoch: number;
  readonly method: string;
  /** Path and query, as they stand in the request. */
  readonly path: string;
  /** The body as it is sent; left out where there is none. */
  readonly body?: string | Uint8Array | undefined;
}

/** Those of RFC 7519, 4.1, that a token has. */
interface RegisteredClaims {
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/** What a pod compares a request's body with: SHA-256, base64url. */
export const bodyHash = (body: string | Uint8Array): string => hash('sha256', body, 'base64url');

const base64url = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

/** No token has another: nobody chooses an algorithm or a key by it. */
const HEADER = base64url({ alg: 'EdDSA' });

/**
 * Signs a request to a runtime pod: the value of its Authorization header is `Bearer` and this token, a JWT (RFC 7519) with an
 * Ed25519 signature (RFC 8037). Written here because libraries sign and check in another thread: each takes 0.08 ms more in
 * a loop, 0.5 ms more on average where the processors are busy, and there now and then 10 ms or more.
 *
 * @param privateKey Ed25519
 * @param now milliseconds since 1970
 */
export function makeToken(
  privateKey: KeyObject,
  { podUID, bootID, epoch, method, path, body = '' }: TokenClaims,
  now = Date.now(),
): string {
  const iat = Math.floor(now / 1000);
  const claims: RequestClaims & RegisteredClaims = {
    epoch,
    req: `${method} ${path}`,
    body: bodyHash(body),
    ...(bootID === undefined ? {} : { boot: bootID }),
    aud: podUID,
    iat,
    exp: iat + MAX_TOKEN_AGE_S,
    jti: randomUUID(),
  };
  const signed = `${HEADER}.${base64url(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

/**
 * What the holder of the private key has said in a token, whatever it is; undefined where that key has not signed it.
 *
 * @param publicKey Ed25519
 */
export function readToken(publicKey: KeyObject, token: string): unknown {
  const [header, claims = '', signature = '', ...more] = token.split('.');
  if (header !== HEADER || more.length > 0) return undefined;
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify(null, signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as unknown;
}
