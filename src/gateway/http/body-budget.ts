import { Refusal } from '../refusal.ts';

/** What the bodies of one request take of a budget, until it is disposed of. */
export interface BodyHold extends Disposable {
  /** @throws Refusal ServiceUnavailable if the budget does not have that many more bytes */
  take(bytes: number): void;
}

/**
 * Limits the bytes of all bodies under way: a limit of each body alone would let many clients, whom nobody knows yet, fill the
 * memory of a gateway.
 */
export class BodyBudget {
  #left: number;

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  /** For one request. It is to be disposed of when the request has its answer. */
  hold(): BodyHold {
    let held = 0;
    return {
      take: (bytes) => {
        if (bytes > this.#left) throw tooMany();
        this.#left -= bytes;
        held += bytes;
      },
      [Symbol.dispose]: () => {
        this.#left += held;
        held = 0;
      },
    };
  }
}

/** Of this process, which is one gateway. A quarter of the memory that a gateway's container has by default. */
export const BODIES = new BodyBudget(128 << 20);

const tooMany = (): Refusal =>
  new Refusal('ServiceUnavailable', 'the bodies of other requests take all the room there is; nothing was started', {
    retryAfterSeconds: 1,
  });
