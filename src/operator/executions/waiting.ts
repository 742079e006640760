import type { ScriptExecution } from '../../api/types.generated.ts';

/**
 * When the present run began to wait, in milliseconds since the epoch. A suspended one has not begun to: what is released
 * waits from then on.
 */
export function waitingSince({ metadata, status }: ScriptExecution, now: number): number {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.reason === 'Suspended') return now;
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  return Number.isFinite(since) ? Math.min(since, now) : now;
}
