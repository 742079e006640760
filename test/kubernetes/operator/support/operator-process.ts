import { createServer } from 'node:net';
import { Child } from './child.ts';
import { Metrics } from './metrics.ts';

export interface OperatorOptions {
  readonly kubeconfig: string;
  readonly ownNamespace: string;
  readonly namespace: string;
  /** Which Events it writes. */
  readonly events: 'none' | 'failures' | 'all';
  readonly env?: Readonly<Record<string, string>>;
}

/** `copepod operator` as a process. */
export class OperatorProcess extends Child {
  readonly port: number;

  private constructor(port: number, { kubeconfig, ownNamespace, namespace, events, env }: OperatorOptions) {
    const what = ['--kubeconfig', kubeconfig, '--namespaces', namespace, '--runtime-image', 'copepod:test'];
    super('the operator', ['operator', ...what, '--port', String(port), '--events', events], {
      POD_NAMESPACE: ownNamespace,
      POD_NAME: '',
      ...env,
    });
    this.port = port;
  }

  /** Starts an operator and waits until its caches are synced. */
  static async start(options: OperatorOptions): Promise<OperatorProcess> {
    const operator = new OperatorProcess(await freePort(), options);
    await operator.logged('caches synced');
    return operator;
  }

  /** Waits until it leads, up to half a minute: another Lease may have to expire first. */
  async leads(): Promise<this> {
    await this.logged('became leader', 30_000);
    return this;
  }

  async metrics(): Promise<Metrics> {
    return await Metrics.of(`127.0.0.1:${this.port}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
