import { parseDuration } from '../../api/duration.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { keyOf } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import { untilAborted } from '../../kube/until-aborted.ts';
import { type AutoscalerConfig, type AutoscalerState, initialState, scale } from './autoscaler.ts';

export interface AutoscalingParts {
  readonly runtimes: Store<KnownRuntime>;
  /** Executions of a runtime that are running or waiting for a VM. */
  readonly demand: (runtime: string) => number;
  /** Pods of a runtime that accept executions. */
  readonly readyPods: (runtime: string) => number;
  /** Replicas of a runtime's Deployment; undefined if it does not exist. */
  readonly currentReplicas: (runtime: KnownRuntime) => number | undefined;
  /** Called when the desired number of pods of a runtime changes. */
  readonly onChanged: (runtime: string) => void;
}

const EVERY_MS = 1000;

/** Samples every autoscaled runtime once a second, and keeps its desired number of pods. */
export class Autoscaling {
  readonly #parts: AutoscalingParts;
  readonly #states = new Map<string, { state: AutoscalerState; replicas: number }>();

  constructor(parts: AutoscalingParts) {
    this.#parts = parts;
  }

  /** Samples until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#lookAtAll(), EVERY_MS);
    await untilAborted(signal);
    clearInterval(timer);
  }

  /** The desired number of pods. */
  replicas(runtime: KnownRuntime): number {
    const { spec } = runtime;
    if (spec.autoscaling === undefined) return spec.replicas;
    const { minReplicas, maxReplicas } = spec.autoscaling;
    const wanted = this.#states.get(keyOf(runtime))?.replicas ?? this.#parts.currentReplicas(runtime) ?? minReplicas;
    return Math.min(Math.max(wanted, minReplicas), maxReplicas);
  }

  /** An execution waits for a runtime without pods: decides now instead of within a second. */
  wake(key: string): void {
    const runtime = this.#parts.runtimes.get(key);
    if (runtime?.spec.autoscaling !== undefined && this.replicas(runtime) === 0) this.#look(key, runtime);
  }

  #lookAtAll(): void {
    for (const key of this.#states.keys()) {
      if (this.#parts.runtimes.get(key)?.spec.autoscaling === undefined) this.#states.delete(key);
    }
    for (const runtime of this.#parts.runtimes.values()) {
      if (runtime.spec.autoscaling !== undefined) this.#look(keyOf(runtime), runtime);
    }
  }

  #look(key: string, runtime: KnownRuntime): void {
    const { demand, readyPods, onChanged } = this.#parts;
    const now = performance.now();
    const before = this.replicas(runtime);
    const state = this.#states.get(key)?.state ?? initialState(now, before);
    const observation = { now, demand: demand(key), readyPods: readyPods(key) };
    const decision = scale(configOf(runtime), state, observation);
    this.#states.set(key, { state: decision.state, replicas: decision.replicas });
    if (decision.replicas !== before) onChanged(key);
  }
}

function configOf({ spec }: KnownRuntime): AutoscalerConfig {
  const { minReplicas = 1, maxReplicas = 1, targetUtilization = 70, stableWindow = '60s' } = spec.autoscaling ?? {};
  return {
    minReplicas,
    maxReplicas,
    targetPerPod: (spec.pool.size * targetUtilization) / 100,
    stableWindowMs: parseDuration(stableWindow),
  };
}
