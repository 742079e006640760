import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { guardedClass } from '../../api/address-class.ts';
import { publicLookup } from './public-lookup.ts';

/** More than any key set has: many are kept. */
const MAX_BYTES = 64 << 10;
const TIMEOUT_MS = 5000;

/**
 * Reads a JSON Web Key Set. The author of an endpoint names it: so only public addresses are asked, over HTTPS, and no redirect is
 * followed. What a host resolves to is judged when the connection is made.
 *
 * @param trusted hosts that an administrator has named: they may have other addresses, and be asked over HTTP
 * @throws Error that says why it cannot be read
 */
export async function fetchKeySet(url: URL, trusted: ReadonlySet<string>): Promise<Response> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTrusted = trusted.has(host);
  if (url.protocol !== 'https:' && !isTrusted) throw new Error('keys are read over https alone');
  const refused = isIP(host) === 0 || isTrusted ? undefined : guardedClass(host);
  if (refused !== undefined) throw new Error(`${host} is an address that is ${refused}`);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return await new Promise((resolved, reject) => {
    const options = {
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // Names inside a cluster are known to the lookup of the system alone.
      ...(isTrusted ? {} : { lookup: publicLookup() }),
    } as const;
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const asking = request(url, { ...options, headers }, (answer) => {
      // Before anything else: a Response cannot have every status that a server can send, and would throw.
      if (answer.statusCode !== 200) {
        asking.destroy(new Error(`it answers with status ${answer.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) asking.destroy(new Error(`more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => resolved(new Response(Buffer.concat(chunks))));
    });
    // Last: a connection that is switched to another protocol closes without an error.
    asking.on('close', () => reject(new Error('it closes the connection without an answer')));
    asking.on('error', reject).end();
  });
}
