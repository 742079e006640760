import { UsageError } from '../../api/usage-error.ts';
import { KubeClient } from '../../kube/client.ts';
import { loadCredentials } from '../../kube/kube-config.ts';
import { packageVersion } from '../package-version.ts';
import { clusterError, type Target } from './cluster-error.ts';

/** Options that every command of the plugin has, named as kubectl's. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** A cluster, and the namespace that a command is about. */
export interface Cluster extends Target {
  readonly client: KubeClient;
}

/**
 * Connects to the cluster of the options, and closes the connection when the action has ended.
 *
 * @throws UsageError without a usable kubeconfig; ClusterError for what the cluster refuses or does not answer
 */
export async function withCluster<T>(options: ClusterOptions, action: (cluster: Cluster) => Promise<T>): Promise<T> {
  const source = await readCredentials(options);
  const client = KubeClient.to(source, { userAgent: `kubectl-copepod/${packageVersion()}` });
  const namespace = options.namespace ?? source.namespace ?? 'default';
  const target = { host: source.server.host, namespace };
  try {
    return await action({ client, ...target });
  } catch (error) {
    throw clusterError(error, target);
  } finally {
    client.close();
  }
}

/** Finds the cluster of the options. @throws UsageError without a usable kubeconfig */
export async function readCredentials({ kubeconfig, context }: ClusterOptions): ReturnType<typeof loadCredentials> {
  try {
    return await loadCredentials({ file: kubeconfig, context });
  } catch (error) {
    throw new UsageError((error as Error).message, 'or name a file with --kubeconfig');
  }
}
