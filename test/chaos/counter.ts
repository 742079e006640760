import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A counted call. */
export interface Count {
  /** uid of the ScriptExecution. */
  readonly uid: string;
  /** Unique id of the call. */
  readonly call: string;
  /** Pod the call came from. */
  readonly pod: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MAX_BODY_BYTES = 10_000;

/** The service outside the cluster that scripts call: counts each call once, however often it is sent. */
export class Counter {
  readonly #server: Server;
  readonly #calls = new Map<string, Count>();
  readonly #byUid = new Map<string, Count[]>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on an address that pods can reach. */
  static async start(address: string): Promise<Counter> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BODY_BYTES) request.destroy();
      });
      request.on('end', () => {
        counter.#count(JSON.parse(body) as Omit<Count, 'at'>);
        response.end();
      });
    });
    const counter = new Counter(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, address, resolve);
    });
    return counter;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}/`;
  }

  /** Number of counted calls. */
  get size(): number {
    return this.#calls.size;
  }

  /** The counted calls of an execution, in order. */
  of(uid: string): readonly Count[] {
    return this.#byUid.get(uid) ?? [];
  }

  /** uids of executions with counted calls. */
  uids(): Iterable<string> {
    return this.#byUid.keys();
  }

  [Symbol.dispose](): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #count({ uid, call, pod }: Omit<Count, 'at'>): void {
    if (this.#calls.has(call)) return;
    const count = { uid, call, pod, at: Date.now() };
    this.#calls.set(call, count);
    this.#byUid.set(uid, [...this.of(uid), count]);
  }
}
