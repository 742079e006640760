import type { Command } from 'commander';
import type { OperatorCommandOptions } from '../../operator/settings.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Reconciles ScriptRuntimes, ScriptExecutions, ScriptSchedules and ScriptEndpoints. 'make deploy' installs it in a
cluster. One replica leads, elected by a Lease; the others are standbys with warm caches.

Environment:
  POD_NAME, POD_NAMESPACE     name and namespace of its pod; its Lease and key are in that namespace
                              (default: copepod-system)
  COPEPOD_NAMESPACES          same as --namespaces
  COPEPOD_RUNTIME_IMAGE       same as --runtime-image
  COPEPOD_SCRAPER_NAMESPACES  same as --scraper-namespaces
  COPEPOD_GATEWAY_URL         same as --gateway-url
  COPEPOD_LOG_LEVEL           same as --log-level

Paths:
  /healthz /readyz /metrics

Exit codes:
  0    stopped normally
  1    a bug, or an unusable cluster
  2    invalid usage
`;

/** Adds `copepod operator`. */
export function addOperator(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('operator')
    .description('reconcile the runtimes, executions, schedules and endpoints of a cluster')
    .option('--namespaces <names>', 'comma-separated namespaces to watch (default: all)')
    .option('--port <number>', 'port of probes and metrics; 0 selects a free one', portNumber, 8080)
    .option('--events <which>', 'transitions recorded as Events: none, failures or all', 'failures')
    .option('--runtime-image <image>', "default image of runtimes (default: the operator's own)")
    .option('--scraper-namespaces <names>', 'additional namespaces whose scrapers may read the metrics of runtime pods')
    .option(
      '--gateway-url <urls>',
      'where clients reach the gateways, the first for the URLs of endpoints, which cannot have their hosts (default: their Service)',
    )
    .option('--log-level <level>', 'lowest level of log lines: debug, info, warn or error (default: info)')
    .option('--kubeconfig <file>', 'kubeconfig to use outside a cluster')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (options: OperatorCommandOptions) => {
      const [{ serveOperator }, { packageVersion }] = await Promise.all([
        import('../../operator/main.ts'),
        import('../package-version.ts'),
      ]);
      setExitCode(await serveOperator(options, packageVersion()));
    });
}
