import { isForbidden } from '../../src/kube/api-error.ts';
import { pause } from '../../src/kube/pause.ts';
import { readAuditLog } from '../../test/api-server/audit.ts';
import { countsSince, parseRequestTotals, type RequestCounts, requestKey } from './request-counts.ts';
import type { Target } from './target.ts';

/** Later requests of an execution (an Event, for example) count too. */
const SETTLE_MS = 1000;

/** Requests to the API server during a measurement. */
export interface Requests {
  readonly executions: number;
  /** By all clients except this program, from the API server's metrics; undefined without access to them. */
  readonly everybody: RequestCounts | undefined;
  /** The measured interval in milliseconds since the epoch, for the audit log. */
  readonly from: number;
  readonly to: number;
}

/** Runs `measured` and returns its value with the requests during its run. */
export async function countRequests<T>(
  target: Target,
  executions: number,
  measured: () => Promise<T>,
): Promise<readonly [T, Requests]> {
  const from = Date.now();
  const own = target.ownRequests;
  const before = await requestTotals(target);
  const value = await measured();
  await pause(SETTLE_MS);
  const after = await requestTotals(target);
  const ownSince = countsSince(own, target.ownRequests);
  const everybody = before && after && countsSince(ownSince, countsSince(before, after));
  return [value, { executions, everybody, from, to: Date.now() }];
}

/**
 * Requests of a user in a namespace, from the audit log, for each of `spans`; undefined for a span that starts before
 * the log.
 */
export function auditedRequests(
  log: string,
  user: string,
  namespace: string,
  spans: readonly Requests[],
): (RequestCounts | undefined)[] {
  const all = readAuditLog(log);
  const logBegins = all[0]?.receivedAt.getTime() ?? Number.POSITIVE_INFINITY;
  const ours = all.filter((request) => request.user === user && request.namespace === namespace);
  return spans.map(({ from, to }) => {
    if (logBegins > from) return undefined;
    const counts = new Map<string, number>();
    for (const { receivedAt, verb, resource, code } of ours) {
      if (receivedAt.getTime() < from || receivedAt.getTime() > to) continue;
      const key = requestKey(verb, resource, String(code));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  });
}

async function requestTotals(target: Target): Promise<RequestCounts | undefined> {
  try {
    return parseRequestTotals(await target.readText('/metrics'));
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
