import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Refusal } from '../refusal.ts';
import { bearerToken, unauthorized } from './bearer-token.ts';
import type { Reviews, User } from './reviews.ts';

/** Decisions are kept for this long: what is granted or withdrawn has its effect within a minute. */
const ALLOWED_MS = 60_000;
/** Refusals are kept for less: a right that was just granted should work. */
const REFUSED_MS = 5000;
const MAX_ENTRIES = 10_000;
/** Reviews in progress: a flood of unknown tokens must not become one of requests to the API server. */
const MAX_REVIEWS = 64;

export interface AccessOptions {
  /** By a clock that does not jump, in milliseconds. */
  readonly now?: () => number;
}

/**
 * Who may execute: whoever may create ScriptExecutions in the namespace, as the API server says. Decisions are cached, in
 * bounded memory, by a hash of the token.
 */
export class Access {
  readonly #reviews: Reviews;
  readonly #users: LRUCache<string, Promise<User | undefined>>;
  readonly #allowed: LRUCache<string, Promise<boolean>>;
  #inProgress = 0;

  constructor(reviews: Reviews, { now = () => performance.now() }: AccessOptions = {}) {
    this.#reviews = reviews;
    const options = { max: MAX_ENTRIES, ttl: ALLOWED_MS, ttlResolution: 0, perf: { now } };
    this.#users = new LRUCache(options);
    this.#allowed = new LRUCache(options);
  }

  /**
   * The user of a request.
   * @param authorization value of the Authorization header
   * @throws Refusal Unauthorized, Forbidden, or ServiceUnavailable if the API server does not answer
   */
  async check(authorization: string | undefined, namespace: string): Promise<User> {
    const token = bearerToken(authorization, 'a token of the cluster');
    const id = hash('sha256', token, 'base64url');
    const user = await this.#cached(this.#users, id, () => this.#reviews.user(token), lifetimeMs(token));
    if (user === undefined) throw unauthorized('the token is not valid for this cluster, or has expired');
    const key = `${id} ${namespace}`;
    const isAllowed = await this.#cached(this.#allowed, key, () => this.#reviews.mayExecute(user, namespace));
    if (isAllowed) return user;
    const what = `create scriptexecutions.copepod.dev in namespace "${namespace}"`;
    throw new Refusal('Forbidden', `user "${user.username}" may not ${what}, and so may not execute there`);
  }

  /** Equal questions at the same time are asked once. */
  async #cached<T extends object | boolean | undefined>(
    cache: LRUCache<string, Promise<T>>,
    key: string,
    ask: () => Promise<T>,
    maxAgeMs = ALLOWED_MS,
  ): Promise<T> {
    const known = cache.get(key);
    if (known !== undefined) return await known;
    if (this.#inProgress >= MAX_REVIEWS) throw unavailable('too many tokens are being checked');
    this.#inProgress += 1;
    const asked = ask().finally(() => {
      this.#inProgress -= 1;
    });
    cache.set(key, asked, { ttl: ALLOWED_MS });
    try {
      const answer = await asked;
      const isGood = answer !== undefined && answer !== false;
      if (cache.peek(key) === asked)
        cache.set(key, asked, { ttl: Math.max(1, Math.min(isGood ? ALLOWED_MS : REFUSED_MS, maxAgeMs)) });
      return answer;
    } catch (error) {
      if (cache.peek(key) === asked) cache.delete(key);
      if (error instanceof Refusal) throw error;
      throw unavailable('the API server cannot be asked at the moment');
    }
  }
}

/**
 * For how long a token is valid by its own `exp`, where it is a JWT; the API server has the last word. It only shortens
 * the time that a decision is kept.
 */
function lifetimeMs(token: string): number | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 - Date.now() : undefined;
  } catch {
    return undefined;
  }
}

const unavailable = (why: string): Refusal =>
  new Refusal('ServiceUnavailable', `${why}; nothing was started`, { retryAfterSeconds: 1 });
