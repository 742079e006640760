import { clip } from '../../api/conditions.ts';
import { storableText } from '../../api/text.ts';
import { formatTime } from '../../api/time.ts';
import type { Condition } from '../../api/types.generated.ts';

/** Why a schedule starts nothing, and whether that needs a change by its author. */
export interface Obstacle {
  readonly reason: 'InvalidSchedule' | 'UnknownTimeZone' | 'InvalidTemplate' | 'FailedCreate';
  readonly message: string;
}

const MAX_MESSAGE = 32_768;

/**
 * The conditions of a ScriptSchedule, for kstatus: Ready, and Stalled while something has to be corrected. A suspended schedule is ready: it
 * is what it should be.
 */
export function scheduleConditions(input: {
  readonly obstacle: Obstacle | undefined;
  readonly isSuspended: boolean;
  readonly generation: number;
  readonly nowMs: number;
  readonly previous: readonly Condition[] | undefined;
}): Condition[] {
  const { obstacle, isSuspended, generation, nowMs, previous } = input;
  const { reason, message } =
    obstacle ??
    (isSuspended
      ? { reason: 'Suspended', message: 'spec.suspend is set: nothing is started.' }
      : { reason: 'Scheduled', message: 'Executions start by the schedule.' });
  const condition = (type: string, status: Condition['status']): Condition => {
    const before = previous?.find((other) => other.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(new Date(nowMs));
    const text = clip(storableText(message), MAX_MESSAGE);
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message: text };
  };
  return obstacle === undefined
    ? [condition('Ready', 'True')]
    : [condition('Ready', 'False'), condition('Stalled', 'True')];
}
