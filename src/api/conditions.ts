import { REASONS, type Reason } from './outcome.ts';
import { storableText } from './text.ts';
import { formatTime } from './time.ts';
import type { Condition } from './types.generated.ts';

/** The most characters that the API takes of a condition's message. */
const MAX_MESSAGE = 32_768;

/** What the conditions are made of. */
export interface ConditionInput {
  readonly reason: Reason;
  readonly message: string;
  /** The `metadata.generation` that they are for. */
  readonly generation: number;
  readonly now: Date;
  /** The conditions before: the times of those whose status stays are kept. */
  readonly previous?: readonly Condition[];
}

type Status = Condition['status'];

/**
 * The conditions of a ScriptExecution: `Succeeded` for people, and for tools that read kstatus `Ready`, and `Reconciling`
 * or `Stalled` while they hold. These two are, as kstatus and Flux have it, there only when true.
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

/** A text of at most so many characters (code points), as Kubernetes counts; one that is cut ends in an ellipsis. */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const characters = [...text];
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
