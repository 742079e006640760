import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S } from '../../../../src/api/pod-protocol.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';

/** What a request's token says, with no signature: the model forges none. */
export interface Token {
  readonly podUID: string;
  /** The life of the pod that is meant; undefined: any may answer. */
  readonly bootID: string | undefined;
  readonly epoch: number;
  /** By the sender's clock, in whole seconds since 1970. */
  readonly issuedAt: number;
  /** Serves once. */
  readonly id: string;
  readonly isQuestion: boolean;
}

/** Lets a request in, or throws a RefusalError. */
export interface Gate {
  check(token: Token): void;
}

/** What `Authenticator` (src/runtime/server/authenticate.ts) checks, in its order; its own tests are about it. */
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
