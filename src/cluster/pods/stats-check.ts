import type { LimitValues } from '../../api/limits.ts';
import {
  MAX_TOOL_MESSAGE,
  MAX_TOOL_PROBLEMS,
  type PodContainment,
  type PodStats,
  type PodToolProblem,
  type PodValues,
} from '../../api/pod-protocol.ts';
import { storableText } from '../../api/text.ts';

/** The API's bound on a claim's `bootID`. */
const MAX_BOOT_ID = 128;
/** The API's bound on `spec.pool.size`: no pod has more VMs. */
const MAX_CAPACITY = 64;
/** Bound on the reason of a missing line of containment: it goes into the status of the runtime. */
const MAX_REASON = 1024;

/** More references than a runtime can have. */
const MAX_REFERENCES = 1024;
const MAX_DIGEST = 64;

/** Every limit that an execution can be promised. */
const LIMITS: readonly (keyof LimitValues)[] = [
  'memoryBytes',
  'cpuTimeMs',
  'timeoutMs',
  'apiCalls',
  'fetchBytes',
  'resultBytes',
  'logsBytes',
];

type Counts = Readonly<Record<string, number>>;

/**
 * What a pod says of itself. Its image may be anybody's, so nothing of it is believed: undefined where it is not what the
 * protocol says. What is added up over pods must be numbers.
 */
export function checkedStats(value: unknown): PodStats | undefined {
  const given = record(value);
  const { bootID, draining, ready, capacity, limits, executions, pool, compilation, unacknowledged } = given;
  if (typeof bootID !== 'string' || bootID === '' || bootID.length > MAX_BOOT_ID) return undefined;
  if (typeof draining !== 'boolean' || typeof ready !== 'boolean') return undefined;
  if (!isCount(capacity) || capacity > MAX_CAPACITY || !isCount(unacknowledged)) return undefined;
  const groups = {
    // A pod of an earlier version has no fetch.
    limits: counts({ fetchBytes: 0, ...record(limits) }, LIMITS),
    executions: counts(executions, ['total', 'succeeded', 'errors', 'timeouts', 'running', 'pending']),
    pool: counts(pool, ['size', 'idle', 'busy', 'created', 'destroyed']),
    compilation: counts(compilation, ['size', 'hits', 'misses']),
  };
  if (Object.values(groups).includes(undefined)) return undefined;
  const stats = { bootID, draining, ready, capacity, unacknowledged, ...groups } as unknown as PodStats;
  const containment = given.containment === undefined ? undefined : checkedContainment(given.containment);
  const values = given.values === undefined ? undefined : checkedValues(given.values);
  if (containment === undefined && given.containment !== undefined) return undefined;
  if (values === undefined && given.values !== undefined) return undefined;
  const tools = given.tools === undefined ? undefined : checkedProblems(given.tools);
  if (tools === undefined && given.tools !== undefined) return undefined;
  return { ...stats, ...(containment && { containment }), ...(values && { values }), ...(tools && { tools }) };
}

function checkedProblems(value: unknown): readonly PodToolProblem[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_TOOL_PROBLEMS) return undefined;
  const problems = value.map((each) => {
    const { name, message } = record(each);
    const isValid =
      typeof name === 'string' &&
      name.length <= 63 &&
      typeof message === 'string' &&
      message.length <= MAX_TOOL_MESSAGE;
    return isValid ? { name: storableText(name), message: storableText(message) } : undefined;
  });
  return problems.every((problem) => problem !== undefined) ? problems : undefined;
}

function checkedValues(value: unknown): PodValues | undefined {
  const { digest, missing } = record(value);
  if (typeof digest !== 'string' || digest.length > MAX_DIGEST || !Array.isArray(missing)) return undefined;
  const isValid =
    missing.length <= MAX_REFERENCES && missing.every((index) => isCount(index) && index < MAX_REFERENCES);
  return isValid ? { digest, missing } : undefined;
}

function checkedContainment(value: unknown): PodContainment | undefined {
  const { seccomp, permissionModel, reason } = record(value);
  if (seccomp !== 'Active' && seccomp !== 'Inactive' && seccomp !== 'Unknown') return undefined;
  if (permissionModel !== 'Active') return undefined;
  if (reason === undefined) return { seccomp, permissionModel };
  return typeof reason === 'string' && reason.length <= MAX_REASON
    ? { seccomp, permissionModel, reason: storableText(reason) }
    : undefined;
}

function counts(value: unknown, names: readonly string[]): Counts | undefined {
  const given = record(value);
  return names.every((name) => isCount(given[name]))
    ? Object.fromEntries(names.map((name) => [name, given[name] as number]))
    : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
