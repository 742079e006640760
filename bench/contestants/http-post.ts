import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** A client of one server, by default on loopback; its connections stay open. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #host: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(port: number, host = '127.0.0.1', headers: Readonly<Record<string, string>> = {}) {
    this.#port = port;
    this.#host = host;
    this.#headers = headers;
  }

  /** Sends JSON, and gives the text of the answer. @throws Error for any other status than 200 */
  post(body: string, path = '/'): Promise<string> {
    return new Promise((resolve, reject) => {
      const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const headers = { ...this.#headers, ...length };
      const options = { host: this.#host, port: this.#port, path, agent: this.#agent, method: 'POST', headers };
      const outgoing = request(options, (response) => {
        text(response).then((answer) => {
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`answered ${response.statusCode}: ${answer.slice(0, 200)}`));
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
