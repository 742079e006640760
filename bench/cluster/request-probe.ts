import { isForbidden } from '../../src/operator/kube/api-error.ts';
import { pause } from '../../src/operator/kube/pause.ts';
import { readAuditLog } from '../../test/api-server/audit.ts';
import { countsSince, parseRequestTotals, type RequestCounts, requestKey } from './request-counts.ts';
import type { Target } from './target.ts';

/** What comes after an outcome (an Event, say) counts too. */
const SETTLE_MS = 1000;

/** What the API server was asked for while something was measured. */
export interface Requests {
  readonly executions: number;
  /** By anybody but this program, from the API server's metrics; undefined where we may not read them. */
  readonly everybody: RequestCounts | undefined;
  /** The time it took, in milliseconds since the epoch: for the audit log. */
  readonly from: number;
  readonly to: number;
}

/** Runs `measured`, and gives its value and what the API server was asked for meanwhile. */
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
 * What a user has asked for in a namespace, from the audit log; of each of `spans`, undefined where the log does not reach
 * back so far.
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
