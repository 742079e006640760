import type { IncomingHttpHeaders } from 'node:http';

/** Whether a request is of no web page, or of a page that comes from the host that it asks: browsers name the origin. Pure. */
export function isOwnOrigin({ host, origin }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Whether a request names this machine by a loopback name or address. A page whose name resolves to a loopback address (DNS
 * rebinding) names its own host. Pure.
 */
export const isLoopbackHost = ({ host }: IncomingHttpHeaders): boolean => LOOPBACK_HOST.test(host ?? '');
