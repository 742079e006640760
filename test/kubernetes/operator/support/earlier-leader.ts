import { createPrivateKey, type webcrypto } from 'node:crypto';
import { PodClient } from '../../../../src/cluster/pods/pod-client.ts';
import { KEY_SECRETS } from '../../../../src/cluster/signing-key.ts';
import type { KubeObject } from '../../../../src/kube/object.ts';
import type { Cluster } from './cluster.ts';
import type { RuntimePod } from './runtime-pod.ts';

type Secret = KubeObject & { readonly data: Readonly<Record<string, string>> };
type Lease = KubeObject & { readonly spec: { readonly leaseTransitions: number } };

/** A former leader that has sent runs to a pod, and neither records nor acknowledges their outcomes. */
export class EarlierLeader {
  readonly #client: PodClient;
  readonly #pod: { readonly podUID: string; readonly bootID: string; readonly address: string };
  readonly #ids: string[] = [];

  private constructor(client: PodClient, pod: { podUID: string; bootID: string; address: string }) {
    this.#client = client;
    this.#pod = pod;
  }

  static async of({ api, ownNamespace }: Cluster, { object }: RuntimePod): Promise<EarlierLeader> {
    const secret = (await api.request(
      'GET',
      `/api/v1/namespaces/${ownNamespace}/secrets/${KEY_SECRETS.operator}`,
    )) as Secret;
    const [encoded = ''] = Object.values(secret.data);
    const jwk = JSON.parse(Buffer.from(encoded, 'base64').toString()) as webcrypto.JsonWebKey;
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${ownNamespace}/leases/copepod-operator`;
    const { spec } = (await api.request('GET', lease)) as unknown as Lease;
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    const client = new PodClient({ privateKey, epoch: spec.leaseTransitions });
    const address = { podUID: object.uid, address: `${object.address}:8080` };
    const { bootID } = await client.stats(address);
    return new EarlierLeader(client, { ...address, bootID });
  }

  /** Runs scripts whose results have this size in total. */
  async fill(bytes: number, bytesEach: number): Promise<void> {
    const body = JSON.stringify({
      source: `'x'.repeat(${bytesEach})`,
      language: 'JavaScript',
      name: 'fill.js',
      params: {},
      context: {
        tenant: { id: 'a', name: 'a' },
        user: { id: '', email: '', permissions: [] },
        execution: { id: 'fill', type: 'one_off', triggeredBy: 'api' },
        requestID: 'fill',
      },
      tenantKey: 'fill/a',
      limits: {},
    });
    for (let held = 0; held < bytes; held += bytesEach) {
      const id = `fill-${this.#ids.length}.1.1`;
      await this.#client.run(this.#pod, id, body);
      this.#ids.push(id);
    }
  }

  async acknowledgeAll(): Promise<void> {
    for (const id of this.#ids) await this.#client.acknowledge(this.#pod, id);
  }

  close(): void {
    this.#client.close();
  }
}
