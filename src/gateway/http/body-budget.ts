import { Counts } from '../../cluster/counts.ts';
import { Refusal } from '../refusal.ts';

/** What the bodies of one request take of a budget, until it is disposed of. */
export interface BodyHold extends Disposable {
  /** @throws Refusal TooManyRequests if its namespace may have no more bytes, ServiceUnavailable if there are not that many */
  take(bytes: number): void;
}

/**
 * Limits the bytes of all bodies under way: a limit of each body alone would let many clients, whom nobody knows yet, fill the
 * memory of a gateway. A namespace may have as much as it leaves free (the dynamic threshold of Choudhury and Hahne, "Dynamic queue length
 * thresholds for shared-memory packet switches", 1998, with alpha = 1): a half where it is alone, a third beside another. So there is always
 * room for one more namespace, however many take all that they may have.
 */
export class BodyBudget {
  #left: number;
  readonly #held = new Counts();

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  /** For one request for a namespace. It is to be disposed of when the request has its answer. */
  hold(namespace: string): BodyHold {
    return new Hold(this, namespace);
  }

  /** @param held what the request has already */
  take(namespace: string, bytes: number, held: number): void {
    const others = this.#held.of(namespace) - held;
    if (others + held + bytes > this.#left - bytes) throw others > 0 ? shareExceeded() : noRoom();
    this.#left -= bytes;
    this.#held.add(namespace, bytes);
  }

  giveBack(namespace: string, bytes: number): void {
    this.#left += bytes;
    this.#held.add(namespace, -bytes);
  }
}

/** A class: to make objects with computed keys takes V8 several times as long. */
class Hold implements BodyHold {
  readonly #budget: BodyBudget;
  readonly #namespace: string;
  #held = 0;

  constructor(budget: BodyBudget, namespace: string) {
    this.#budget = budget;
    this.#namespace = namespace;
  }

  take(bytes: number): void {
    this.#budget.take(this.#namespace, bytes, this.#held);
    this.#held += bytes;
  }

  [Symbol.dispose](): void {
    if (this.#held > 0) this.#budget.giveBack(this.#namespace, this.#held);
    this.#held = 0;
  }
}

/** Of this process, which is one gateway. A quarter of the memory that a gateway's container has by default. */
export const BODIES = new BodyBudget(128 << 20);

const shareExceeded = (): Refusal =>
  new Refusal(
    'TooManyRequests',
    'the bodies of other requests for the namespace take all the room that it may have; nothing was started',
    { retryAfterSeconds: 1, bodyLimit: 'namespace' },
  );

const noRoom = (): Refusal =>
  new Refusal('ServiceUnavailable', 'the bodies of other requests take all the room there is; nothing was started', {
    retryAfterSeconds: 1,
    bodyLimit: 'gateway',
  });
