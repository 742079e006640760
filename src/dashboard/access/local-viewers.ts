import type { IncomingMessage } from 'node:http';
import type { KubeClient } from '../../kube/client.ts';
import type { Viewer, Viewers } from '../viewer.ts';
import type { LocalAccess } from './local-access.ts';

/** The user of this machine's kubeconfig is the one viewer. */
export class LocalViewers implements Viewers {
  readonly #client: KubeClient;
  readonly #access: LocalAccess;

  constructor(client: KubeClient, access: LocalAccess) {
    this.#client = client;
    this.#access = access;
  }

  async of({ headers }: IncomingMessage): Promise<Viewer> {
    this.#access.check(headers);
    return { client: this.#client, [Symbol.dispose]: () => {} };
  }

  close(): void {
    this.#client.close();
  }
}
