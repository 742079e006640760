import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNotFound } from '../../src/kube/api-error.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { Connection } from '../../src/kube/connection.ts';
import { type CredentialSource, Credentials } from '../../src/kube/credentials.ts';
import { readText, refusal } from '../../src/kube/exchange.ts';
import { loadCredentials } from '../../src/kube/kube-config.ts';
import { type RequestCounts, requestKey } from './request-counts.ts';

const READ_WITHIN_MS = 10_000;

/** The measured cluster and its clients. */
export class Target {
  /** Client without impersonation (see `as`): HTTP/2 on one connection, like the operator's. */
  readonly client: KubeClient;
  readonly server: string;
  /** State directory of `make cluster`, if the cluster is that one on this machine. */
  readonly stateDir: string | undefined;
  readonly #source: CredentialSource;
  readonly #texts: Connection;
  readonly #ownRequests = new Map<string, number>();

  private constructor(source: CredentialSource, stateDir: string | undefined) {
    this.#source = source;
    this.server = source.server.origin;
    this.stateDir = stateDir;
    this.client = this.#clientTo(source);
    this.#texts = new Connection(new Credentials(source));
  }

  /** The cluster of `KUBECONFIG`, else that of `make cluster`; never the one of ~/.kube/config. */
  static async connect(): Promise<Target> {
    const ours = makeClusterKubeconfig();
    const file = process.env.KUBECONFIG ? undefined : ours;
    if (!process.env.KUBECONFIG && !file) throw new Error('no cluster: run `make cluster`, or set KUBECONFIG');
    const source = await loadCredentials({ file });
    const isOurs = ours && (await loadCredentials({ file: ours })).server.origin === source.server.origin;
    return new Target(source, isOurs ? dirname(ours) : undefined);
  }

  /**
   * A client with its own connection that impersonates another user: API Priority and Fairness exempts cluster admins.
   */
  as(user: string): KubeClient {
    const source = this.#source;
    return this.#clientTo({
      server: source.server,
      async read() {
        const credential = await source.read();
        return { ...credential, headers: { ...credential.headers, 'impersonate-user': user } };
      },
    });
  }

  /** The API server's audit log, if accessible. */
  get auditLog(): string | undefined {
    const file = this.stateDir && join(this.stateDir, 'logs/audit.log');
    return file && existsSync(file) ? file : undefined;
  }

  /** Requests this program has sent so far. */
  get ownRequests(): RequestCounts {
    return new Map(this.#ownRequests);
  }

  /**
   * GET of plain text: a pod's log, or metrics of the API server or (through its proxy) of a pod. `counted` is its name
   * in the API server's metrics.
   */
  async readText(path: string, counted?: { readonly verb: string; readonly resource: string }): Promise<string> {
    const signal = AbortSignal.timeout(READ_WITHIN_MS);
    const response = await this.#texts.open({ method: 'GET', path, headers: { accept: 'text/plain, */*' }, signal });
    if (counted) this.#count(requestKey(counted.verb, counted.resource, String(response.status)));
    const text = await readText(response, signal);
    if (response.status >= 300) throw refusal(response, text);
    return text;
  }

  /** @throws Error that says what to do if the CRDs are not installed. */
  async requireKinds(): Promise<void> {
    try {
      await this.client.getPath('/apis/copepod.dev/v1alpha1');
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new Error(`${this.server} does not serve ScriptExecutions: run \`make deploy\` first`);
    }
  }

  close(): void {
    this.client.close();
    this.#texts.close();
  }

  #clientTo(source: CredentialSource): KubeClient {
    return KubeClient.to(source, {
      userAgent: 'copepod-bench',
      onRequest: ({ verb, resource, code }) => this.#count(requestKey(verb, resource, code)),
    });
  }

  #count(key: string): void {
    this.#ownRequests.set(key, (this.#ownRequests.get(key) ?? 0) + 1);
  }
}

function makeClusterKubeconfig(): string | undefined {
  const script = fileURLToPath(new URL('../../test/cluster/cluster.sh', import.meta.url));
  try {
    return execFileSync(script, ['kubeconfig'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
