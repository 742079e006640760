import type { KubeClient } from '../../kube/client.ts';
import { Fifo } from '../../kube/fifo.ts';
import { SELF_SUBJECT_REVIEWS } from '../../kube/resources.ts';
import { unavailable } from '../refusal.ts';

/** Most reviews under way at once. */
const MAX_REVIEWS = 20;
/** Most reviews that wait. */
const MAX_WAITING = 1000;
const TIMEOUT_MS = 10_000;

/** Asks the API server whether it accepts tokens: some at once, the others in the order in which they arrive. */
export class TokenReviews {
  readonly #waiting = new Fifo<() => void>();
  #underWay = 0;

  /**
   * Resolves once the API server has accepted the token of a client.
   * @throws ApiError with status 401 if it does not; TransportError; Refusal if too many reviews wait; the signal's reason
   */
  async review(client: KubeClient, signal: AbortSignal): Promise<void> {
    await this.#begin();
    try {
      const settings = { signal, retry: false, timeoutMs: TIMEOUT_MS };
      await client.create(SELF_SUBJECT_REVIEWS, { metadata: { name: '' } }, settings);
    } finally {
      this.#end();
    }
  }

  async #begin(): Promise<void> {
    if (this.#underWay < MAX_REVIEWS) {
      this.#underWay += 1;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw unavailable('too many viewers sign in: try again later');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Passes its place on to the review that has waited longest. */
  #end(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#underWay -= 1;
    else next();
  }
}
