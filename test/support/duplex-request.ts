import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface DuplexTarget {
  readonly host?: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request whose body is written bit by bit, while its response is read. */
export class DuplexRequest {
  readonly #request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;
  #chunks: AsyncIterator<Buffer> | undefined;

  /** Sends the head. Without `Content-Length` the body is chunked. */
  constructor({ host = '127.0.0.1', port, path, headers = {} }: DuplexTarget) {
    this.#request = request({ host, port, path, method: 'POST', headers, agent: false });
    this.#request.on('error', () => {}); // the response tells
    this.#response = once(this.#request, 'response').then(([response]) => response as IncomingMessage);
    this.#response.catch(() => {});
    this.#request.flushHeaders();
  }

  write(bytes: string | Buffer): void {
    this.#request.write(bytes);
  }

  /** Writes, and waits until the connection has taken it. @returns false where that is closed */
  async fill(bytes: Buffer): Promise<boolean> {
    if (this.#request.destroyed) return false;
    return await new Promise((resolve) => this.#request.write(bytes, (error) => resolve(!error)));
  }

  end(): void {
    this.#request.end();
  }

  /** Closes the connection. */
  destroy(): void {
    this.#request.destroy();
  }

  /** @throws Error where the connection breaks before */
  async head(): Promise<IncomingMessage> {
    return await this.#response;
  }

  /** The next part of the response's body as text; undefined at its end. */
  async next(): Promise<string | undefined> {
    const response = await this.#response;
    this.#chunks ??= (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value.toString();
  }

  /** The rest of the response's body. */
  async text(): Promise<string> {
    let text = '';
    for (let part = await this.next(); part !== undefined; part = await this.next()) text += part;
    return text;
  }

  /** Resolves when the connection is closed. */
  async closed(): Promise<void> {
    if (!this.#request.closed) await once(this.#request, 'close');
  }
}
