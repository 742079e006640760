import { request } from 'node:http';
import { beforeAll } from '@jest/globals';
import { kubectl, kubectlJson } from './kubectl.ts';
import type { Namespace } from './namespace.ts';

const SYSTEM = ['--namespace', 'copepod-system'];
/** The files with a gateway use the same one: it stays until `tear-down.ts` removes it. */
const MANIFESTS = 'deploy/gateway';

export interface GatewayRequest {
  readonly method?: string;
  /** Sent as they are: `host` too. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GatewayAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The gateway of this checkout on the cluster. Another file may restart its pods at any time. */
export function useGateway(): Gateway {
  const gateway = new Gateway();
  beforeAll(() => gateway.install(), 300_000);
  return gateway;
}

export class Gateway {
  #host = '';

  /** Applies deploy/gateway with the image of the operator that runs, and waits until its pods are ready. */
  async install(): Promise<void> {
    const path = 'jsonpath={.spec.template.spec.containers[0].image}';
    const image = await kubectl([...SYSTEM, 'get', 'deployment', 'copepod-operator', '--output', path]);
    const manifests = await kubectl(['kustomize', MANIFESTS]);
    await kubectl(['apply', '--server-side', '--filename', '-'], {
      input: manifests.replace('localhost/copepod:dev', image),
    });
    await this.rolledOut();
    const { spec } = await kubectlJson<{ spec: { clusterIP: string } }>([
      ...SYSTEM,
      'get',
      'service',
      'copepod-gateway',
    ]);
    this.#host = spec.clusterIP;
  }

  async restart(): Promise<void> {
    await kubectl([...SYSTEM, 'rollout', 'restart', 'deployment/copepod-gateway']);
    await this.rolledOut();
  }

  /** Waits until all pods have the latest template and are ready. */
  async rolledOut(): Promise<void> {
    await kubectl([...SYSTEM, 'rollout', 'status', 'deployment/copepod-gateway', '--timeout=180s']);
  }

  /** The URL of a path of the Service. */
  url(path: string): URL {
    return new URL(path, `http://${this.#host}`);
  }

  /** Sends a request through the Service, on a connection of its own. */
  ask(path: string, { method = 'GET', headers = {}, body = '' }: GatewayRequest = {}): Promise<GatewayAnswer> {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { host: this.#host, port: 80, path, method, headers: { ...headers, ...length }, agent: false };
    return new Promise((resolve, reject) => {
      const asking = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        const { headers: answered } = answer;
        answer.on('error', reject);
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, headers: answered, text }));
      });
      asking.on('error', reject).end(body);
    });
  }
}

/** A token of a new service account that has ClusterRole `copepod-edit` in its namespace, or no rights at all. */
export async function accountToken(namespace: Namespace, name: string, mayExecute: boolean): Promise<string> {
  return await tokenWithRoles(namespace, name, mayExecute ? ['copepod-edit'] : []);
}

/** A token of a new service account that has these ClusterRoles in its namespace. */
export async function tokenWithRoles(namespace: Namespace, name: string, roles: readonly string[]): Promise<string> {
  await namespace.kubectl('create', 'serviceaccount', name);
  const subject = `--serviceaccount=${namespace.name}:${name}`;
  for (const role of roles)
    await namespace.kubectl('create', 'rolebinding', `${name}-${role}`, `--clusterrole=${role}`, subject);
  return (await namespace.kubectl('create', 'token', name)).trim();
}
