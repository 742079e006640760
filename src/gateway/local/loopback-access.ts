import type { IncomingHttpHeaders } from 'node:http';
import { checkOrigin } from '../access/origin.ts';
import { Refusal } from '../refusal.ts';

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Who may execute on a local gateway: every program of this machine, but no foreign web page that a browser on it shows. A page
 * whose name resolves to a loopback address (DNS rebinding) is known by its Host, and any other page by its Origin.
 */
export const loopbackAccess = {
  async check(headers: IncomingHttpHeaders): Promise<{ readonly username: string }> {
    if (!LOCAL_HOST.test(headers.host ?? '')) {
      throw new Refusal('Forbidden', 'a local gateway takes requests for localhost alone');
    }
    checkOrigin(headers);
    return { username: '' };
  },
};
