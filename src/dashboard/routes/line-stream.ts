import type { ServerResponse } from 'node:http';

/** Most bytes that wait for a browser that reads slowly; then its stream is closed, and it connects again. */
const MAX_WAITING_BYTES = 64 << 20;

/** An answer of JSON lines. */
export class LineStream<T extends object> {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' });
  }

  send(message: T): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    else response.write(`${JSON.stringify(message)}\n`);
  }

  end(): void {
    this.#response.end();
  }
}
