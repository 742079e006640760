import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from '../../http/origin.ts';
import { forbidden, unauthorized } from '../refusal.ts';

const TOKEN_BYTES = 32;

/**
 * Access to a dashboard on this machine, which has the rights of its user: only a browser that was given the URL with the token, which
 * it changes for a cookie. A page whose name resolves to a loopback address (DNS rebinding) is known by its Host.
 */
export class LocalAccess {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #digest = digestOf(this.token);

  /**
   * Checks a request for the API.
   * @param port that it came to; cookies of a host are those of all its ports, so its name has the port
   * @throws Refusal
   */
  check(headers: IncomingHttpHeaders, port: number): void {
    this.checkHost(headers);
    const value = cookieOf(headers.cookie, cookieName(port));
    if (value === undefined || !this.#isToken(value)) {
      throw unauthorized('open the URL that copepod dashboard has printed: it has a token for this browser');
    }
  }

  /** @throws Refusal for a host that is not this machine */
  checkHost(headers: IncomingHttpHeaders): void {
    if (!isLoopbackHost(headers)) throw forbidden('the dashboard takes requests for localhost alone');
  }

  /** The `Set-Cookie` for a token from the URL. @throws Refusal */
  cookie(token: string, port: number): string {
    if (!this.#isToken(token)) throw unauthorized('the token of this URL is not that of the dashboard that runs now');
    return `${cookieName(port)}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  #isToken(value: string): boolean {
    return timingSafeEqual(digestOf(value), this.#digest);
  }
}

const cookieName = (port: number): string => `copepod-dashboard-${port}`;

/** Digests have one length, so that comparing takes the same time for every value. */
const digestOf = (value: string): Buffer => createHash('sha256').update(value).digest();

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
