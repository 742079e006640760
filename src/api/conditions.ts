import { REASONS, type Reason } from './outcome.ts';
import { storableText } from './text.ts';
import { formatTime } from './time.ts';
import type { Condition } from './types.generated.ts';

/** Maximum length of a condition's message in the API, in characters. */
const MAX_MESSAGE = 32_768;

/** Input of the conditions. */
export interface ConditionInput {
  readonly reason: Reason;
  readonly message: string;
  /** The `metadata.generation` the conditions describe. */
  readonly generation: number;
  readonly now: Date;
  /** The previous conditions: a condition whose status is unchanged keeps its lastTransitionTime. */
  readonly previous?: readonly Condition[];
}

type Status = Condition['status'];

/**
 * The conditions of a ScriptExecution: `Succeeded` for users; `Ready`, and `Reconciling` or `Stalled`, for tools that
 * follow kstatus. As in kstatus and Flux, the last two are present only while true.
 */
export function executionConditions(input: ConditionInput): Condition[] {
  const { succeeded } = REASONS[input.reason];
  const suspended = input.reason === 'Suspended';
  const moving = succeeded === 'Unknown' && !suspended;
  const wanted: [string, Status][] = [
    ['Succeeded', succeeded],
    ['Ready', suspended ? 'False' : succeeded],
  ];
  if (moving) wanted.push(['Reconciling', 'True']);
  if (suspended || succeeded === 'False') wanted.push(['Stalled', 'True']);
  return wanted.map(([type, status]) => condition(type, status, input));
}

function condition(type: string, status: Status, input: ConditionInput): Condition {
  const before = input.previous?.find((other) => other.type === type);
  const { reason, generation: observedGeneration } = input;
  return {
    type,
    status,
    observedGeneration,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(input.now),
    reason,
    message: clip(storableText(input.message), MAX_MESSAGE),
  };
}

/** The condition that says how an execution has ended, or why it has not. */
export const succeededCondition = ({ conditions }: WithConditions): Condition | undefined =>
  conditions?.find(({ type }) => type === 'Succeeded');

/** The condition that tools which follow kstatus wait for. */
export const readyCondition = ({ conditions }: WithConditions): Condition | undefined =>
  conditions?.find(({ type }) => type === 'Ready');

interface WithConditions {
  readonly conditions?: readonly Condition[] | undefined;
}

/** Truncates to `maxCharacters` code points, as Kubernetes counts; a truncated text ends in an ellipsis. */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
