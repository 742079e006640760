import type { ReconcileResult } from '../kube/controller.ts';
import type { Written } from './status-writer.ts';

/** What was written changes what is to be done, and the handlers of the cache are not told of it. */
export const AGAIN: ReconcileResult = { requeueAfterMs: 0 };
/** The object is another, and the watch has not brought the news yet. */
export const SOON: ReconcileResult = { requeueAfterMs: 50 };
const GONE: ReconcileResult = { requeueAfterMs: 1000 };

/** When to look again at an object that could not be written. */
export const lookAgainAfter = ({ kind }: Exclude<Written, { kind: 'written' }>): ReconcileResult =>
  kind === 'gone' ? GONE : SOON;
