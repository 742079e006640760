import { UsageError } from '../../api/usage-error.ts';
import { progressOf } from '../../cluster/executions/progress.ts';
import { rerunPatch } from '../../cluster/executions/rerun-patch.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../run/interrupt.ts';
import { type ClusterOptions, withCluster } from './cluster.ts';
import { findExecution } from './find-execution.ts';
import { outcomeOf } from './run/command.ts';

export interface RerunOptions extends ClusterOptions {
  /** Waits for the outcome as `run` does. */
  readonly wait?: boolean;
  /** Also for one that has not finished: that run is cancelled. */
  readonly force?: boolean;
  readonly timestamps?: boolean;
  readonly output: 'result' | 'json' | 'yaml' | 'name';
}

/** `kubectl copepod rerun`: starts another run of an execution. Returns the exit code. */
export async function rerunCommand(name: string, options: RerunOptions): Promise<number> {
  const interrupt = interruptible();
  interrupt.handleSignals();
  return await withCluster(options, async (cluster) => {
    const execution = await findExecution(cluster, name);
    const { name: plain } = execution.metadata;
    if (progressOf(execution).kind !== 'finished' && !options.force) {
      const hint = `--force cancels it first; kubectl copepod logs -f ${plain} follows it`;
      throw new UsageError(`the current run of ${plain} has not ended`, hint);
    }
    const { namespace } = cluster;
    const patched = await cluster.client.mergePatch(
      SCRIPT_EXECUTIONS,
      { name: plain, namespace },
      rerunPatch(execution.spec),
    );
    const run = `run ${(execution.status.run ?? 0) + 1}`;
    process.stderr.write(`scriptexecution.copepod.dev/${plain} run again in namespace ${namespace} (${run})\n`);
    return options.wait ? await outcomeOf(cluster, patched, { interrupt, script: undefined, ...options }) : EXIT.ok;
  });
}
