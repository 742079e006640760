import { freeze } from './primordials.ts';

/** What a handler is given to keep its execution going, as `ctx` of Workers. */
export interface ExecutionContext {
  waitUntil(promise: unknown): void;
}

/**
 * Makes the `ctx` of one call of a handler.
 * @param onWait called when the handler gives a promise to it
 * @returns it, and what waits until all promises given to it are fulfilled, those that come meanwhile too; rejected with
 * the first of them that is. Undefined: there is none
 */
export function executionContext(onWait?: () => void): {
  readonly ctx: ExecutionContext;
  readonly settled: () => Promise<void> | undefined;
} {
  let waited: Promise<void> | undefined;
  const ctx = freeze({
    waitUntil: (promise: unknown): void => {
      waited = both(waited, promise);
      onWait?.();
    },
  });
  const all = async (): Promise<void> => {
    for (let done: unknown; done !== waited; ) {
      done = waited;
      await done;
    }
  };
  return { ctx, settled: () => (waited === undefined ? undefined : all()) };
}

/** Calls what a script exports by default. Settles as `settled` does, with what the handler returns. */
export async function callHandler(
  handler: (params: unknown, context: unknown, ctx: ExecutionContext) => unknown,
  params: unknown,
  context: unknown,
): Promise<unknown> {
  const { ctx, settled } = executionContext();
  const result = await handler(params, context, ctx);
  await settled();
  return result;
}

async function both(first: unknown, second: unknown): Promise<void> {
  await first;
  await second;
}
