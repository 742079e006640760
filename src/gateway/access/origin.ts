import type { IncomingHttpHeaders } from 'node:http';
import { isOwnOrigin } from '../../http/origin.ts';
import { Refusal } from '../refusal.ts';

/**
 * Refuses requests of web pages of another origin: browsers name it. A page that comes from the host that it asks may.
 * @throws Refusal Forbidden
 */
export function checkOrigin(headers: IncomingHttpHeaders): void {
  if (!isOwnOrigin(headers)) throw new Refusal('Forbidden', 'requests of web pages of another origin are not taken');
}
