import type { Command } from 'commander';
import type { OperatorCommandOptions } from '../../operator/settings.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Reconciles ScriptRuntimes and ScriptExecutions: 'make deploy' installs it in a cluster. Of several replicas one leads,
by a Lease; the others wait with warm caches.

Environment:
  POD_NAME, POD_NAMESPACE   of the pod that it runs in: its Lease and its key are in that namespace
                            (default: copepod-system)
  COPEPOD_NAMESPACES        as --namespaces
  COPEPOD_RUNTIME_IMAGE     as --runtime-image
  COPEPOD_SCRAPER_NAMESPACES  as --scraper-namespaces
  COPEPOD_LOG_LEVEL         debug, info, warn or error (default: info)

Paths:
  /healthz /readyz /metrics

Exit codes:
  0    ended in good order
  1    a bug, or a cluster that cannot be used
  2    bad usage
`;

/** Adds `copepod operator`. */
export function addOperator(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('operator')
    .description('reconcile the ScriptRuntimes and ScriptExecutions of a cluster')
    .option('--namespaces <names>', 'watch only these, with commas between them (default: all)')
    .option('--port <number>', 'port of probes and metrics; 0 picks one', portNumber, 8080)
    .option('--events <which>', 'transitions to write Events of: none, failures or all', 'failures')
    .option('--runtime-image <image>', "image of runtimes that name none (default: the operator's own)")
    .option(
      '--scraper-namespaces <names>',
      "namespaces, beside the operator's own, whose scrapers may read the metrics of runtime pods",
    )
    .option('--kubeconfig <file>', 'kubeconfig to use outside a cluster')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', AFTER)
    .action(async (options: OperatorCommandOptions) => {
      const { serveOperator } = await import('../../operator/main.ts');
      setExitCode(await serveOperator(options));
    });
}
