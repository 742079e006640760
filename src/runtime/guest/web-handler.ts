/** Web handlers, as Workers and Hono have them: `export default { fetch(request, env, ctx) {} }`, or the function alone. */
import { executionContext } from './execution-context.ts';
import { readGiven } from './given-request.ts';
import type { Port } from './port.ts';
import { apply, SafeTypeError } from './primordials.ts';
import type { serve } from './web/serve.ts';

export type Serve = typeof serve;

/**
 * Makes what answers requests by the handler that a script exports by default. It settles when the response has been sent and all
 * promises given to `ctx.waitUntil` are fulfilled.
 *
 * @param env the global `env`
 */
export function webHandler(
  serveBy: Serve,
  port: Port,
  env: object,
): (exported: unknown, request: string) => Promise<void> {
  return async (exported, request) => {
    const { handler, self } = handlerOf(exported);
    const { ctx, settled } = executionContext(() => port('goes-on'));
    const call = (theirs: object): unknown => apply(handler as never, self, [theirs, env, ctx] as never);
    await serveBy(call, readGiven(request));
    await settled();
  };
}

/** @throws TypeError where a script exports no web handler */
function handlerOf(exported: unknown): { readonly handler: object; readonly self: unknown } {
  if (typeof exported === 'function') return { handler: exported, self: undefined };
  const fetch = typeof exported === 'object' && exported !== null ? (exported as { fetch?: unknown }).fetch : undefined;
  if (typeof fetch === 'function') return { handler: fetch, self: exported };
  throw new SafeTypeError(
    'the script exports no web handler: write export default { fetch(request, env, ctx) { ... } }',
  );
}
