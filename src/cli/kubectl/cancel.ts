import { progressOf } from '../../cluster/executions/progress.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { EXIT } from '../exit-code.ts';
import { reasonOf } from '../output/failure.ts';
import { interruptible } from '../run/interrupt.ts';
import { attend } from './attend.ts';
import { type Cluster, type ClusterOptions, withCluster } from './cluster.ts';
import { findExecution } from './find-execution.ts';

export interface CancelOptions extends ClusterOptions {
  /** False: returns once the cluster knows. */
  readonly wait: boolean;
}

/** `kubectl copepod cancel`: cancels executions and waits until they have ended. Returns the exit code. */
export async function cancelCommand(names: readonly string[], options: CancelOptions): Promise<number> {
  const interrupt = interruptible();
  interrupt.handleSignals();
  return await withCluster(options, async (cluster) => {
    // All are read before one is cancelled: a misspelt name cancels nothing.
    const executions = await Promise.all(names.map((name) => findExecution(cluster, name)));
    for (const execution of executions) {
      const { name } = execution.metadata;
      if (progressOf(execution).kind === 'finished') {
        process.stdout.write(`scriptexecution.copepod.dev/${name} had ended: ${reasonOf(execution)}\n`);
        continue;
      }
      await cluster.client.mergePatch(SCRIPT_EXECUTIONS, refOf(cluster, name), { spec: { cancel: true } });
      if (!options.wait) {
        process.stdout.write(`scriptexecution.copepod.dev/${name} is being cancelled\n`);
        continue;
      }
      const ended = await attend(cluster, name, { signal: interrupt.signal, showLog: () => {}, quiet: true });
      if (ended === undefined) return EXIT.interrupted;
      // A script may have come to its end before its pod heard of it.
      const reason = reasonOf(ended.execution);
      const how = reason === 'Cancelled' ? 'cancelled' : `ended before it could be cancelled: ${reason}`;
      process.stdout.write(`scriptexecution.copepod.dev/${name} ${how}\n`);
    }
    return EXIT.ok;
  });
}

const refOf = ({ namespace }: Cluster, name: string) => ({ name, namespace });
