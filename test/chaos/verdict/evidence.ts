import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Count } from '../counter.ts';
import type { InjectedFault } from '../faults/injector.ts';
import type { LogKeeper } from './log-keeper.ts';

const AROUND_MS = 2000;

export interface Sources {
  readonly logs: LogKeeper;
  /** The cluster's logs, including the API server's audit log. */
  readonly clusterLogs: string;
  readonly injected: readonly InjectedFault[];
}

/** All evidence about an execution with a violation. */
export function evidence(execution: ScriptExecution, counts: readonly Count[], sources: Sources): string {
  const { name, uid = '', creationTimestamp = '' } = execution.metadata;
  const from = Date.parse(creationTimestamp) - AROUND_MS;
  const to = Date.parse(execution.status?.completionTime ?? '') + AROUND_MS;
  const meanwhile = sources.injected.filter((each) => each.to >= from && !(each.from > to));
  const { managedFields: _, ...metadata } = execution.metadata as typeof execution.metadata & {
    managedFields?: unknown;
  };
  return [
    `--- ${name}: object`,
    JSON.stringify({ ...execution, metadata }, null, 1),
    '--- counted',
    ...counts.map((count) => `${time(count.at)} on ${count.pod}: call ${count.call}`),
    '--- faults meanwhile',
    ...meanwhile.map((each) => `${time(each.from)} to ${time(each.to)}: ${each.what}`),
    '--- requests for it, from the audit log',
    ...audited(sources.clusterLogs, name),
    '--- log lines',
    ...sources.logs.lines([uid, `/${name}"`]),
    '--- terms of leadership',
    ...sources.logs.lines(['"became leader"', '"stopped leading"']),
  ].join('\n');
}

const time = (at: number): string => new Date(at).toISOString();

/** The fields of an audit event that are read. */
interface Audited {
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly sourceIPs?: readonly string[];
  readonly objectRef?: { readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
}

function audited(clusterLogs: string, name: string): string[] {
  return readdirSync(clusterLogs)
    .filter((file) => /^audit.*\.log$/.test(file))
    .flatMap((file) => readFileSync(join(clusterLogs, file), 'utf8').split('\n'))
    .filter((line) => line.includes(`"name":"${name}"`))
    .flatMap(parsed)
    .sort((one, other) => (one.requestReceivedTimestamp < other.requestReceivedTimestamp ? -1 : 1))
    .map(({ requestReceivedTimestamp, stageTimestamp, verb, user, sourceIPs, objectRef, responseStatus }) =>
      [
        requestReceivedTimestamp,
        stageTimestamp,
        verb,
        objectRef?.subresource ?? '',
        user.username,
        sourceIPs?.join(','),
        responseStatus?.code,
      ].join(' '),
    );
}

/** The last line may be incomplete if the API server was killed. */
function parsed(line: string): Audited[] {
  try {
    return [JSON.parse(line) as Audited];
  } catch {
    return [];
  }
}
