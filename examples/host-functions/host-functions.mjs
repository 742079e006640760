// The API a platform team adds for its scripts: copepod run --host-functions examples/host-functions/host-functions.mjs
// Each function runs outside the sandbox, takes and gives JSON, and learns who calls from the host, never from the
// script. Only the message of a HostError reaches the script.
import { HostError } from 'copepod';

/** Stands for a database. */
const PRICES = {
  'tea-house': { 'earl-grey': 7.5, sencha: 11.9 },
  'book-barn': { atlas: 39, cookbook: 24.5 },
};

const audit = new Map();

/** @param {import('copepod').HostBridge} host */
export default function setup(host) {
  host.expose('prices.lookup', async ({ context }, sku) => {
    const price = PRICES[context.tenant.id]?.[sku];
    if (price === undefined) throw new HostError(`no article ${sku} for ${context.tenant.name}`);
    return { sku, price };
  });

  host.expose('audit.record', async ({ context, tenantKey }, action) => {
    const entry = { action, by: context.user.id, request: context.requestID };
    const entries = [...(audit.get(tenantKey) ?? []), entry].slice(-100);
    audit.set(tenantKey, entries);
    return entries.length;
  });
}
