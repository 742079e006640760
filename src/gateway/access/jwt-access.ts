import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { ScriptEndpointAuthJwt } from '../../api/types.generated.ts';
import { Refusal } from '../refusal.ts';
import { askedSeldom } from './asked-seldom.ts';
import { bearerToken, unauthorized } from './bearer-token.ts';
import { fetchKeySet } from './key-sets.ts';

/** Who a token says that its bearer is. */
export interface JwtUser {
  /** `sub` of the token. */
  readonly username: string;
  readonly email?: string;
}

/** Signatures with a key of the issuer's alone: none that whoever can check could make, and none that are no signature. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_S = 30;
/** Key sets that are kept. */
const MAX_KEY_SETS = 1000;
/** A key set is read again after this long, and at most this often for a key that it lacks or after it could not be read. */
const KEYS_MS = 600_000;
const COOLDOWN_MS = 30_000;

/** Checks JSON Web Tokens of endpoints. */
export class JwtAccess {
  readonly #trusted: ReadonlySet<string>;
  readonly #keySets = new LRUCache<string, JWTVerifyGetKey>({ max: MAX_KEY_SETS });
  readonly #now: () => number;

  /** @param trustedHosts see fetchKeySet */
  constructor(trustedHosts: readonly string[], { now = Date.now }: { readonly now?: () => number } = {}) {
    this.#trusted = new Set(trustedHosts);
    this.#now = now;
  }

  /**
   * The user of a token, signed by the issuer of an endpoint for one of its audiences.
   * @param authorization value of the Authorization header
   * @throws Refusal Unauthorized; ServiceUnavailable if the keys cannot be read
   */
  async check(
    authorization: string | undefined,
    { issuer, audiences, jwksURI, jwks }: ScriptEndpointAuthJwt,
  ): Promise<JwtUser> {
    const token = bearerToken(authorization, 'a token of its issuer');
    try {
      const options = { issuer, audience: audiences, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE_S };
      const { payload } = await jwtVerify(token, this.#keys(jwksURI, jwks), {
        ...options,
        requiredClaims: ['exp', 'sub'],
      });
      const { sub = '', email } = payload;
      return { username: sub, ...(typeof email === 'string' ? { email } : {}) };
    } catch (error) {
      if (isOfTheToken(error)) throw unauthorized(`the token is not valid here: ${error.message}`);
      const message = `the keys of issuer ${issuer} cannot be read: ${(error as Error).message}`;
      throw new Refusal('ServiceUnavailable', `${message}; nothing was started`, { retryAfterSeconds: 5 });
    }
  }

  #keys(jwksURI: string | undefined, jwks: string | undefined): JWTVerifyGetKey {
    const id = jwksURI ?? jwks ?? '';
    const known = this.#keySets.get(id);
    if (known !== undefined) return known;
    const keys =
      jwksURI === undefined
        ? createLocalJWKSet(JSON.parse(jwks ?? '{"keys":[]}'))
        : createRemoteJWKSet(new URL(jwksURI), {
            cacheMaxAge: KEYS_MS,
            cooldownDuration: COOLDOWN_MS,
            // Without the rest after a failure, each request of anybody would ask a failing server again.
            [customFetch]: askedSeldom(() => this.#read(new URL(jwksURI)), COOLDOWN_MS, this.#now),
          });
    this.#keySets.set(id, keys);
    return keys;
  }

  /** @throws Error where it cannot be read, or is no key set */
  async #read(url: URL): Promise<Response> {
    const answer = await fetchKeySet(url, this.#trusted);
    createLocalJWKSet((await answer.clone().json()) as JSONWebKeySet);
    return answer;
  }
}

/** Whether a token is at fault, and not its keys. */
const isOfTheToken = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys;
