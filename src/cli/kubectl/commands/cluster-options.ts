import type { Command } from 'commander';
import { namespaceName } from '../../commands/options.ts';

/**
 * Adds what every command of the plugin has last: the options of kubectl that say which cluster and namespace it is about, and
 * its help.
 * @param help text below the options
 */
export function clusterOptions(command: Command, help: string): Command {
  return command
    .optionsGroup('Cluster:')
    .option('-n, --namespace <name>', 'namespace (default: that of the context)', namespaceName)
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help);
}
