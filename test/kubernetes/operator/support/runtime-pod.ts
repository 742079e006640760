import { fileURLToPath } from 'node:url';
import { startTcpProxy, type TcpProxy } from '../../kube/support/tcp-proxy.ts';
import { Child } from './child.ts';
import { Metrics } from './metrics.ts';
import { freeAddress, type PodObject } from './pod-object.ts';

const HOST_FUNCTIONS = fileURLToPath(new URL('host-functions.ts', import.meta.url));

export interface RuntimePodOptions {
  /** Directory in which its scripts leave their traces. */
  readonly journal: string;
  /** The operator reaches it over a wire that can be cut, while everybody else reaches it straight. */
  readonly isWired?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A pod that runs `copepod runtime`, as its template says, with this test as its kubelet. */
export class RuntimePod {
  readonly object: PodObject;
  readonly #options: RuntimePodOptions;
  /** Where the process listens. */
  readonly #address: string;
  #process: Child | undefined;
  #wire: TcpProxy | undefined;

  constructor(object: PodObject, options: RuntimePodOptions) {
    this.object = object;
    this.#options = options;
    this.#address = options.isWired ? freeAddress() : object.address;
  }

  get name(): string {
    return this.object.name;
  }

  get process(): Child {
    if (this.#process === undefined) throw new Error(`pod ${this.name} has not been started`);
    return this.#process;
  }

  /** The operator's way to it. Throws where it has none of its own. */
  get wire(): TcpProxy {
    if (this.#wire === undefined) throw new Error(`pod ${this.name} is reached straight`);
    return this.#wire;
  }

  /** Starts its container; another life of it, where there was one before. */
  async start(): Promise<this> {
    const { address, uid, container } = this.object;
    const { journal, isWired = false, env: more } = this.#options;
    if (isWired) this.#wire ??= await startTcpProxy(8080, { target: this.#address, host: address, port: 8080 });
    const values = container.env.map(({ name, value }) => [name, value ?? uid] as const);
    const args = [...container.args, '--address', this.#address, '--host-functions', HOST_FUNCTIONS];
    const env = { ...Object.fromEntries(values), COPEPOD_TEST_JOURNAL: journal, ...more };
    this.#process = new Child(`pod ${this.name}`, args, env);
    await this.#process.logged('listening');
    await this.object.started();
    return this;
  }

  /** Its process is killed and started again: the same Pod, another life. */
  async restart(): Promise<void> {
    await this.process.kill();
    await this.start();
  }

  /** Its node is gone, and its object has been removed. */
  async vanish(): Promise<void> {
    await this.process.kill();
    await this.object.remove();
  }

  /** It is deleted as `kubectl delete` does it; resolves when it has ended and is gone. Gives the exit code. */
  async terminate(): Promise<number | null> {
    await this.object.markDeleted();
    const code = await this.process.end();
    await this.object.remove();
    return code;
  }

  async close(): Promise<void> {
    await this.#process?.kill();
    await this.#wire?.close();
  }

  async metrics(): Promise<Metrics> {
    return await Metrics.of(`${this.#address}:8080`);
  }

  /** How many outcomes it keeps that nobody has acknowledged. */
  async unacknowledged(): Promise<number> {
    return (await this.metrics()).sum('copepod_runs_unacknowledged');
  }
}
