import type { ReconcileResult } from '../../kube/controller.ts';
import type { Written } from './status-writer.ts';

/** The object has changed, and the watch has not delivered the change yet. */
export const SOON: ReconcileResult = { requeueAfterMs: 50 };
/** The object is deleted, or about to be: the watch will deliver that. */
export const GONE: ReconcileResult = { requeueAfterMs: 1000 };

/** When to reconcile an execution again after a write of its status. */
export function requeueAfter({ kind }: Written): ReconcileResult {
  if (kind === 'written') return undefined;
  return kind === 'gone' ? GONE : SOON;
}

/** The earliest of some times in milliseconds; undefined and infinite ones are ignored. */
export function soonest(...times: readonly (number | undefined)[]): ReconcileResult {
  const requeueAfterMs = Math.min(...times.filter((ms) => ms !== undefined));
  return Number.isFinite(requeueAfterMs) ? { requeueAfterMs: Math.max(1, requeueAfterMs) } : undefined;
}
