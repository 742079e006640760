import { hash, randomUUID } from 'node:crypto';
import { type CryptoKey, type JWK, SignJWT } from 'jose';
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

/** What a pod compares a request's body with: SHA-256, base64url. */
export const bodyHash = (body: string | Uint8Array): string => hash('sha256', body, 'base64url');

/**
 * Signs a request to a runtime pod: the value of its Authorization header is `Bearer` and this token.
 *
 * @param privateKey Ed25519; imported once (`importJWK`) it signs faster than as a JWK
 * @param now milliseconds since 1970
 */
export async function makeToken(
  privateKey: CryptoKey | JWK,
  { podUID, bootID, epoch, method, path, body = '' }: TokenClaims,
  now = Date.now(),
): Promise<string> {
  const claims: RequestClaims = {
    epoch,
    req: `${method} ${path}`,
    body: bodyHash(body),
    ...(bootID === undefined ? {} : { boot: bootID }),
  };
  const seconds = Math.floor(now / 1000);
  return await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setAudience(podUID)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + MAX_TOKEN_AGE_S)
    .setJti(randomUUID())
    .sign(privateKey);
}
