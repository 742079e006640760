import { Informer } from '../../src/kube/informer.ts';
import { DEPLOYMENTS, type Deployment, PODS, type Pod } from '../../src/kube/resources.ts';
import type { Target } from '../cluster/target.ts';

const LIST_WITHIN_MS = 30_000;

/** The pods of the only runtime in a namespace, by watches. Disposing it ends them. */
export class Replicas {
  readonly #deployments: Informer<Deployment>;
  readonly #pods: Informer<Pod>;
  readonly #over = new AbortController();

  private constructor({ client }: Target, namespace: string) {
    this.#deployments = new Informer({
      client,
      resource: DEPLOYMENTS,
      transform: (object: Deployment) => object,
      namespaces: [namespace],
    });
    this.#pods = new Informer({ client, resource: PODS, transform: (object: Pod) => object, namespaces: [namespace] });
  }

  /** Resolves once the watches are established. */
  static async start(target: Target, namespace: string, signal: AbortSignal): Promise<Replicas> {
    const replicas = new Replicas(target, namespace);
    const over = AbortSignal.any([signal, replicas.#over.signal]);
    for (const informer of [replicas.#deployments, replicas.#pods]) {
      void informer.run(over);
      await informer.whenSynced(AbortSignal.any([over, AbortSignal.timeout(LIST_WITHIN_MS)]));
    }
    return replicas;
  }

  /** Desired replicas of the Deployment, existing pods, and ready pods. */
  now(): { wanted: number; pods: number; ready: number } {
    const [deployment] = this.#deployments.store.values();
    const pods = [...this.#pods.store.values()];
    const isReady = ({ status }: Pod): boolean =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
    return { wanted: deployment?.spec?.replicas ?? 0, pods: pods.length, ready: pods.filter(isReady).length };
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }
}
