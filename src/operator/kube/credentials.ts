import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/** Files on disk (tokens of a pod, certificates) are looked at this often. */
const FRESH_FOR_MS = 10_000;

export interface TlsMaterial {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly pfx?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Credential {
  /** Of every request: the token, an impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Tells one TLS material from another: a connection serves only requests with the same. */
  readonly fingerprint: string;
  /** The agent that goes through the cluster's proxy, where it has one. */
  readonly proxyAgent: Agent | undefined;
}

/** Who we are to the API server, read anew as tokens and certificates rotate. */
export class Credentials {
  readonly #config: KubeConfig;
  #current: Promise<Credential> | undefined;
  #readAt = 0;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /** The API server. */
  get server(): URL {
    const cluster = this.#config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig has no current cluster');
    return new URL(cluster.server);
  }

  /** Throws where a file is missing, or a login program fails. */
  current(): Promise<Credential> {
    const now = performance.now();
    if (!this.#current || now - this.#readAt > FRESH_FOR_MS) {
      const reading = this.#read();
      this.#current = reading;
      this.#readAt = now;
      reading.catch(() => {
        if (this.#current === reading) this.#current = undefined;
      });
    }
    return this.#current;
  }

  /** The next request reads everything anew: the API server has not accepted what we have. */
  invalidate(): void {
    this.#current = undefined;
  }

  async #read(): Promise<Credential> {
    const options: RequestOptions = { headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
    if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
    const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } as TlsMaterial;
    const proxied = Boolean(this.#config.getCurrentCluster()?.proxyUrl);
    return {
      headers,
      tls,
      fingerprint: Object.values(tls).map(String).join('\n'),
      proxyAgent: proxied ? (options.agent as Agent) : undefined,
    };
  }
}
