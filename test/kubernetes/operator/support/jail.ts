import type { ClientRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { expect } from '@jest/globals';
import type { KubeObject } from '../../../api-server/client.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import { eventually } from '../../../support/until.ts';
import type { Cluster } from './cluster.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

/**
 * An adverse API Priority and Fairness configuration: all requests of the operators for our kinds share one seat, which
 * is occupied. The API server refuses them with 429 and Retry-After.
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
    const level = await cluster.api.apply(levelOf(cluster));
    const flows = await cluster.api.apply(flowsOf(cluster));
    await eventually(async () => expect(await flowsOfAnswer(cluster)).toBe(flows.metadata.uid));
    return new Jail(cluster, [level, flows], await eventually(() => takeSeat(cluster)));
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

const pathOf = ({ namespace }: Cluster): string => `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes`;

const asked = (cluster: Cluster, path: string, options: RequestOptions): ClientRequest => {
  const { url, certificateAuthority: ca } = currentConnection();
  const headers = { ...options.headers, authorization: `Bearer ${cluster.operatorToken}` };
  return request(new URL(path, url), { ...options, headers, ca, agent: false });
};

/** The FlowSchema that applies to a request of the operator: a new one takes a moment to take effect. */
const flowsOfAnswer = (cluster: Cluster): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const get = asked(cluster, pathOf(cluster), {});
    get.once('response', (answer) => {
      answer.resume().on('end', () => resolve(answer.headers['x-kubernetes-pf-flowschema-uid']?.toString()));
    });
    get.on('error', reject).end();
  });

/**
 * A write whose body never arrives occupies its seat. It gets the seat once its handler reads the body, and is refused
 * while a request of the operator has it.
 */
const takeSeat = (cluster: Cluster): Promise<ClientRequest> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': 1000, expect: '100-continue' };
    const write = asked(cluster, `${pathOf(cluster)}/nobody/status`, { method: 'PUT', headers });
    write.once('continue', () => resolve(write));
    write.once('response', ({ statusCode }) => {
      write.destroy();
      reject(new Error(`the seat is not available: ${statusCode}`));
    });
    write.on('error', reject).flushHeaders();
  });
