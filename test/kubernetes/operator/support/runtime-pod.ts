import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { PodObject } from './pod-object.ts';

const HOST_FUNCTIONS = fileURLToPath(new URL('host-functions.ts', import.meta.url));

/** A pod that runs `copepod runtime`, as its template says, with this test as its kubelet. */
export class RuntimePod {
  readonly object: PodObject;
  readonly #journal: string;
  #process: Child | undefined;

  /** @param journal directory in which its scripts leave their traces */
  constructor(object: PodObject, journal: string) {
    this.object = object;
    this.#journal = journal;
  }

  get name(): string {
    return this.object.name;
  }

  get process(): Child {
    if (this.#process === undefined) throw new Error(`pod ${this.name} has not been started`);
    return this.#process;
  }

  /** Starts its container; another life of it, where there was one before. */
  async start(): Promise<this> {
    const { address, uid, container } = this.object;
    const values = container.env.map(({ name, value }) => [name, value ?? uid] as const);
    const args = [...container.args, '--address', address, '--host-functions', HOST_FUNCTIONS];
    const env = { ...Object.fromEntries(values), COPEPOD_TEST_JOURNAL: this.#journal };
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

  /** A number out of its metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://${this.object.address}:8080/metrics`)).text();
    const value = new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`pod ${this.name} has no metric ${name}`);
    return Number(value);
  }

  /** How many outcomes it keeps that nobody has acknowledged. */
  async unacknowledged(): Promise<number> {
    return await this.metric('copepod_runs_unacknowledged');
  }
}
