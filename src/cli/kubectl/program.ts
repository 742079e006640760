import { addDashboard } from '../commands/dashboard.ts';
import { addVersion } from '../commands/version.ts';
import { type Program, runProgram } from '../run-program.ts';
import { addCancel } from './commands/cancel.ts';
import { addDebug } from './commands/debug.ts';
import { addExplain } from './commands/explain.ts';
import { addLogs } from './commands/logs.ts';
import { addRerun } from './commands/rerun.ts';
import { addRun } from './commands/run.ts';
import { addTop } from './commands/top.ts';

const EXAMPLES = `
Examples:
  kubectl copepod run hello.js --param who=world     run a script in the cluster
  kubectl copepod logs -f hello-x7k2p                follow what it logs
  kubectl copepod explain hello-x7k2p                why does it wait, how did it end?
  kubectl copepod run --help                         all about a command

The cluster and the namespace are those of kubectl: KUBECONFIG, --kubeconfig, --context, -n.
`;

/** `kubectl copepod`: the plugin of kubectl. */
export const PLUGIN: Program = {
  name: 'kubectl copepod',
  description: 'Runs scripts in a cluster, and shows what becomes of them.',
  commands: {
    run: addRun,
    logs: addLogs,
    cancel: addCancel,
    rerun: addRerun,
    explain: addExplain,
    top: addTop,
    debug: addDebug,
    dashboard: addDashboard,
    version: addVersion,
  },
  examples: EXAMPLES,
  hasCluster: true,
};

/** Runs the command given by the arguments, and exits with its exit code. */
export const main = (args: readonly string[]): Promise<void> => runProgram(PLUGIN, args);
