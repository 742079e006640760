import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../refusal.ts';

/**
 * Refuses requests of web pages of another origin: browsers name it. A page that comes from the host that it asks may.
 * @throws Refusal Forbidden
 */
export function checkOrigin({ host, origin }: IncomingHttpHeaders): void {
  if (origin === undefined) return;
  if (host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()) return;
  throw new Refusal('Forbidden', 'requests of web pages of another origin are not taken');
}
