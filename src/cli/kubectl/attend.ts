import { terminalText } from '../../api/text.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { LiveLogs } from '../../cluster/executions/live-logs.ts';
import type { LogLine } from '../../cluster/executions/log-lines.ts';
import { type Progress, progressOf } from '../../cluster/executions/progress.ts';
import { terminalStyle } from '../output/style.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import { followExecution } from './follow-execution.ts';

/** An operator sees an execution within a second; after this time the user is told that none has. */
const UNOBSERVED_MS = 10_000;

export interface AttendOptions {
  readonly signal: AbortSignal;
  readonly showLog: (line: LogLine) => void;
  /** Does not say on standard error what the execution waits for. */
  readonly quiet?: boolean;
}

/** The end of attending an execution; its progress is finished, or suspended. */
export interface Attended {
  readonly execution: ScriptExecution;
  readonly progress: Progress;
}

/**
 * Follows an execution until it has finished or is suspended: shows its logs, and on standard error what it waits for.
 * Undefined: the signal was aborted first.
 *
 * @throws ClusterError if it is deleted
 */
export async function attend(
  cluster: Cluster,
  name: string,
  { signal, showLog, quiet = false }: AttendOptions,
): Promise<Attended | undefined> {
  const { dim } = terminalStyle(process.stderr);
  const say = (text: string): void => {
    if (!quiet) process.stderr.write(`${dim(text)}\n`);
  };
  const noRight = 'logs come when it ends: you may not get pods/log';
  const logs = new LiveLogs(cluster, showLog, () => say(noRight));
  const unobserved = setTimeout(() => {
    say(`no operator has taken it up yet: kubectl copepod explain ${name} -n ${cluster.namespace}`);
  }, UNOBSERVED_MS);
  let said = '';
  let isLost = false;
  const onLost = (error: Error): void => {
    if (!isLost) say(`connection lost, trying again: ${terminalText(error.message)}`);
    isLost = true;
  };
  try {
    for await (const execution of followExecution(cluster, name, { signal, onLost })) {
      isLost = false;
      if (execution === undefined)
        throw new ClusterError(`ScriptExecution "${name}" was deleted from namespace "${cluster.namespace}"`);
      const progress = progressOf(execution);
      if (progress.kind !== 'unobserved') clearTimeout(unobserved);
      const text = progressText(progress);
      if (text !== said && text !== '') say(text);
      said = text;
      if (progress.kind === 'running') logs.running(execution);
      if (progress.kind === 'finished') await logs.finished(execution);
      if (progress.kind === 'finished' || progress.kind === 'suspended') return { execution, progress };
    }
    return undefined;
  } finally {
    clearTimeout(unobserved);
    await logs.close();
  }
}

/** What an execution does at the moment, in a line; empty where there is nothing to say. Pure. */
export function progressText(progress: Progress): string {
  if (progress.kind === 'unobserved' || progress.kind === 'finished') return '';
  const { reason, message } = progress.condition;
  if (progress.kind === 'running') return terminalText(message);
  return terminalText(`waiting: ${reason}: ${message}`);
}
