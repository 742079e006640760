import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { costValue, marking, unmarking } from '../../cluster/pods/deletion-cost.ts';
import type { KnownPod } from '../../cluster/pods/known-pod.ts';
import { TEMPLATE_ANNOTATION } from '../../cluster/pods/pod-template.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Deployment } from '../../kube/resources.ts';
import { PODS } from '../../kube/resources.ts';
import type { Store } from '../../kube/store.ts';
import { childName } from './children.ts';
import { departures, type PresentPod } from './leaving-pods.ts';
import { PODS_BY_RUNTIME } from './pods-by-runtime.ts';

export interface ScaleDownParts {
  readonly client: KubeClient;
  readonly pods: Store<KnownPod>;
  readonly deployments: Store<Deployment>;
  /** Whether a pod reports that it accepts runs, withheld or not. */
  readonly isServing: (podUID: string) => boolean;
  /** Executions that have a slot on a pod. */
  readonly runsOn: (podUID: string) => number;
  /** Sets whether a pod gets new runs. */
  readonly withhold: (podUID: string, isWithheld: boolean) => void;
  /** Called if a mark could not be set or removed; it is retried. */
  readonly onError: (error: unknown, pod: string) => void;
}

interface Leaving {
  /** Time of its selection, by the monotonic clock. */
  readonly since: number;
  /** The mark is written; the watch will deliver it. */
  isMarked: boolean;
}

interface Change {
  readonly pod: KnownPod;
  readonly annotations: object;
  /** Its state if it is to be marked. */
  readonly leaving: Leaving | undefined;
}

/** Marks written in parallel. */
const PARALLEL = 8;
const TRY_AGAIN_MS = 1000;

/** Selects the pods with the least work for removal, and gives them time to finish. */
export class ScaleDown {
  readonly #parts: ScaleDownParts;
  /** Pods selected for removal, by runtime. */
  readonly #leaving = new Map<string, ReadonlyMap<string, Leaving>>();

  constructor(parts: ScaleDownParts) {
    this.#parts = parts;
  }

  /**
   * Returns the current number of replicas for the Deployment of a runtime, and the delay until the result changes by
   * time alone. The caller is notified of finished and idle pods separately.
   * @param key of the runtime
   * @param wanted desired number of pods
   */
  async step(key: string, runtime: KnownRuntime, wanted: number): Promise<{ replicas: number; lookAgainMs?: number }> {
    const { name, namespace } = runtime.metadata;
    const spec = this.#parts.deployments.get({ namespace, name: childName(name) })?.spec;
    const pods = [...this.#parts.pods.by(PODS_BY_RUNTIME, key)].filter(
      ({ isTerminal, metadata }) => !isTerminal && metadata.deletionTimestamp === undefined,
    );
    const before = this.#leaving.get(key) ?? new Map<string, Leaving>();
    const now = performance.now();
    const template = spec?.template.metadata?.annotations?.[TEMPLATE_ANNOTATION];
    const present = pods.map((pod): PresentPod => {
      const uid = pod.metadata.uid ?? '';
      const since = before.get(uid)?.since;
      return {
        uid,
        standing: pod.standing,
        cost: costValue(pod.deletionCost),
        isMarked: pod.deletionCost.isMarked,
        isServing: this.#parts.isServing(uid),
        isOutdated: pod.template !== template,
        runs: this.#parts.runsOn(uid),
        createdMs: Date.parse(pod.metadata.creationTimestamp ?? ''),
        leavingForMs: since === undefined ? undefined : now - since,
      };
    });
    const { replicas, leaving, mark, unmark, lookAgainMs } = departures(wanted, spec?.replicas, present);
    const after = new Map(leaving.map((uid) => [uid, before.get(uid) ?? { since: now, isMarked: false }]));
    if (after.size === 0) this.#leaving.delete(key);
    else this.#leaving.set(key, after);
    // Before the first await: a pod that was idle must still be idle when it is marked.
    for (const uid of before.keys()) if (!after.has(uid)) this.#parts.withhold(uid, false);
    for (const uid of after.keys()) this.#parts.withhold(uid, true);
    const toMark = new Set(mark.filter((uid) => !after.get(uid)?.isMarked));
    const toUnmark = new Set(unmark);
    const changes = pods.flatMap((pod): Change[] => {
      const uid = pod.metadata.uid ?? '';
      if (toMark.has(uid)) return [{ pod, annotations: marking(pod.deletionCost), leaving: after.get(uid) }];
      return toUnmark.has(uid) ? [{ pod, annotations: unmarking(pod.deletionCost), leaving: undefined }] : [];
    });
    const failed = await this.#annotate(changes);
    const again = failed ? Math.min(TRY_AGAIN_MS, lookAgainMs ?? TRY_AGAIN_MS) : lookAgainMs;
    return { replicas, ...(again === undefined ? {} : { lookAgainMs: again }) };
  }

  /** Whether a pod is selected for removal. */
  isLeaving(key: string, podUID: string): boolean {
    return this.#leaving.get(key)?.has(podUID) ?? false;
  }

  /** The runtime is deleted, and its pods with it. */
  forget(key: string): void {
    this.#leaving.delete(key);
  }

  /** Returns whether a pod could not be changed. */
  async #annotate(changes: Change[]): Promise<boolean> {
    let failed = false;
    const next = async (): Promise<void> => {
      for (let change = changes.shift(); change !== undefined; change = changes.shift()) {
        const { metadata } = change.pod;
        const { uid, name } = metadata;
        try {
          // The uid is a precondition: another pod of the same name must not be changed.
          const { annotations, leaving } = change;
          await this.#parts.client.mergePatch(PODS, metadata, { metadata: { uid, annotations } });
          if (leaving) leaving.isMarked = true;
        } catch (error) {
          failed = true;
          this.#parts.onError(error, name);
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, next));
    return failed;
  }
}
