import { randomInt } from 'node:crypto';
import { ApiError, type KubeObject, type TestClient } from '../../../api-server/client.ts';
import { eventually } from '../../../support/until.ts';

export interface ContainerTemplate {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
  readonly spec: { readonly containers: readonly [ContainerTemplate] };
}

/** Two octets of 127.0.0.0/8 for this process: each pod has its own address and the same port. */
const NET = `127.${randomInt(1, 255)}.${randomInt(0, 255)}`;
/** Name of the node that the pods of this process are on: another test may have a kubelet of its own. */
export const NODE = `node-${NET.replaceAll('.', '-')}`;
let addresses = 0;
let names = 0;

/** An unused address. */
export function freeAddress(): string {
  addresses += 1;
  return `${NET}.${addresses}`;
}

/** A Pod object of a runtime, as the Deployment controllers create it and a kubelet updates it. */
export class PodObject {
  readonly name: string;
  readonly address: string;
  readonly container: ContainerTemplate;
  readonly #api: TestClient;
  readonly #path: string;
  #uid = '';
  #restarts = -1;

  private constructor(api: TestClient, { name, path }: { name: string; path: string }, container: ContainerTemplate) {
    this.address = freeAddress();
    this.name = name;
    this.container = container;
    this.#api = api;
    this.#path = path;
  }

  /** Creates a Pod from the template of the Deployment that the operator has applied; waits for it. */
  static async create(api: TestClient, namespace: string, runtime: string): Promise<PodObject> {
    const owner = `copepod-${runtime}`;
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: owner, namespace } };
    const { spec } = await eventually(() => api.get(deployment));
    const { template } = spec as { template: PodTemplate };
    names += 1;
    const name = `${owner}-5d4f7c-${names}`;
    const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${owner}-5d4f7c`, uid: `rs-${owner}` };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const pod = new PodObject(api, { name, path: `${path}/${name}` }, template.spec.containers[0]);
    const { labels, annotations } = template.metadata;
    const ownerReferences = [{ ...replicaSet, controller: true }];
    const { metadata } = await api.request<KubeObject & { metadata: { uid: string } }>('POST', path, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels, annotations, ownerReferences },
      spec: { ...template.spec, nodeName: NODE },
    });
    pod.#uid = metadata.uid;
    return pod;
  }

  get uid(): string {
    return this.#uid;
  }

  /** The kubelet has started its container, for the first time or again. */
  async started(): Promise<void> {
    this.#restarts += 1;
    const { address } = this;
    const container = {
      name: this.container.name,
      image: 'copepod:test',
      imageID: 'copepod:test',
      ready: true,
      started: true,
      restartCount: this.#restarts,
      containerID: `containerd://${this.name}-${this.#restarts}`,
      state: { running: { startedAt: new Date().toISOString() } },
    };
    await this.setStatus({
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      containerStatuses: [container],
    });
  }

  async setStatus(status: object): Promise<void> {
    await this.#api.request('PATCH', `${this.#path}/status`, { status }, 'application/merge-patch+json');
  }

  /** Requests its deletion: it remains until the kubelet has stopped it. */
  async markDeleted(): Promise<void> {
    await this.#api.request('DELETE', this.#path);
  }

  /** Removes the object. */
  async remove(): Promise<void> {
    await this.#api.request('DELETE', `${this.#path}?gracePeriodSeconds=0`).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 404) throw error;
    });
  }
}
