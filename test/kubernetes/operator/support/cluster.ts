import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { type KubeObject, TestClient } from '../../../api-server/client.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import { ROOT } from '../../../integration/support/cli.ts';
import { makeAccount } from './account.ts';
import { Executions, type Spec } from './executions.ts';
import { Journal } from './journal.ts';
import { type OperatorOptions, OperatorProcess } from './operator-process.ts';
import { PodObject } from './pod-object.ts';
import { RuntimePod, type RuntimePodOptions } from './runtime-pod.ts';

export interface StartOptions extends Partial<Pick<OperatorOptions, 'events' | 'env'>> {
  /** Another address of the API server, for example a proxy. */
  readonly server?: string;
}

/**
 * A namespace of the API server watched by its own operators. The test plays the kubelet and the Deployment
 * controllers. Disposing it stops everything it started.
 */
export class Cluster {
  readonly api: TestClient;
  /** Namespace of the runtimes and executions. */
  readonly namespace: string;
  /** Namespace of the operators: their Lease and key. */
  readonly ownNamespace: string;
  readonly journal: Journal;
  readonly executions: Executions;
  /** User name of the operators at the API server. */
  user = '';
  readonly #operators: OperatorProcess[] = [];
  readonly #pods: RuntimePod[] = [];

  private constructor(api: TestClient, namespace: string, ownNamespace: string) {
    this.api = api;
    this.namespace = namespace;
    this.ownNamespace = ownNamespace;
    this.journal = new Journal();
    this.executions = new Executions(api, namespace, () => this.#tail());
  }

  /** @param connection to an API server; by default the one shared by all tests */
  static async create(connection = currentConnection()): Promise<Cluster> {
    const api = new TestClient(connection);
    for (const file of globSync(join(ROOT, 'crds/*.yaml'))) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        await api.establish(document.toJS() as KubeObject);
      }
    }
    const cluster = new Cluster(api, await api.namespace('scripts'), await api.namespace('copepod-system'));
    const { namespace, ownNamespace } = cluster;
    const kubeconfig = cluster.#kubeconfig;
    cluster.user = await makeAccount(api, { connection, namespace, ownNamespace, kubeconfig });
    return cluster;
  }

  /** Starts an operator; it leads if no other operator does. */
  async startOperator({ events = 'failures', env = {}, server }: StartOptions = {}): Promise<OperatorProcess> {
    const { namespace, ownNamespace } = this;
    const kubeconfig = server === undefined ? this.#kubeconfig : this.#kubeconfigOf(server);
    const operator = await OperatorProcess.start({ kubeconfig, namespace, ownNamespace, events, env });
    this.#operators.push(operator);
    return operator;
  }

  /** Clears the Lease's holder, so that the next operator leads at once after a leader was killed. */
  async forgetLeader(): Promise<void> {
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${this.ownNamespace}/leases/copepod-operator`;
    await this.api.request('PATCH', lease, { spec: { holderIdentity: null } }, 'application/merge-patch+json');
  }

  async makeRuntime(name: string, spec: Spec = {}): Promise<void> {
    await this.api.apply({ ...this.#runtime(name), spec: { replicas: 1, ...spec } });
  }

  async deleteRuntime(name: string): Promise<void> {
    await this.api.request('DELETE', await this.api.pathOf(this.#runtime(name)));
  }

  async getRuntime(name: string): Promise<ScriptRuntime> {
    return (await this.api.get(this.#runtime(name))) as unknown as ScriptRuntime;
  }

  /** Creates a ConfigMap as a source of scripts. */
  async makeSource(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name, namespace: this.namespace, labels: { 'copepod.dev/source': 'true' } };
    await this.api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }

  /** Creates a Pod object of a runtime without a process. */
  async makePodObject(runtime = 'default'): Promise<PodObject> {
    return await PodObject.create(this.api, this.namespace, runtime);
  }

  /** Starts a runtime pod. */
  async startPod(runtime = 'default', options: Omit<RuntimePodOptions, 'journal'> = {}): Promise<RuntimePod> {
    const journal = this.journal.directory;
    const pod = new RuntimePod(await this.makePodObject(runtime), { ...options, journal });
    this.#pods.push(pod);
    return await pod.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#operators.map((each) => each.kill()));
    await Promise.all(this.#pods.map((pod) => pod.close()));
    this.api.close();
    this.journal.remove();
  }

  /** Token of the operators at the API server. */
  get operatorToken(): string {
    const config = JSON.parse(readFileSync(this.#kubeconfig, 'utf8')) as { users: { user: { token: string } }[] };
    return config.users[0]?.user.token ?? '';
  }

  /** Last output of the operators, for failed tests. */
  #tail(): string {
    return this.#operators.map((operator) => operator.tail()).join('\n');
  }

  /** Files for processes of this cluster. */
  get directory(): string {
    return this.journal.directory;
  }

  get #kubeconfig(): string {
    return join(this.journal.directory, 'kubeconfig');
  }

  /** A kubeconfig of the same account for another address. */
  #kubeconfigOf(server: string): string {
    const config = JSON.parse(readFileSync(this.#kubeconfig, 'utf8')) as { clusters: { cluster: object }[] };
    for (const each of config.clusters) each.cluster = { server, 'insecure-skip-tls-verify': true };
    const file = join(this.journal.directory, `kubeconfig-${new URL(server).port}`);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  #runtime(name: string): KubeObject {
    const { namespace } = this;
    return { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptRuntime', metadata: { name, namespace } };
  }
}
