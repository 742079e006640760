import type { PodStats } from '../../api/pod-protocol.ts';
import type { ScriptRuntimeStatus } from '../../api/types.generated.ts';

/** What only grows, of one pod or of many. */
const COUNTED = ['total', 'succeeded', 'errors', 'timeouts', 'created', 'destroyed', 'hits', 'misses'] as const;
type Counts = Readonly<Record<(typeof COUNTED)[number], number>>;

const NOTHING = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;

/** No sum goes past it, whatever pods say: the API takes whole numbers only. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The numbers in the status of a ScriptRuntime. */
export type RuntimeNumbers = Required<Pick<ScriptRuntimeStatus, 'executions' | 'pool' | 'compilation' | 'retired'>>;

/**
 * Sums what the pods of a runtime say of themselves. A pod's counts begin at nothing with each life of it: those of lives
 * that are over are kept, here and in the status, so that no sum ever falls.
 */
export class PodCounts {
  readonly #latest = new Map<string, PodStats>();
  #retired: Counts;
  /** What the status said when we came: some of it may be of pods that went while nobody looked. */
  #floor: Counts | undefined;

  constructor(status: ScriptRuntimeStatus) {
    this.#retired = { ...NOTHING, ...status.retired };
    this.#floor = { ...NOTHING, ...status.executions, ...status.pool, ...status.compilation };
  }

  /** A pod says how it is. */
  told(podUID: string, stats: PodStats): void {
    const before = this.#latest.get(podUID);
    if (before !== undefined && before.bootID !== stats.bootID) this.#retire(before);
    this.#latest.set(podUID, stats);
  }

  /** A pod is gone. */
  gone(podUID: string): void {
    const last = this.#latest.get(podUID);
    if (last !== undefined) this.#retire(last);
    this.#latest.delete(podUID);
  }

  /** Every pod that there is has been heard: what the status had more is of pods that are gone. */
  heardAll(): void {
    if (this.#floor === undefined) return;
    const sums = this.#sums();
    const floor = this.#floor;
    this.#retired = each((name) => this.#retired[name] + Math.max(0, floor[name] - sums[name]));
    this.#floor = undefined;
  }

  has(podUID: string): boolean {
    return this.#latest.has(podUID);
  }

  /** What a pod has said last. */
  latest(podUID: string): PodStats | undefined {
    return this.#latest.get(podUID);
  }

  /** The numbers for the status; those of executions that wait or run are the operator's own. */
  numbers({ running, pending }: { running: number; pending: number }): RuntimeNumbers {
    const sums = this.#sums();
    const floor = this.#floor;
    const { total, succeeded, errors, timeouts, created, destroyed, hits, misses } =
      floor === undefined ? sums : each((name) => Math.max(sums[name], floor[name]));
    return {
      executions: { total, succeeded, errors, timeouts, running, pending },
      pool: {
        size: this.#now((stats) => stats.pool.size),
        idle: this.#now((stats) => stats.pool.idle),
        busy: this.#now((stats) => stats.pool.busy),
        created,
        destroyed,
      },
      compilation: { size: this.#now((stats) => stats.compilation.size), hits, misses },
      retired: this.#retired,
    };
  }

  #sums(): Counts {
    const live = [...this.#latest.values()].map(countsOf);
    return each((name) =>
      Math.min(
        MOST,
        live.reduce((sum, counts) => sum + counts[name], this.#retired[name]),
      ),
    );
  }

  #now(read: (stats: PodStats) => number): number {
    let sum = 0;
    for (const stats of this.#latest.values()) sum += read(stats);
    return Math.min(MOST, sum);
  }

  #retire(last: PodStats): void {
    const counts = countsOf(last);
    this.#retired = each((name) => Math.min(MOST, this.#retired[name] + counts[name]));
  }
}

function countsOf({ executions, pool, compilation }: PodStats): Counts {
  const all: Readonly<Record<string, number>> = { ...executions, ...pool, ...compilation };
  return each((name) => all[name] ?? 0);
}

function each(value: (name: (typeof COUNTED)[number]) => number): Counts {
  return Object.fromEntries(COUNTED.map((name) => [name, value(name)])) as unknown as Counts;
}
