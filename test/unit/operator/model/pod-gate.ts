import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S } from '../../../../src/api/pod-protocol.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';

/** The claims of a request's token. Tokens are unsigned: the model does not forge them. */
export interface Token {
  readonly podUID: string;
  /** The boot of the pod; undefined: any. */
  readonly bootID: string | undefined;
  readonly epoch: number;
  /** By the sender's clock, in whole seconds since 1970. */
  readonly issuedAt: number;
  /** Valid once. */
  readonly id: string;
  readonly isQuestion: boolean;
}

/** Admits a request, or throws a RefusalError. */
export interface Gate {
  check(token: Token): void;
}

/** The checks of `Authenticator` (src/runtime/server/authenticate.ts), in its order. */
export class PodGate implements Gate {
  readonly #podUID: string;
  readonly #bootID: string;
  readonly #nowMs: () => number;
  readonly #used = new Set<string>();
  #newestEpoch = 0;

  /** @param nowMs the pod's clock, in milliseconds since 1970 */
  constructor(podUID: string, bootID: string, nowMs: () => number) {
    this.#podUID = podUID;
    this.#bootID = bootID;
    this.#nowMs = nowMs;
  }

  check({ podUID, bootID, epoch, issuedAt, id, isQuestion }: Token): void {
    const ageS = Math.floor(this.#nowMs() / 1000) - issuedAt;
    const isTimely = ageS >= -MAX_CLOCK_SKEW_S && ageS - MAX_CLOCK_SKEW_S < MAX_TOKEN_AGE_S;
    if (podUID !== this.#podUID || !isTimely) throw new RefusalError('Unauthenticated', 'the token does not hold');
    if (this.#used.has(id)) throw new RefusalError('Unauthenticated', 'it was used before');
    this.#used.add(id);
    if (bootID === undefined ? !isQuestion : bootID !== this.#bootID)
      throw new RefusalError('OtherBoot', 'the request does not name this life of the pod');
    if (epoch < this.#newestEpoch) throw new RefusalError('StaleEpoch', 'a newer leader has spoken', this.#newestEpoch);
    this.#newestEpoch = epoch;
  }
}
