import type { ExecutionOutcome } from './types.ts';
import type { Respond } from './web-exchange.ts';

/** A response with this status or a higher one says that the request may be sent again. */
const SERVER_ERROR = 500;

/** Follows a response, to say whether its request has been processed. */
export class TrackedResponse {
  readonly #respond: Respond;
  #hasAnswered = false;

  constructor(respond: Respond) {
    this.#respond = respond;
  }

  readonly respond: Respond = (chunk) => {
    if (chunk.head !== undefined) this.#hasAnswered = chunk.head.status < SERVER_ERROR;
    return this.#respond(chunk);
  };

  /** Whether the request has not been processed: its sender may send it again. */
  hasFailed({ reason }: Pick<ExecutionOutcome, 'reason'>): boolean {
    return !this.#hasAnswered || reason !== 'Completed';
  }
}
