import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { keyOf } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import { untilAborted } from '../../kube/until-aborted.ts';

export interface SaturationParts {
  readonly runtimes: Store<KnownRuntime>;
  /** Whether executions wait because the runtime has no free VM. */
  readonly isShort: (runtime: string) => boolean;
  /** Called when a runtime becomes saturated, or no longer is. */
  readonly onChanged: (runtime: string) => void;
}

const EVERY_MS = 1000;
/** Time for which executions must have waited at every sample: a burst is not saturation. */
export const SATURATED_AFTER_MS = 30_000;

/** Samples every second which runtimes have too few VMs, and for how long. */
export class Saturation {
  readonly #parts: SaturationParts;
  /** Start of the shortage of each runtime, by the monotonic clock. */
  readonly #since = new Map<string, number>();
  readonly #saturated = new Set<string>();

  constructor(parts: SaturationParts) {
    this.#parts = parts;
    // The state reported by the former leader is not a change.
    for (const runtime of parts.runtimes.values()) {
      const said = runtime.status.conditions?.find(({ type }) => type === 'Saturated');
      if (said?.status !== 'True') continue;
      this.#since.set(keyOf(runtime), Number.NEGATIVE_INFINITY);
      this.#saturated.add(keyOf(runtime));
    }
  }

  /** Samples until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#lookAtAll(), EVERY_MS);
    await untilAborted(signal);
    clearInterval(timer);
  }

  isSaturated(runtime: string): boolean {
    return this.#saturated.has(runtime);
  }

  #lookAtAll(): void {
    const { runtimes, isShort, onChanged } = this.#parts;
    const now = performance.now();
    for (const key of new Set([...this.#since.keys(), ...runtimes.keys()])) {
      const since = runtimes.get(key) && isShort(key) ? (this.#since.get(key) ?? now) : undefined;
      if (since === undefined) this.#since.delete(key);
      else this.#since.set(key, since);
      const isSaturated = since !== undefined && now - since >= SATURATED_AFTER_MS;
      if (isSaturated === this.#saturated.has(key)) continue;
      if (isSaturated) this.#saturated.add(key);
      else this.#saturated.delete(key);
      onChanged(key);
    }
  }
}
