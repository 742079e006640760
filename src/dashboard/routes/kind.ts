import { SCRIPT_ENDPOINTS, SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES, SCRIPT_SCHEDULES } from '../../cluster/resources.ts';
import { KINDS, type Kind } from '../messages.ts';
import { badRequest } from '../refusal.ts';

export const RESOURCES = {
  executions: SCRIPT_EXECUTIONS,
  runtimes: SCRIPT_RUNTIMES,
  schedules: SCRIPT_SCHEDULES,
  endpoints: SCRIPT_ENDPOINTS,
} as const;

/** A kind from a path. @throws Refusal for any other word */
export function kindIn(value: string | undefined): Kind {
  const kind = KINDS.find((each) => each === value);
  if (kind === undefined) throw badRequest(`the kinds are ${KINDS.join(', ')}`);
  return kind;
}
