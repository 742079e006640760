import type { ServerResponse } from 'node:http';
import { encodeFrame } from '../../api/frame.ts';
import { FRAMES_TYPE, type ServePart } from '../../api/serve-protocol.ts';
import { drained } from '../../http/drained.ts';
import type { Respond } from '../web-exchange.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** The answer to a gateway for one request: the response of the script as it comes, then the outcome of its run. */
export class ServeAnswer {
  readonly #response: ServerResponse;
  /** The last part of the response: it leaves with the outcome, where that is there before the event loop goes on. */
  #held = NOTHING;
  #flush: NodeJS.Immediate | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Sends a part of the response. Where the gateway reads slowly, it waits. */
  readonly respond: Respond = ({ head, bytes, isLast }) => {
    this.#start();
    const part: ServePart = { part: 'response', isLast, ...(head === undefined ? {} : { head }) };
    const frame = encodeFrame(part, bytes);
    if (!isLast) return this.#response.write(frame) ? undefined : drained(this.#response);
    this.#held = frame;
    this.#flush = setImmediate(() => {
      this.#response.write(frame);
      this.#held = NOTHING;
    });
    return undefined;
  };

  /** Asks for the next piece of the request's body. */
  readonly pull = (): void => {
    this.#start();
    this.#response.write(encodeFrame({ part: 'pull' } satisfies ServePart));
  };

  /** @param state the JSON of a RunState */
  end(state: Buffer): void {
    this.#start();
    const outcome = encodeFrame({ part: 'outcome' } satisfies ServePart, state);
    clearImmediate(this.#flush);
    this.#response.end(Buffer.concat([this.#held, outcome]));
  }

  #start(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': FRAMES_TYPE });
  }
}
