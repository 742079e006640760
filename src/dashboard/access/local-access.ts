import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from '../../http/origin.ts';
import { forbidden, unauthorized } from '../refusal.ts';
import { bearerToken } from './bearer-token.ts';

const TOKEN_BYTES = 32;

/**
 * Access to a dashboard on this machine, which has the rights of its user: requests need the token of the URL that it has printed,
 * in a header. A cookie would be sent to the servers of all other ports as well. A page whose name resolves to a loopback
 * address (DNS rebinding) is known by its Host.
 */
export class LocalAccess {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #digest = digestOf(this.token);

  /** Checks a request for the API. @throws Refusal */
  check(headers: IncomingHttpHeaders): void {
    this.checkHost(headers);
    const token = bearerToken(headers);
    if (token === undefined || !timingSafeEqual(digestOf(token), this.#digest)) {
      throw unauthorized(
        'open the URL that copepod dashboard has printed: it has the token of the dashboard that runs now',
      );
    }
  }

  /** @throws Refusal for a host that is not this machine */
  checkHost(headers: IncomingHttpHeaders): void {
    if (!isLoopbackHost(headers)) throw forbidden('the dashboard takes requests for localhost alone');
  }
}

/** Digests have one length, so that comparing takes the same time for every value. */
const digestOf = (value: string): Buffer => createHash('sha256').update(value).digest();
