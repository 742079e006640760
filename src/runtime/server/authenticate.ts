import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S, type RequestClaims } from '../../api/pod-protocol.ts';
import { bodyHash, readToken } from '../../api/pod-token.ts';
import { RefusalError } from './refusal.ts';

/** The part of a request before its body. */
export interface RequestHead {
  readonly method: string;
  /** Path and query of the request. */
  readonly path: string;
  /** Value of the Authorization header. */
  readonly authorization: string | undefined;
}

/** Which part of Copepod signs a request. Each has a key of its own. */
export type Signer = 'operator' | 'gateway';

export interface AuthenticatorOptions {
  readonly signer: Signer;
  /** The signer's public key: Ed25519. */
  readonly publicKey: webcrypto.JsonWebKey;
  readonly podUID: string;
  readonly bootID: string;
}

/** The signed claims, unchecked. */
type TokenPayload = Record<keyof RequestClaims | 'aud' | 'iat' | 'exp' | 'nbf' | 'jti', unknown>;

/** Maximum number of remembered tokens: 10,000 requests a second for their lifetime. */
const MAX_SEEN = 500_000;
const MAX_JTI_LENGTH = 64;

/**
 * Accepts requests that one signer has signed for this pod, this boot, this request and this time. Each token is
 * valid once. Of the operator only the newest leader is accepted; all gateways are.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #key: KeyObject;
  readonly #now: () => number;
  /** Used tokens, with the second in which they expire. */
  readonly #seen = new Map<string, number>();
  #newestEpoch = 0;
  #clockSkewMs = 0;

  /** @param now milliseconds since 1970 */
  constructor(options: AuthenticatorOptions, now: () => number = Date.now) {
    this.#options = options;
    this.#key = createPublicKey({ key: options.publicKey, format: 'jwk' });
    this.#now = now;
  }

  /** How far the signer's clock was ahead of this one at its last request, to half a second. */
  get clockSkewMs(): number {
    return this.#clockSkewMs;
  }

  /**
   * Checks everything that does not need the body, before it is read.
   * @throws RefusalError Unauthenticated, OtherBoot or StaleEpoch
   */
  checkHead({ method, path, authorization }: RequestHead): RequestClaims {
    const payload = this.#verify(authorization);
    const claims = readClaims(payload);
    if (claims.req !== `${method} ${path}`) throw unauthenticated('it was made for another request');
    this.#useOnce(payload);
    if (claims.boot === undefined ? method !== 'GET' : claims.boot !== this.#options.bootID) {
      throw new RefusalError('OtherBoot', 'the request does not name this boot of the pod');
    }
    this.#checkEpoch(claims.epoch);
    return claims;
  }

  /** @throws RefusalError Unauthenticated, or StaleEpoch if a newer leader sent a request while the body arrived */
  checkBody(claims: RequestClaims, body: Uint8Array): void {
    if (claims.body !== bodyHash(body)) throw unauthenticated('it was made for another body');
    this.#checkEpoch(claims.epoch);
  }

  #verify(authorization: string | undefined): TokenPayload {
    const token = /^Bearer ([\w.-]+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new RefusalError('Unauthenticated', 'the request is not signed');
    const payload = readToken(this.#key, token) as TokenPayload | null | undefined;
    if (payload === undefined) throw unauthenticated(`it is not signed by the ${this.#options.signer}`);
    if (payload === null || typeof payload !== 'object') throw unauthenticated('it has no claims');
    this.#checkTimes(payload);
    if (payload.aud !== this.#options.podUID) throw unauthenticated('it was made for another pod');
    return payload;
  }

  /** By the signer's clock, which may differ slightly from ours. */
  #checkTimes({ iat, exp, nbf }: TokenPayload): void {
    if (!isTime(iat) || !isTime(exp)) throw unauthenticated('iat or exp is missing');
    // Tokens have whole seconds.
    this.#clockSkewMs = iat * 1000 + 500 - this.#now();
    const now = Math.floor(this.#now() / 1000);
    const [earliest, latest] = [now - MAX_CLOCK_SKEW_S, now + MAX_CLOCK_SKEW_S];
    if (exp <= earliest || iat + MAX_TOKEN_AGE_S < earliest) throw unauthenticated('it has expired');
    if (iat > latest || (nbf !== undefined && !(isTime(nbf) && nbf <= latest)))
      throw unauthenticated('it is not valid yet');
  }

  #useOnce({ jti, iat }: TokenPayload): void {
    if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH)
      throw unauthenticated('its jti is invalid');
    if (this.#seen.has(jti)) throw unauthenticated('it was used before');
    const now = this.#now() / 1000;
    // Roughly ordered by time: the oldest are first.
    for (const [old, end] of this.#seen) {
      if (end >= now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.size >= MAX_SEEN) throw unauthenticated('too many tokens are remembered');
    // One more second, because times are compared in whole seconds.
    this.#seen.set(jti, (iat as number) + MAX_TOKEN_AGE_S + MAX_CLOCK_SKEW_S + 1);
  }

  #checkEpoch(epoch: number): void {
    if (this.#options.signer !== 'operator') return;
    const newest = this.#newestEpoch;
    if (epoch < newest) {
      throw new RefusalError('StaleEpoch', `the request is of epoch ${epoch}; the newest is ${newest}`, newest);
    }
    this.#newestEpoch = epoch;
  }
}

/** Seconds since 1970. */
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);

function readClaims({ epoch, req, body, boot }: TokenPayload): RequestClaims {
  const isComplete =
    Number.isSafeInteger(epoch) &&
    typeof req === 'string' &&
    typeof body === 'string' &&
    (boot === undefined || typeof boot === 'string');
  if (!isComplete || (epoch as number) < 0) throw unauthenticated('its claims are incomplete');
  return { epoch: epoch as number, req, body, ...(boot === undefined ? {} : { boot }) };
}

function unauthenticated(why: string): RefusalError {
  return new RefusalError('Unauthenticated', `the token is invalid: ${why}`);
}
