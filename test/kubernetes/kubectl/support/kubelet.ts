import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { TestClient } from '../../../api-server/client.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import type { Child } from '../../operator/support/child.ts';
import { NODE } from '../../operator/support/pod-object.ts';

/**
 * The part of a kubelet that serves logs of containers: those of processes of this test. The API server connects to it
 * for `pods/NAME/log`.
 */
export class Kubelet {
  readonly #server: Server;
  /** `sinceTime` of each request. */
  readonly asked: string[] = [];

  private constructor(logs: ReadonlyMap<string, Child>) {
    const certificates = join(currentConnection().directory, 'certificates');
    const [key, cert] = ['apiserver.key', 'apiserver.crt'].map((name) => readFileSync(join(certificates, name)));
    this.#server = createServer({ key, cert }, (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'https://kubelet');
      const [, what, , pod = ''] = pathname.split('/');
      const child = logs.get(pod);
      if (what !== 'containerLogs' || child === undefined) {
        response.writeHead(404).end('no such container');
        return;
      }
      this.asked.push(searchParams.get('sinceTime') ?? '');
      response.writeHead(200, { 'content-type': 'text/plain' });
      const follow = searchParams.get('follow') === 'true';
      let sent = 0;
      const send = (): void => {
        for (; sent < child.log.length; sent += 1) response.write(`${JSON.stringify(child.log[sent])}\n`);
        if (!follow) response.end();
      };
      send();
      if (!follow) return;
      const timer = setInterval(send, 20);
      response.on('close', () => clearInterval(timer));
    });
  }

  /** Starts it, and its Node object. @param logs the process of each pod, by the pod's name */
  static async start(api: TestClient, logs: ReadonlyMap<string, Child>): Promise<Kubelet> {
    const kubelet = new Kubelet(logs);
    await new Promise<void>((resolve) => kubelet.#server.listen(0, '127.0.0.1', resolve));
    const address = kubelet.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } });
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: address.port } },
    };
    await api.request('PATCH', `/api/v1/nodes/${NODE}/status`, { status }, 'application/merge-patch+json');
    return kubelet;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
