import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeClient } from '../../../src/kube/client.ts';
import { loadCredentials } from '../../../src/kube/kube-config.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { LEASES, type Lease } from '../../../src/kube/resources.ts';
import { type PodProcess, podProcesses } from './pod-processes.ts';

/** Address of the node, reachable from its pods (address in test/cluster/lib/settings.sh). */
export const NODE_ADDRESS = '10.250.0.1';
export const OPERATOR = { namespace: 'copepod-system', name: 'copepod-operator' };
export const OPERATOR_PODS = {
  namespace: OPERATOR.namespace,
  labelSelector: 'app.kubernetes.io/component=operator',
};

const CLUSTER = fileURLToPath(new URL('../../cluster/cluster.sh', import.meta.url));

/** The cluster of `make cluster` on this machine: its API and its processes. */
export class ChaosCluster {
  readonly client: KubeClient;
  /** Folder of the cluster's logs: one folder per pod, and the logs of its own processes. */
  readonly podLogs: string;
  readonly logs: string;
  readonly #over = new AbortController();
  #holder: string | undefined;
  #heldSince = 0;

  private constructor(client: KubeClient, state: string) {
    this.client = client;
    this.podLogs = join(state, 'pod-logs');
    this.logs = join(state, 'logs');
  }

  /** Throws if it is not up, or is another kind of cluster. */
  static async connect(): Promise<ChaosCluster> {
    const file = execFileSync(CLUSTER, ['kubeconfig'], { encoding: 'utf8' }).trim();
    const credentials = await loadCredentials({ file });
    if (credentials.server.hostname !== NODE_ADDRESS) {
      throw new Error(`${credentials.server.origin} is not the cluster of \`make cluster\` on this machine`);
    }
    const client = KubeClient.to(credentials, { userAgent: 'copepod-chaos' });
    const cluster = new ChaosCluster(client, dirname(file));
    cluster.#followLease();
    return cluster;
  }

  /** Name of the pod that holds the lease, as last observed; undefined: none. */
  get leader(): string | undefined {
    // An identity starts with the host name, which is the pod's name.
    return this.#holder?.split('_')[0] || undefined;
  }

  /** When this holder was first observed, in milliseconds since the epoch. */
  get heldSince(): number {
    return this.#heldSince;
  }

  /** The product's processes in a namespace's pods. */
  processes(namespace: string, role: PodProcess['role']): PodProcess[] {
    return podProcesses(this.podLogs).filter((each) => each.namespace === namespace && each.role === role);
  }

  close(): void {
    this.#over.abort();
    this.client.close();
  }

  #followLease(): void {
    const sees = ({ metadata, spec }: Lease): void => {
      if (metadata.name !== OPERATOR.name || spec?.holderIdentity === this.#holder) return;
      this.#holder = spec?.holderIdentity;
      this.#heldSince = Date.now();
    };
    const reflector = new Reflector<Lease>(
      {
        client: this.client,
        resource: LEASES,
        transform: (lease) => lease,
        namespace: OPERATOR.namespace,
        backoff: { baseMs: 200, maxMs: 1000 },
      },
      { replaced: (leases) => leases.forEach(sees), changed: sees, deleted: () => {} },
    );
    void reflector.run(this.#over.signal);
  }
}
