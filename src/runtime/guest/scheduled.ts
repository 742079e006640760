/** The handler of scheduled starts, as Workers have it: `export default { async scheduled(controller, env, ctx) {} }`. */
import { executionContext } from './execution-context.ts';
import { apply, freeze, now, parseDate } from './primordials.ts';

type Handler = (controller: object, env: object, ctx: object) => unknown;

/** What a script exports by default, where it has a method for scheduled starts. */
export function scheduledHandler(exported: unknown): Handler | undefined {
  if (typeof exported !== 'object' || exported === null) return undefined;
  const { scheduled } = exported as { scheduled?: unknown };
  return typeof scheduled === 'function' ? (scheduled as Handler) : undefined;
}

/** Whether an execution with this context is one of a schedule. */
export const isScheduled = (context: unknown): boolean =>
  (context as { execution: { type: string } }).execution.type === 'cron';

/**
 * Calls the handler. Settles with what it returns, after all promises given to `ctx.waitUntil` are fulfilled.
 *
 * @param params of the execution: `scheduledTime` (RFC 3339; without it, now) and `cron`
 * @param env the global `env`
 * @throws what the handler throws, or the first of these promises that is rejected
 */
export async function callScheduled(
  handler: Handler,
  exported: unknown,
  params: unknown,
  env: object,
): Promise<unknown> {
  const { scheduledTime, cron } = (params ?? {}) as { scheduledTime?: unknown; cron?: unknown };
  const { ctx, settled } = executionContext();
  const controller = freeze({
    scheduledTime: typeof scheduledTime === 'string' ? parseDate(scheduledTime) : now(),
    cron: typeof cron === 'string' ? cron : '',
    // An execution is retried only as its own spec says.
    noRetry: () => undefined,
  });
  const result = await apply(handler as never, exported, [controller, env, ctx] as never);
  await settled();
  return result;
}
