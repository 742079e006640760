import { existsSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { systemProblem } from '../api/usage-error.ts';
import type { Credential, CredentialSource, TlsMaterial } from './credentials.ts';
import { InCluster } from './in-cluster.ts';

export interface KubeConfigOptions {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, else the pod's service account, else `~/.kube/config`. */
  readonly file?: string | undefined;
  /** Context of the kubeconfig. Defaults to its current one. */
  readonly context?: string | undefined;
}

/** Finds the API server and the credential. Throws an error that says what to set if none is found. */
export async function loadCredentials({ file, context }: KubeConfigOptions = {}): Promise<CredentialSource> {
  if (file === undefined && !process.env.KUBECONFIG && InCluster.isHere()) return new InCluster();
  const config = await readKubeConfig(file);
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map((each) => each.name);
      throw new Error(`the kubeconfig has no context "${context}"; it has ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  return new KubeConfigCredentials(config);
}

/** Names of the contexts of a kubeconfig, or of those that kubectl would read. */
export async function contextNames(file?: string): Promise<string[]> {
  return (await readKubeConfig(file)).getContexts().map(({ name }) => name);
}

async function readKubeConfig(file: string | undefined): Promise<KubeConfig> {
  const config = await emptyKubeConfig();
  const [first, ...others] = file === undefined ? defaultFiles() : [file];
  if (first === undefined) throw new Error(NOT_CONFIGURED);
  load(config, first);
  for (const other of others) {
    const more = await emptyKubeConfig();
    load(more, other);
    config.mergeConfig(more);
  }
  return config;
}

function load(config: KubeConfig, file: string): void {
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new Error(`${file}: ${systemProblem(error)}`, { cause: error });
  }
}

const NOT_CONFIGURED = 'no API server is configured: set KUBECONFIG to a kubeconfig file with a current context';

/** The kubeconfig files that kubectl would read: of those that KUBECONFIG names, the ones that exist. */
function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((name) => name !== '');
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  const found = files.filter((name) => existsSync(name));
  if (found.length === 0 && named.length > 0) throw new Error(`KUBECONFIG is ${named.join(delimiter)}: no such file`);
  return found;
}

/** Parses a kubeconfig (YAML or JSON). */
export async function parseKubeConfig(text: string): Promise<CredentialSource> {
  const config = await emptyKubeConfig();
  config.loadFromString(text);
  return new KubeConfigCredentials(config);
}

/** Loaded on demand: a pod has its service account and needs none. */
async function emptyKubeConfig(): Promise<KubeConfig> {
  const { KubeConfig } = await import('./kubeconfig-library.ts');
  return new KubeConfig();
}

/** Credentials of a kubeconfig: tokens, certificates, exec plugins, a proxy. */
class KubeConfigCredentials implements CredentialSource {
  readonly server: URL;
  readonly namespace: string | undefined;
  readonly #config: KubeConfig;
  readonly #proxied: boolean;

  constructor(config: KubeConfig) {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error(NOT_CONFIGURED);
    this.server = new URL(cluster.server);
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace;
    this.#config = config;
    this.#proxied = Boolean(cluster.proxyUrl);
  }

  async read(): Promise<Credential> {
    const options: RequestOptions = { headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
    if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
    const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } as TlsMaterial;
    // The library caches its agents for ever, even after certificates rotate, so they are used for proxies only.
    return { headers, tls, proxyAgent: this.#proxied ? (options.agent as Agent) : undefined };
  }
}
