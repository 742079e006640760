import type { Pod } from '../../src/kube/resources.ts';

/** Why pods do not start, as text; empty if no pod is blocked. */
export function blockedPods(pods: readonly Pod[]): string {
  const reasons = pods.flatMap(({ metadata, status }) => {
    const unscheduled = status?.conditions?.find(
      ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
    );
    if (unscheduled) return [`pod ${metadata.name}: ${unscheduled.message}`];
    return (status?.containerStatuses ?? []).flatMap(({ state, lastState }) => {
      const { reason, message } = state?.waiting ?? state?.terminated ?? lastState?.terminated ?? {};
      if (!reason) return [];
      const hint = reason.startsWith('ErrImage') || reason.startsWith('ImagePull') ? ' (`make image` builds it)' : '';
      return [`pod ${metadata.name}: ${reason}${hint}${message ? `, ${message}` : ''}`];
    });
  });
  return reasons.slice(0, 3).join('; ');
}
