import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credential, CredentialSource } from './credentials.ts';

/** Mount path of a pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The service account of the pod this process runs in. The token is read again regularly: the kubelet rotates it. */
export class InCluster implements CredentialSource {
  readonly server: URL;
  readonly namespace: string | undefined;
  readonly #directory: string;

  /** Throws if the environment does not name the API server. */
  constructor({
    env = process.env,
    directory = SERVICE_ACCOUNT,
  }: { env?: NodeJS.ProcessEnv; directory?: string } = {}) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
    if (!host) throw new Error('not in a pod: KUBERNETES_SERVICE_HOST is not set');
    this.server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
    this.#directory = directory;
    const namespace = join(directory, 'namespace');
    this.namespace = existsSync(namespace) ? readFileSync(namespace, 'utf8').trim() : undefined;
  }

  /** Whether this process runs in a pod with a service account token. */
  static isHere(): boolean {
    return Boolean(process.env.KUBERNETES_SERVICE_HOST) && existsSync(join(SERVICE_ACCOUNT, 'token'));
  }

  async read(): Promise<Credential> {
    const [token, ca] = await Promise.all(
      ['token', 'ca.crt'].map((file) => readFile(join(this.#directory, file), 'utf8')),
    );
    return { headers: { authorization: `Bearer ${token?.trim()}` }, tls: { ca } };
  }
}
