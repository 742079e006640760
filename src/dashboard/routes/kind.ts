import { SCRIPT_ENDPOINTS, SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES, SCRIPT_SCHEDULES } from '../../cluster/resources.ts';
import { KINDS, type Kind } from '../messages.ts';
import { badRequest } from '../refusal.ts';

export const RESOURCES = {
  executions: SCRIPT_EXECUTIONS,
  runtimes: SCRIPT_RUNTIMES,
  schedules: SCRIPT_SCHEDULES,
  endpoints: SCRIPT_ENDPOINTS,
} as const;

/**
 * Most objects of a kind that are in memory whole while a viewer's lists are read. An execution can have 1.5 MiB, a schedule
 * and an endpoint a script of 256 KiB.
 */
export const PAGE_SIZES: { readonly [K in Kind]: number } = {
  executions: 50,
  runtimes: 100,
  schedules: 100,
  endpoints: 100,
};

/** A kind from a path. @throws Refusal for any other word */
export function kindIn(value: string | undefined): Kind {
  const kind = KINDS.find((each) => each === value);
  if (kind === undefined) throw badRequest(`the kinds are ${KINDS.join(', ')}`);
  return kind;
}
