import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../refusal.ts';

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Who may execute on a local gateway: every program of this machine, but no web page that a browser on it shows. A page
 * whose name resolves to a loopback address (DNS rebinding) is known by its Host, and any other page by its Origin.
 */
export const loopbackAccess = {
  async check({ host = '', origin }: IncomingHttpHeaders): Promise<{ readonly username: string }> {
    if (!LOCAL_HOST.test(host)) throw new Refusal('Forbidden', 'a local gateway takes requests for localhost alone');
    if (origin !== undefined) throw new Refusal('Forbidden', 'a local gateway takes no requests of web pages');
    return { username: '' };
  },
};
