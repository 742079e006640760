import { hash } from 'node:crypto';
import { type CryptoKey, importJWK, type JWK, jwtVerify } from 'jose';
import { MAX_TOKEN_AGE_S, type RequestClaims } from '../../api/pod-protocol.ts';
import { RefusalError } from './refusal.ts';

/** The request a token has to fit. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  /** The value of the Authorization header. */
  readonly authorization: string | undefined;
}

export interface AuthenticatorOptions {
  /** The operator's public key. */
  readonly publicKey: JWK;
  readonly podUID: string;
  readonly bootID: string;
}

/**
 * Lets in what the operator has signed for this pod, this life of it, this very request, and now. Each token serves
 * once; a leader that has been replaced is not heard any more.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #key: Promise<CryptoKey | Uint8Array>;
  /** Tokens seen, with the second they expire: as many as come in half a minute. */
  readonly #seen = new Map<string, number>();
  #newestEpoch = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#key = importJWK(options.publicKey, 'EdDSA');
  }

  /** @throws RefusalError Unauthenticated, OtherBoot or StaleEpoch */
  async check(request: SignedRequest): Promise<void> {
    const claims = await this.#verify(request);
    if (
      claims.req !== `${request.method} ${request.path}` ||
      claims.body !== hash('sha256', request.body, 'base64url')
    ) {
      throw new RefusalError('Unauthenticated', 'the token was made for another request');
    }
    if (claims.boot !== undefined && claims.boot !== this.#options.bootID) {
      throw new RefusalError('OtherBoot', 'the request is meant for another life of this pod');
    }
    if (claims.epoch < this.#newestEpoch) throw new RefusalError('StaleEpoch', 'a newer leader has spoken');
    this.#newestEpoch = claims.epoch;
  }

  async #verify({ authorization }: SignedRequest): Promise<RequestClaims> {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new RefusalError('Unauthenticated', 'the request is not signed');
    const { payload } = await jwtVerify(token, await this.#key, {
      algorithms: ['EdDSA'],
      audience: this.#options.podUID,
      maxTokenAge: MAX_TOKEN_AGE_S,
      requiredClaims: ['exp', 'iat', 'jti'],
    }).catch((error: Error) => {
      throw new RefusalError('Unauthenticated', `the token does not hold: ${error.message}`);
    });
    const { jti, iat = 0, epoch, req, body, boot } = payload;
    this.#useOnce(String(jti), iat + MAX_TOKEN_AGE_S);
    if (!Number.isSafeInteger(epoch) || typeof req !== 'string' || typeof body !== 'string') {
      throw new RefusalError('Unauthenticated', 'the token lacks claims');
    }
    return { epoch: epoch as number, req, body, ...(typeof boot === 'string' ? { boot } : {}) };
  }

  #useOnce(jti: string, expires: number): void {
    if (this.#seen.has(jti)) throw new RefusalError('Unauthenticated', 'the token was used before');
    const now = Date.now() / 1000;
    // Insertion order is close to order of expiry: the old ones are at the front.
    for (const [old, end] of this.#seen) {
      if (end >= now) break;
      this.#seen.delete(old);
    }
    this.#seen.set(jti, expires);
  }
}
