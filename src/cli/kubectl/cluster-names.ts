import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../cluster/resources.ts';
import { contextNames } from '../../kube/kube-config.ts';
import { NAMESPACES } from '../../kube/resources.ts';
import type { NameSource } from '../completion/candidates.ts';
import { type ClusterOptions, withCluster } from './cluster.ts';

/** A shell waits for the names. */
const WITHIN_MS = 3000;

const RESOURCES = { executions: SCRIPT_EXECUTIONS, runtimes: SCRIPT_RUNTIMES, namespaces: NAMESPACES };

/** Names for completion, of the cluster that the words are about; none if it does not answer in time. */
export async function clusterNames(source: NameSource, words: readonly string[]): Promise<string[]> {
  const options = optionsIn(words.slice(0, -1));
  try {
    if (source === 'contexts') return await contextNames(options.kubeconfig);
    return await withCluster(options, async ({ client, namespace }) => {
      const selection = source === 'namespaces' ? {} : { namespace };
      const call = { signal: AbortSignal.timeout(WITHIN_MS), retry: false };
      const objects = await client.listMetadata(RESOURCES[source], { ...selection, ...call });
      return objects.map(({ name }) => name);
    });
  } catch {
    return [];
  }
}

const FLAGS: Readonly<Record<string, keyof ClusterOptions>> = {
  '-n': 'namespace',
  '--namespace': 'namespace',
  '--context': 'context',
  '--kubeconfig': 'kubeconfig',
};

/** The options of the cluster in an unfinished command line. Pure. */
export function optionsIn(words: readonly string[]): ClusterOptions {
  const options: Partial<Record<keyof ClusterOptions, string>> = {};
  for (const [index, word] of words.entries()) {
    const [flag = '', inline] = word.split('=', 2);
    const name = FLAGS[flag];
    const value = inline ?? words[index + 1];
    if (name !== undefined && value !== undefined) options[name] = value;
  }
  return options;
}
