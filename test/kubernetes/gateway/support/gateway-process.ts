import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import type { KubeObject, TestClient } from '../../../api-server/client.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import { ROOT } from '../../../integration/support/cli.ts';
import { Child } from '../../operator/support/child.ts';
import type { Cluster } from '../../operator/support/cluster.ts';
import { Metrics } from '../../operator/support/metrics.ts';
import { freeAddress } from '../../operator/support/pod-object.ts';
import { awaitAccess, serviceAccount } from '../../support/access.ts';

const NAME = 'copepod-gateway';
const LABELS = { 'app.kubernetes.io/name': 'copepod', 'app.kubernetes.io/component': 'gateway' };

/** An answer of a gateway. */
export interface GatewayAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** A status of an execution, or a Kubernetes Status. */
  readonly body: ScriptExecutionStatus & {
    readonly kind?: string;
    readonly reason?: string;
    readonly message?: string;
  };
}

export interface Sent {
  readonly runtime?: string;
  readonly namespace?: string;
  readonly token?: string | undefined;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** `copepod gateway` as a process, with the rights of deploy/gateway, and its Pod object. */
export class GatewayProcess extends Child {
  readonly address: string;
  readonly podName: string;
  readonly #cluster: Cluster;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(
    cluster: Cluster,
    place: { address: string; podName: string; uid: string; kubeconfig: string },
    token: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const { address, podName, uid, kubeconfig } = place;
    const what = ['--kubeconfig', kubeconfig, '--namespaces', cluster.namespace, '--address', address];
    super('the gateway', ['gateway', ...what, '--drain-delay', '0', ...args], {
      POD_NAMESPACE: cluster.ownNamespace,
      POD_UID: uid,
      ...env,
    });
    this.address = address;
    this.podName = podName;
    this.#cluster = cluster;
    this.#token = token;
  }

  /** Starts a gateway and waits until it serves. Its clients use a token of a user that may execute. */
  static async start(
    cluster: Cluster,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<GatewayProcess> {
    const kubeconfig = await account(cluster);
    const token = await userToken(cluster, 'executor', { mayExecute: true });
    const address = freeAddress();
    const podName = `copepod-gateway-${randomBytes(4).toString('hex')}`;
    const uid = await gatewayPod(cluster, podName, address);
    const gateway = new GatewayProcess(cluster, { address, podName, uid, kubeconfig }, token, args, env);
    await gateway.logged('listening');
    return gateway;
  }

  /** Sends a spec to be executed. */
  async execute(
    spec: unknown,
    { runtime = 'default', namespace = this.#cluster.namespace, ...sent }: Sent = {},
  ): Promise<GatewayAnswer> {
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes/${runtime}/execute${sent.query ?? ''}`;
    return await this.request('POST', path, typeof spec === 'string' ? spec : JSON.stringify(spec), sent);
  }

  async request(
    method: string,
    path: string,
    body: string | undefined,
    { token = this.#token, headers = {}, signal }: Sent = {},
  ): Promise<GatewayAnswer> {
    const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return await new Promise((resolve, reject) => {
      const options = {
        method,
        host: this.address,
        port: 8080,
        path,
        agent: this.#agent,
        ...(signal ? { signal } : {}),
      };
      const asking = request({ ...options, headers: { ...type, ...authorization, ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('error', reject).on('end', () => {
          resolve({ code: answer.statusCode ?? 0, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) });
        });
      });
      asking.on('error', reject).end(body);
    });
  }

  /** Sends a request for a host without a body or a token. */
  async text(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ code: number; text: string }> {
    return await new Promise((resolve, reject) => {
      const options = { method, host: this.address, port: 8080, path, headers, agent: this.#agent };
      const asking = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('error', reject).on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
      });
      asking.on('error', reject).end();
    });
  }

  async metrics(): Promise<Metrics> {
    return await Metrics.of(`${this.address}:8081`);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.kill();
  }
}

/** Reason of the condition Succeeded. */
export function outcomeOf({ body }: GatewayAnswer): string | undefined {
  return body.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
}

/** A token of a service account of the cluster's namespace, which may create ScriptExecutions there or not. */
export async function userToken(
  { api, namespace }: Cluster,
  name: string,
  {
    mayExecute,
    audiences,
    expirationSeconds,
  }: { mayExecute: boolean; audiences?: readonly string[]; expirationSeconds?: number },
): Promise<string> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  await api.apply(account);
  if (mayExecute) {
    const rules = [{ apiGroups: ['copepod.dev'], resources: ['scriptexecutions'], verbs: ['create'] }];
    await api.apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace }, rules });
    await api.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
    await awaitAccess({ 'scriptexecutions.copepod.dev': 'create' }, api, serviceAccount(namespace, name), {
      namespace,
    });
  }
  return await tokenOf(api, account, { audiences, expirationSeconds });
}

async function tokenOf(api: TestClient, account: KubeObject, spec: object): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const { status } = await api.request<{ status: { token: string } }>(
    'POST',
    `${await api.pathOf(account)}/token`,
    body,
  );
  return status.token;
}

/** Creates the gateways' account with the rules of deploy/gateway, and a kubeconfig. */
async function account({ api, namespace, ownNamespace, directory }: Cluster): Promise<string> {
  const metadata = { name: NAME, namespace: ownNamespace };
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  for (const file of ['own-role', 'role']) {
    const text = readFileSync(join(ROOT, `deploy/gateway/${file}.yaml`), 'utf8').replaceAll(
      'copepod-system',
      ownNamespace,
    );
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as KubeObject & { roleRef?: { name: string } };
      if (object.metadata.namespace === undefined) {
        // Cluster-scoped: each test has its own.
        object.metadata.name = `${NAME}-${ownNamespace}`;
        if (object.roleRef) object.roleRef.name = object.metadata.name;
      }
      await api.apply(object);
    }
  }
  const subject = serviceAccount(ownNamespace, NAME);
  await awaitAccess({ 'tokenreviews.authentication.k8s.io': 'create' }, api, subject, { namespace: '' });
  await awaitAccess({ 'scriptruntimes.copepod.dev': 'list' }, api, subject, { namespace });
  await awaitAccess({ secrets: 'get' }, api, subject, { namespace: ownNamespace, name: 'copepod-gateway-key' });
  const token = await tokenOf(api, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }, {});
  const config = JSON.parse(readFileSync(join(currentConnection().directory, 'kubeconfig'), 'utf8')) as {
    users: { user: object }[];
  };
  for (const each of config.users) each.user = { token };
  const file = join(directory, 'gateway-kubeconfig');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The Pod object of a gateway. @returns its uid */
async function gatewayPod({ api, ownNamespace }: Cluster, name: string, address: string): Promise<string> {
  const path = `/api/v1/namespaces/${ownNamespace}/pods`;
  const { metadata } = await api.request('POST', path, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: LABELS },
    spec: { nodeName: 'node-of-the-test', containers: [{ name: 'gateway', image: 'copepod:test' }] },
  });
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
  await api.request('PATCH', `${path}/${name}/status`, { status }, 'application/merge-patch+json');
  return metadata.uid ?? '';
}
