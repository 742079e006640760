import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from '../../http/origin.ts';
import { checkOrigin } from '../access/origin.ts';
import { Refusal } from '../refusal.ts';

/**
 * Who may execute on a local gateway: every program of this machine, but no foreign web page that a browser on it shows. A page
 * whose name resolves to a loopback address (DNS rebinding) is known by its Host, and any other page by its Origin.
 */
export const loopbackAccess = {
  async check(headers: IncomingHttpHeaders): Promise<{ readonly username: string }> {
    if (!isLoopbackHost(headers)) {
      throw new Refusal('Forbidden', 'a local gateway takes requests for localhost alone');
    }
    checkOrigin(headers);
    return { username: '' };
  },
};
