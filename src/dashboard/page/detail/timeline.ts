import { succeededCondition } from '../../../api/conditions.ts';
import type { ScriptExecution } from '../../../api/types.generated.ts';
import { durationText } from '../format.ts';

/** Something that happened to an execution. */
export interface TimelineEntry {
  /** RFC 3339. */
  readonly time: string;
  readonly title: string;
  readonly detail: string;
  readonly tone: 'plain' | 'active' | 'good' | 'bad';
}

/** What happened to the current run of an execution, the oldest first. Pure. */
export function timelineOf({ metadata, spec, status }: ScriptExecution): TimelineEntry[] {
  const { claim, startTime, completionTime, attemptHistory = [], run = 1 } = status;
  const condition = succeededCondition(status);
  const entries: TimelineEntry[] = [];
  const add = (time: string | undefined, title: string, detail = '', tone: TimelineEntry['tone'] = 'plain'): void => {
    if (time !== undefined) entries.push({ time, title, detail, tone });
  };
  const { creationTimestamp } = metadata as { readonly creationTimestamp?: string };
  const { createdBy } = spec.context?.execution ?? {};
  add(creationTimestamp, 'Created', createdBy === undefined ? '' : `by ${createdBy}`);
  for (const { attempt, podName = '', startTime: began, completionTime: ended, reason = '', error } of attemptHistory) {
    add(began, `Attempt ${attempt} started`, podName);
    add(ended, `Attempt ${attempt} failed`, [reason, error?.message].filter(Boolean).join(': '), 'bad');
  }
  const label = run > 1 ? `Run ${run}` : 'Run';
  if (claim !== undefined) add(claim.claimTime, `${label} assigned to a pod`, claim.podName);
  add(startTime, 'Script started', waited(claim?.claimTime, startTime));
  if (condition !== undefined && condition.status !== 'Unknown') {
    const took = startTime && completionTime ? `after ${between(startTime, completionTime)}` : '';
    const tone = condition.status === 'True' ? 'good' : 'bad';
    add(completionTime, condition.reason, took, tone);
  } else if (condition !== undefined) {
    const title = condition.reason === 'Running' ? 'Running' : `Waits: ${condition.reason}`;
    const at = condition.reason === 'Running' ? startTime : condition.lastTransitionTime;
    add(at, title, condition.reason === 'Running' ? '' : condition.message, 'active');
  }
  return entries;
}

const between = (from: string, to: string): string => durationText(Date.parse(to) - Date.parse(from));

function waited(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '';
  return `${between(from, to)} after it was assigned`;
}
