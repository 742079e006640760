import type { ServerResponse } from 'node:http';
import { encodeFrame } from '../../api/frame.ts';
import { FRAMES_TYPE, type ServePart } from '../../api/serve-protocol.ts';
import { drained } from '../../http/drained.ts';
import type { Respond } from '../web-exchange.ts';

/** The answer to a gateway for one request: the response of the script as it comes, then the outcome of its run. */
export class ServeAnswer {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Sends a part of the response. Where the gateway reads slowly, it waits. */
  readonly respond: Respond = ({ head, bytes, isLast }) => {
    this.#start();
    const part: ServePart = { part: 'response', isLast, ...(head === undefined ? {} : { head }) };
    const hasRoom = this.#response.write(encodeFrame(part, bytes));
    return hasRoom || isLast ? undefined : drained(this.#response);
  };

  /** Asks for the next piece of the request's body. */
  readonly pull = (): void => {
    this.#start();
    this.#response.write(encodeFrame({ part: 'pull' } satisfies ServePart));
  };

  /** @param state the JSON of a RunState */
  end(state: Buffer): void {
    this.#start();
    this.#response.end(encodeFrame({ part: 'outcome' } satisfies ServePart, state));
  }

  #start(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': FRAMES_TYPE });
  }
}
