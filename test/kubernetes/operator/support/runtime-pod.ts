import { fileURLToPath } from 'node:url';
import { startTcpProxy, type TcpProxy } from '../../kube/support/tcp-proxy.ts';
import { Child } from './child.ts';
import { Metrics } from './metrics.ts';
import { freeAddress, type PodObject } from './pod-object.ts';

const HOST_FUNCTIONS = fileURLToPath(new URL('host-functions.ts', import.meta.url));

export interface RuntimePodOptions {
  /** Directory of the journal of its scripts. */
  readonly journal: string;
  /** The operator reaches it through a proxy that can be cut; other clients reach it directly. */
  readonly isWired?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A pod that runs `copepod runtime` according to its template, with the test as its kubelet. */
export class RuntimePod {
  readonly object: PodObject;
  readonly #options: RuntimePodOptions;
  /** Address the process listens on. */
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

  /** The operator's proxy to it. Throws without one. */
  get wire(): TcpProxy {
    if (this.#wire === undefined) throw new Error(`pod ${this.name} is reached straight`);
    return this.#wire;
  }

  /** Starts its container, for the first time or again. */
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

  /** Kills its process and starts it again: the same Pod with another boot. */
  async restart(): Promise<void> {
    await this.process.kill();
    await this.start();
  }

  /** Its node is lost, and its object is removed. */
  async vanish(): Promise<void> {
    await this.process.kill();
    await this.object.remove();
  }

  /** Deletes it like `kubectl delete`; resolves with the exit code when it has exited and is removed. */
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

  /** Number of unacknowledged outcomes. */
  async unacknowledged(): Promise<number> {
    return (await this.metrics()).sum('copepod_runs_unacknowledged');
  }
}
