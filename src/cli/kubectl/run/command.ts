import type { ScriptExecution } from '../../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../../cluster/resources.ts';
import { EXIT } from '../../exit-code.ts';
import type { ScriptText } from '../../input/script-text.ts';
import { problemsCount, problemsText, warningsText } from '../../output/problems.ts';
import { terminalStyle } from '../../output/style.ts';
import { type Interrupt, interruptible } from '../../run/interrupt.ts';
import { type Attended, attend } from '../attend.ts';
import { type Cluster, withCluster } from '../cluster.ts';
import { logText } from '../logs/log-text.ts';
import { objectText } from '../object-text.ts';
import { inlineScript, outcomeText } from '../outcome-text.ts';
import { resumeCommand } from '../resume-command.ts';
import { prepare } from './prepared.ts';
import type { PluginRunOptions } from './run-options.ts';
import { write } from './write.ts';

/** `kubectl copepod run`: writes an execution and waits for its outcome. Returns the exit code. */
export async function runCommand(file: string, options: PluginRunOptions): Promise<number> {
  const interrupt = interruptible();
  return await withCluster(options, async (cluster) => {
    const read = await prepare(file, cluster.namespace, options);
    if ('problems' in read) {
      process.stderr.write(problemsText(read.problems, terminalStyle(process.stderr)));
      process.stderr.write(`kubectl copepod: ${problemsCount(read.problems)}: nothing has been sent\n`);
      return EXIT.usage;
    }
    process.stderr.write(warningsText(read.warnings, terminalStyle(process.stderr)));
    for (const other of read.prepared.others) {
      process.stderr.write(`kubectl copepod: ${other} is not sent: kubectl apply -f ${file} does\n`);
    }
    interrupt.handleSignals();
    const { execution, what } = await write(cluster, read.prepared);
    const { name, namespace = cluster.namespace } = execution.metadata;
    process.stderr.write(`scriptexecution.copepod.dev/${name} ${what} in namespace ${namespace}\n`);
    if (!options.wait) {
      if (options.output !== 'result') process.stdout.write(objectText(execution, options.output));
      return EXIT.ok;
    }
    const script = read.prepared.script;
    return await outcomeOf({ ...cluster, namespace }, execution, { interrupt, script, ...options });
  });
}

export interface OutcomeOptions extends Pick<PluginRunOptions, 'output' | 'timestamps' | 'cancelOnInterrupt' | 'rm'> {
  readonly interrupt: Interrupt;
  readonly script: ScriptText | undefined;
}

/** Waits for the outcome of an execution: logs on standard error, the result on standard output. */
export async function outcomeOf(
  cluster: Cluster,
  { metadata: { name } }: ScriptExecution,
  options: OutcomeOptions,
): Promise<number> {
  const { interrupt, output, timestamps = false } = options;
  const style = terminalStyle(process.stderr);
  const showLog = (line: Parameters<typeof logText>[0]): void => {
    process.stderr.write(logText(line, { format: 'text', timestamps, style }));
  };
  let ended = await attend(cluster, name, { signal: interrupt.signal, showLog });
  if (ended === undefined && options.cancelOnInterrupt) {
    process.stderr.write(`cancelling ${name}; Ctrl-C again leaves it\n`);
    await cluster.client.mergePatch(SCRIPT_EXECUTIONS, { name, namespace: cluster.namespace }, CANCEL);
    ended = await attend(cluster, name, { signal: new AbortController().signal, showLog });
    if (ended !== undefined) process.stderr.write(outcomeText(ended.execution, undefined, style));
    return EXIT.interrupted;
  }
  if (ended === undefined) {
    process.stderr.write(leftText(name, cluster.namespace));
    return EXIT.interrupted;
  }
  const script = options.script ?? inlineScript(ended.execution);
  process.stderr.write(outcomeText(ended.execution, script, style));
  if (ended.progress.kind === 'suspended') {
    process.stderr.write(`it starts once it is resumed: ${resumeCommand(name, cluster.namespace)}\n`);
  }
  process.stdout.write(objectText(ended.execution, output));
  if (options.rm && ended.progress.kind === 'finished') {
    const { uid } = ended.execution.metadata;
    await cluster.client.delete(SCRIPT_EXECUTIONS, { name, namespace: cluster.namespace }, { uid });
  }
  return exitCodeOf(ended);
}

const CANCEL = { spec: { cancel: true } };

const exitCodeOf = ({ progress }: Attended): number =>
  progress.kind === 'finished' && progress.succeeded ? EXIT.ok : EXIT.failed;

const leftText = (name: string, namespace: string): string => `${name} goes on in the cluster:
  kubectl copepod logs -f ${name} -n ${namespace}    its logs
  kubectl copepod cancel ${name} -n ${namespace}     ends it
`;
