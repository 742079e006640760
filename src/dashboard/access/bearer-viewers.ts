import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { KubeClient } from '../../kube/client.ts';
import { tooManyRequests, unauthorized, unavailable } from '../refusal.ts';
import type { Viewer, Viewers } from '../viewer.ts';
import { BearerCredentials } from './bearer-credentials.ts';
import { bearerToken } from './bearer-token.ts';
import { TokenReviews } from './token-reviews.ts';

/** Most viewers with a connection to the API server at once. */
const MAX_VIEWERS = 200;
/** Most requests of one viewer under way: a page has a stream, a log and a few others. */
const MAX_REQUESTS = 100;
/** A connection without requests is closed after this time. */
const IDLE_MS = 60_000;

interface Connected {
  readonly client: KubeClient;
  /** Aborted once the API server no longer accepts the token. */
  readonly refused: AbortController;
  /** Requests under way. */
  uses: number;
  /** Set while it has no requests, after its first. */
  idle: NodeJS.Timeout | undefined;
}

/**
 * Viewers by the bearer tokens of their requests: each has a connection of its own. Only a token that the API server accepts
 * gets one of the places: anybody can send others, in any number.
 */
export class BearerViewers implements Viewers {
  readonly #server: URL;
  readonly #ca: string;
  readonly #userAgent: string;
  readonly #reviews = new TokenReviews();
  readonly #closed = new AbortController();
  /** By digest of the token. */
  readonly #connected = new Map<string, Connected>();
  /** Tokens that are being reviewed, likewise. */
  readonly #connecting = new Map<string, Promise<Connected>>();

  constructor(options: { readonly server: URL; readonly ca: string; readonly userAgent: string }) {
    this.#server = options.server;
    this.#ca = options.ca;
    this.#userAgent = options.userAgent;
  }

  async of({ headers }: IncomingMessage): Promise<Viewer> {
    const token = bearerToken(headers);
    if (token === undefined) {
      throw unauthorized('sign in with a token of the cluster: kubectl create token NAME makes one');
    }
    const key = createHash('sha256').update(token).digest('base64');
    const entry = this.#connected.get(key) ?? (await this.#connectOnce(key, token));
    if (entry.uses >= MAX_REQUESTS) throw tooManyRequests(`a viewer can have ${MAX_REQUESTS} requests at once`);
    entry.uses += 1;
    clearTimeout(entry.idle);
    entry.idle = undefined;
    const { client, refused } = entry;
    return { client, signal: refused.signal, [Symbol.dispose]: () => this.#release(key, entry) };
  }

  close(): void {
    this.#closed.abort();
    for (const [key, entry] of this.#connected) this.#drop(key, entry);
  }

  #connectOnce(key: string, token: string): Promise<Connected> {
    const before = this.#connecting.get(key);
    if (before !== undefined) return before;
    const connecting = this.#connect(key, token).finally(() => this.#connecting.delete(key));
    this.#connecting.set(key, connecting);
    return connecting;
  }

  async #connect(key: string, token: string): Promise<Connected> {
    const refused = new AbortController();
    const client = KubeClient.to(new BearerCredentials(this.#server, this.#ca, token), {
      userAgent: this.#userAgent,
      onRequest: ({ code }) => {
        if (code === '401') this.#refuse(key, refused);
      },
    });
    try {
      await this.#reviews.review(client, this.#closed.signal);
      this.#makeRoom();
    } catch (error) {
      client.close();
      throw error;
    }
    const entry: Connected = { client, refused, uses: 0, idle: undefined };
    this.#connected.set(key, entry);
    return entry;
  }

  /** @throws Refusal if all viewers have requests under way */
  #makeRoom(): void {
    if (this.#connected.size < MAX_VIEWERS) return;
    for (const [key, entry] of this.#connected) if (entry.idle !== undefined) this.#drop(key, entry);
    if (this.#connected.size >= MAX_VIEWERS) throw unavailable('too many viewers are connected: try again later');
  }

  /** Ends all requests of a token, streams among them, and frees its place. */
  #refuse(key: string, refused: AbortController): void {
    if (this.#connected.get(key)?.refused === refused) this.#connected.delete(key);
    refused.abort(unauthorized('the cluster no longer accepts this token: sign in with another token of the cluster'));
  }

  #release(key: string, entry: Connected): void {
    entry.uses -= 1;
    if (entry.uses > 0) return;
    if (this.#connected.get(key) === entry) entry.idle = setTimeout(() => this.#drop(key, entry), IDLE_MS).unref();
    else entry.client.close();
  }

  #drop(key: string, entry: Connected): void {
    clearTimeout(entry.idle);
    this.#connected.delete(key);
    entry.client.close();
  }
}
