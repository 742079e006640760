import type { Command } from 'commander';
import { namespaceName } from '../../commands/options.ts';

/** Adds the options of kubectl that say which cluster and namespace a command is about. */
export function clusterOptions(command: Command): Command {
  return command
    .optionsGroup('Cluster:')
    .option('-n, --namespace <name>', 'namespace (default: that of the context)', namespaceName)
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)');
}
