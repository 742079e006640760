import { LiveLogs } from '../../../cluster/executions/live-logs.ts';
import type { LogLine } from '../../../cluster/executions/log-lines.ts';
import { progressOf } from '../../../cluster/executions/progress.ts';
import { EXIT } from '../../exit-code.ts';
import { terminalStyle } from '../../output/style.ts';
import { interruptible } from '../../run/interrupt.ts';
import { attend } from '../attend.ts';
import { type ClusterOptions, withCluster } from '../cluster.ts';
import { findExecution } from '../find-execution.ts';
import { type LogFormat, logText } from './log-text.ts';

export interface LogsOptions extends ClusterOptions {
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  /** Number of lines from the end. */
  readonly tail?: number;
  readonly output: LogFormat;
}

/** Time in which the lines of a run that goes on arrive from its pod's log, without -f. */
const SNAPSHOT_MS = 1500;

/** `kubectl copepod logs`: the log of an execution on standard output. Returns the exit code. */
export async function logsCommand(name: string, options: LogsOptions): Promise<number> {
  const { follow = false, timestamps = false, tail, output: format } = options;
  const style = terminalStyle(process.stdout);
  const show = (line: LogLine): void => {
    process.stdout.write(logText(line, { format, timestamps, style }));
  };
  const interrupt = interruptible();
  interrupt.handleSignals();
  return await withCluster(options, async (cluster) => {
    const execution = await findExecution(cluster, name);
    const progress = progressOf(execution);
    if (follow && progress.kind !== 'finished') {
      const attended = await attend(cluster, execution.metadata.name, { signal: interrupt.signal, showLog: show });
      return attended === undefined ? EXIT.interrupted : EXIT.ok;
    }
    const lines: LogLine[] = [];
    const forbidden = (): void => {
      process.stderr.write('kubectl copepod: you may not get pods/log: its lines come when it ends\n');
    };
    const logs = new LiveLogs(cluster, (line) => lines.push(line), forbidden);
    if (progress.kind === 'running') await logs.snapshot(execution, SNAPSHOT_MS);
    else await logs.finished(execution);
    for (const line of tail === undefined ? lines : lines.slice(lines.length - Math.min(tail, lines.length)))
      show(line);
    if (lines.length === 0)
      process.stderr.write(`kubectl copepod: ${execution.metadata.name} ${NO_LINES[progress.kind]}\n`);
    return EXIT.ok;
  });
}

/** Why there are no lines. */
const NO_LINES = {
  unobserved: 'has not started',
  waiting: 'has not started',
  suspended: 'has not started: spec.suspend is true',
  running: 'runs and has logged nothing so far',
  finished: 'has logged nothing',
} as const;
