import { succeededCondition } from '../../api/conditions.ts';
import type { Reason } from '../../api/outcome.ts';
import type { ScriptExecutionStatus } from '../../api/types.generated.ts';

/** A request whose script has given no response. */
export interface ScriptFailure {
  /** HTTP status. */
  readonly code: 500 | 502 | 504;
  readonly message: string;
}

type Failed = Exclude<Reason, 'Completed' | 'Cancelled'>;

/** What the client is told, by the reason that an execution would have. Any other reason is the script's: 500. */
const ANSWERS: Readonly<Partial<Record<Failed, ScriptFailure>>> = {
  TimeoutExceeded: { code: 504, message: 'the script did not answer in time' },
  SandboxLost: { code: 502, message: 'the script was lost: it may have run' },
  PodLost: { code: 502, message: 'the script was lost: it may have run' },
};

/** What is answered for a script that has ended without a response. Its error is for its author, and not for the client. Pure. */
export function scriptFailure(reason: string): ScriptFailure {
  return ANSWERS[reason as Failed] ?? { code: 500, message: 'the script failed' };
}

/** The failure for its author: the reason, the message and the place. Pure. */
export function failureText({ conditions, error }: ScriptExecutionStatus): string | undefined {
  const succeeded = succeededCondition({ conditions });
  if (succeeded === undefined || succeeded.status === 'True') return undefined;
  const { file, line, column } = error ?? {};
  const place = line === undefined ? '' : ` (${[file, line, column].filter((part) => part !== undefined).join(':')})`;
  return `${succeeded.reason}: ${succeeded.message}${place}`;
}
