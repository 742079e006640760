import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';

export type { KubeConfig };

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface KubeConfigOptions {
  /** A kubeconfig file. Where left out: `KUBECONFIG`, else the pod's service account, else `~/.kube/config`. */
  readonly file?: string | undefined;
  /** Of the kubeconfig; its current one where left out. */
  readonly context?: string | undefined;
}

/** Finds out how to reach the API server, and as whom. Throws a sentence that says what to do where nothing is found. */
export function loadKubeConfig({ file, context }: KubeConfigOptions = {}): KubeConfig {
  const config = new KubeConfig();
  const inPod = Boolean(process.env.KUBERNETES_SERVICE_HOST) && existsSync(SERVICE_ACCOUNT_TOKEN);
  if (file !== undefined) config.loadFromFile(file);
  else if (inPod && !process.env.KUBECONFIG) config.loadFromCluster();
  else config.loadFromDefault();
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map((each) => each.name);
      throw new Error(`the kubeconfig has no context "${context}"; it has ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  if (!config.getCurrentCluster()) {
    throw new Error('no cluster to talk to: set KUBECONFIG to a kubeconfig file with a current context');
  }
  return config;
}

/** Reads a kubeconfig's text (YAML or JSON). */
export function parseKubeConfig(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}
