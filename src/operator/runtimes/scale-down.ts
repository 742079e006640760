import type { KubeClient } from '../kube/client.ts';
import type { Deployment } from '../kube/resources.ts';
import { PODS } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import { costValue, marking, unmarking } from '../pods/deletion-cost.ts';
import type { KnownPod } from '../pods/known-pod.ts';
import { childName, TEMPLATE_ANNOTATION } from './children.ts';
import type { KnownRuntime } from './known-runtime.ts';
import { departures, type PresentPod } from './leaving-pods.ts';
import { PODS_BY_RUNTIME } from './reconciler.ts';

export interface ScaleDownParts {
  readonly client: KubeClient;
  readonly pods: Store<KnownPod>;
  readonly deployments: Store<Deployment>;
  /** Whether a pod says that it takes runs, be it withheld or not. */
  readonly isServing: (podUID: string) => boolean;
  /** Executions that have a place on a pod. */
  readonly runsOn: (podUID: string) => number;
  /** Whether a pod gets nothing new. */
  readonly withhold: (podUID: string, isWithheld: boolean) => void;
  /** A mark could not be set, or taken back: it is tried again. */
  readonly onError: (error: unknown, pod: string) => void;
}

interface Leaving {
  /** When it was chosen, by our steady clock. */
  readonly since: number;
  /** The mark is written; the watch will bring it. */
  isMarked: boolean;
}

interface Change {
  readonly pod: KnownPod;
  readonly annotations: object;
  /** Where it is marked: that it is. */
  readonly leaving: Leaving | undefined;
}

/** Pods that are marked at once. */
const PARALLEL = 8;
const TRY_AGAIN_MS = 1000;

/** Takes from a runtime the pods that have the least to do, and gives them time to finish it. */
export class ScaleDown {
  readonly #parts: ScaleDownParts;
  /** Of each runtime, the pods that are chosen to go. */
  readonly #leaving = new Map<string, ReadonlyMap<string, Leaving>>();

  constructor(parts: ScaleDownParts) {
    this.#parts = parts;
  }

  /**
   * Gives how many pods the Deployment of a runtime shall have for now, and when to look again where time alone changes that. Of
   * pods that end or become idle the caller hears.
   * @param key of the runtime
   * @param wanted pods that there should be
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
    // Before anything is awaited: what was idle a moment ago is so still when it is marked.
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

  /** Whether a pod is chosen to go. */
  isLeaving(key: string, podUID: string): boolean {
    return this.#leaving.get(key)?.has(podUID) ?? false;
  }

  /** A runtime is gone, and its pods go with it. */
  forget(key: string): void {
    this.#leaving.delete(key);
  }

  /** Gives whether one could not be changed. */
  async #annotate(changes: Change[]): Promise<boolean> {
    let failed = false;
    const next = async (): Promise<void> => {
      for (let change = changes.shift(); change !== undefined; change = changes.shift()) {
        const { metadata } = change.pod;
        const { uid, name } = metadata;
        try {
          // The uid: another pod of that name, if there can be one, is not meant.
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
