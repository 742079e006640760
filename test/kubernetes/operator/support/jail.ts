import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../api-server/client.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import type { Cluster } from './cluster.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

/**
 * Priority and Fairness as an administrator sets it against a client: all that the operators ask of our own kinds shares one
 * seat, and the seat is taken. The API server refuses it with 429 and Retry-After.
 */
export class Jail {
  readonly #cluster: Cluster;
  readonly #objects: readonly KubeObject[];
  readonly #inSeat: ClientRequest;

  private constructor(cluster: Cluster, objects: readonly KubeObject[], inSeat: ClientRequest) {
    this.#cluster = cluster;
    this.#objects = objects;
    this.#inSeat = inSeat;
  }

  static async around(cluster: Cluster): Promise<Jail> {
    const objects = [levelOf(cluster), flowsOf(cluster)];
    for (const object of objects) await cluster.api.apply(object);
    const inSeat = await takeSeat(cluster);
    return new Jail(cluster, objects, inSeat);
  }

  async open(): Promise<void> {
    const { api } = this.#cluster;
    for (const object of this.#objects) await api.request('DELETE', await api.pathOf(object));
    this.#inSeat.destroy();
  }
}

function levelOf({ namespace: name }: Cluster): KubeObject {
  const seats = { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0 };
  const limited = { ...seats, limitResponse: { type: 'Reject' } };
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: { name }, spec: { type: 'Limited', limited } };
}

function flowsOf({ namespace: name, ownNamespace }: Cluster): KubeObject {
  const serviceAccount = { namespace: ownNamespace, name: 'copepod-operator' };
  const rule = {
    subjects: [{ kind: 'ServiceAccount', serviceAccount }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['copepod.dev'], resources: ['*'], namespaces: ['*'] }],
  };
  const spec = { priorityLevelConfiguration: { name }, matchingPrecedence: 10, rules: [rule] };
  return { apiVersion, kind: 'FlowSchema', metadata: { name }, spec };
}

/** A write whose body does not come: so long it has its seat. Waits until nobody else gets one. */
async function takeSeat({ namespace, operatorToken }: Cluster): Promise<ClientRequest> {
  const { url, certificateAuthority: ca } = currentConnection();
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes`;
  const authorization = `Bearer ${operatorToken}`;
  const headers = { authorization, 'content-type': 'application/json', 'content-length': 1000 };
  const taken = request(new URL(`${path}/nobody/status`, url), { method: 'PUT', headers, ca, agent: false });
  taken.on('error', () => {}).flushHeaders();
  const ask = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const get = request(new URL(path, url), { headers: { authorization }, ca, agent: false }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      get.on('error', reject).end();
    });
  for (let tries = 0; (await ask()) !== 429; tries += 1) {
    if (tries > 100) throw new Error('the API server does not throttle');
    await sleep(50);
  }
  return taken;
}
