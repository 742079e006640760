import { type Command, Option } from 'commander';
import type { DashboardOptions } from '../dashboard/command.ts';
import { clusterOptions } from '../kubectl/commands/cluster-options.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Shows runtimes, executions, schedules and endpoints as they change; of an execution its source with the place of its error,
its log, result, usage and history. It cancels and runs again executions, and suspends executions and schedules, where you may.

It has your own rights in the cluster, and no others. It listens to this machine alone, and the URL that it prints has a
token that a browser needs.

With --auth Bearer it has no rights at all: each request carries the bearer token of its viewer, from an authenticating proxy
in front of it or pasted into the page. It is how deploy/dashboard runs it in a cluster. The API server is then that of
KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.

Signals:
  SIGTERM, SIGINT    close what is open, and exit

Exit codes:
  0    stopped by a signal
  2    invalid usage, or an unusable kubeconfig

Examples:
  copepod dashboard
  copepod dashboard -n shop --port 8484
`;

/** Adds `copepod dashboard`. */
export function addDashboard(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('dashboard')
    .description('serve a page that shows what runs in a cluster')
    .optionsGroup('Serving:')
    .option('--port <number>', 'port to listen on (default: a free one)', portNumber)
    .option('--address <address>', 'address to listen on (default: 127.0.0.1; with --auth Bearer all)')
    .addOption(
      new Option('--auth <how>', "rights that it has: those of your kubeconfig, or of each viewer's bearer token")
        .choices(['Kubeconfig', 'Bearer'])
        .default('Kubeconfig'),
    )
    .option('--certificate-authority <file>', "with --auth Bearer: certificates of the API server's authority, PEM")
    .option('-A, --all-namespaces', 'begin with all namespaces');
  return clusterOptions(command, AFTER).action(async (options: DashboardOptions) => {
    const { dashboardCommand } = await import('../dashboard/command.ts');
    setExitCode(await dashboardCommand(options));
  });
}
