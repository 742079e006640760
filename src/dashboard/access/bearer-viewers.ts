import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { KubeClient } from '../../kube/client.ts';
import { Refusal } from '../refusal.ts';
import type { Viewer, Viewers } from '../viewer.ts';
import { BearerCredentials, bearerToken } from './bearer-credentials.ts';

/** Most viewers with a connection to the API server at once. */
const MAX_VIEWERS = 200;
/** A connection without requests is closed after this time. */
const IDLE_MS = 60_000;

interface Connected {
  readonly client: KubeClient;
  /** Requests under way. */
  uses: number;
  idle: NodeJS.Timeout | undefined;
}

/** Viewers by the bearer tokens of their requests: each has a connection of its own. */
export class BearerViewers implements Viewers {
  readonly #server: URL;
  readonly #ca: string;
  readonly #userAgent: string;
  /** By digest of the token. */
  readonly #connected = new Map<string, Connected>();

  constructor(options: { readonly server: URL; readonly ca: string; readonly userAgent: string }) {
    this.#server = options.server;
    this.#ca = options.ca;
    this.#userAgent = options.userAgent;
  }

  of({ headers }: IncomingMessage): Viewer {
    const token = bearerToken(headers);
    const key = createHash('sha256').update(token).digest('base64');
    const entry = this.#connected.get(key) ?? this.#connect(key, token);
    entry.uses += 1;
    clearTimeout(entry.idle);
    return { client: entry.client, [Symbol.dispose]: () => this.#release(key, entry) };
  }

  close(): void {
    for (const { client, idle } of this.#connected.values()) {
      clearTimeout(idle);
      client.close();
    }
    this.#connected.clear();
  }

  #connect(key: string, token: string): Connected {
    if (this.#connected.size >= MAX_VIEWERS) {
      for (const [other, entry] of this.#connected) if (entry.uses === 0) this.#drop(other, entry);
      if (this.#connected.size >= MAX_VIEWERS) {
        throw new Refusal(503, 'ServiceUnavailable', 'too many viewers are connected: try again later');
      }
    }
    const source = new BearerCredentials(this.#server, this.#ca, token);
    const entry: Connected = {
      client: KubeClient.to(source, { userAgent: this.#userAgent }),
      uses: 0,
      idle: undefined,
    };
    this.#connected.set(key, entry);
    return entry;
  }

  #release(key: string, entry: Connected): void {
    entry.uses -= 1;
    if (entry.uses === 0) entry.idle = setTimeout(() => this.#drop(key, entry), IDLE_MS).unref();
  }

  #drop(key: string, entry: Connected): void {
    clearTimeout(entry.idle);
    this.#connected.delete(key);
    entry.client.close();
  }
}
