import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { begin } from '../cluster/begin.ts';
import { EndWatcher, type ObservedState } from '../cluster/end-watcher.ts';
import { newExecution, type Variation } from '../cluster/executions.ts';
import { RUNTIME } from '../cluster/runtime.ts';
import { at, type Timeline } from '../cluster/steps.ts';
import { withWorkers } from '../cluster/workers.ts';

/** The measurement of one execution. Times by `performance.now()`. */
export interface Run {
  /** When it was due: a delay of the generator counts as latency. */
  readonly dueMs: number;
  readonly sentMs: number;
  /** When its end was seen in the watch. */
  readonly endMs: number;
  /** From the create to the script's start, by this machine's clock and the pod's. */
  readonly waitedMs: number | undefined;
  /** Number of attempts. */
  readonly attempts: number;
  /** The complete timeline, if kept. */
  readonly timeline?: Timeline;
}

export interface LoadGeneratorOptions {
  readonly namespace: string;
  /** Name prefix and label of its executions; only they are watched. */
  readonly name: string;
  readonly spec?: Variation['spec'];
  readonly observe: (execution: ScriptExecution) => ObservedState;
  /** Whether each run keeps its timeline, which holds the whole execution. */
  readonly keepsTimelines?: boolean;
  readonly stallLimitMs: number;
  readonly signal: AbortSignal;
}

const LABEL = 'copepod.dev/bench-generator';

/** Creates and watches executions of ScriptRuntime `default`. Disposing it closes its watch and connection. */
export class LoadGenerator {
  readonly runs: Run[] = [];
  /** Errors of executions that did not succeed. */
  readonly failures: string[] = [];
  readonly #client: KubeClient;
  readonly #options: LoadGeneratorOptions;
  readonly #watcher: EndWatcher<ScriptExecution>;
  readonly #open = new Set<Promise<void>>();
  #made = 0;

  private constructor(client: KubeClient, options: LoadGeneratorOptions, watcher: EndWatcher<ScriptExecution>) {
    this.#client = client;
    this.#options = options;
    this.#watcher = watcher;
  }

  /** Resolves once its watch is established. Takes ownership of the client. */
  static async start(client: KubeClient, options: LoadGeneratorOptions): Promise<LoadGenerator> {
    const { namespace, name, observe, stallLimitMs, signal } = options;
    const labelSelector = `${LABEL}=${name}`;
    const starting = EndWatcher.start(client, SCRIPT_EXECUTIONS, namespace, {
      observe,
      stallLimitMs,
      signal,
      labelSelector,
    });
    starting.catch(() => client.close());
    return new LoadGenerator(client, options, await starting);
  }

  /** Number of executions sent. */
  get sent(): number {
    return this.#made;
  }

  /** Number of executions sent and not finished. */
  get open(): number {
    return this.#open.size;
  }

  /** Number of open executions by the reason of `Succeeded`; executions not seen yet have the empty reason. */
  counts(): ReadonlyMap<string, number> {
    return this.#watcher.counts();
  }

  /** Sends one execution. The promises do not reject: failures are in `failures`. */
  send(dueMs = performance.now()): { readonly created: Promise<void>; readonly ended: Promise<void> } {
    const { namespace, name, spec, signal, keepsTimelines } = this.#options;
    const labels = { [LABEL]: name };
    const variation = spec === undefined ? { labels } : { labels, spec };
    const execution = newExecution(namespace, `${name}-${this.#made++}`, RUNTIME, variation);
    const { created, timeline } = begin(this.#client, this.#watcher, execution, signal);
    const ended = timeline.then(
      (timeline) => void this.runs.push({ ...runOf(dueMs, timeline), ...(keepsTimelines && { timeline }) }),
      (error: Error) => void this.failures.push(error.message),
    );
    this.#open.add(ended);
    void ended.then(() => this.#open.delete(ended));
    const answered = created.then(
      () => {},
      () => {}, // reported by the timeline
    );
    return { created: answered, ended };
  }

  /** Sends `count` executions as fast as the workers can; resolves when all are created. */
  async flood(count: number, workers: number): Promise<void> {
    await withWorkers(count, workers, async () => {
      this.#options.signal.throwIfAborted();
      await this.send().created;
    });
  }

  /** Creates `count` suspended executions as fast as the workers can: they are neither run nor awaited. */
  async idleFlood(count: number, workers: number): Promise<void> {
    const { namespace, name, spec, signal } = this.#options;
    await withWorkers(count, workers, async (index) => {
      const execution = newExecution(namespace, `${name}-idle-${index}`, RUNTIME, { spec: { ...spec, suspend: true } });
      await this.#client.create(SCRIPT_EXECUTIONS, execution, { signal });
    });
  }

  /** Resolves when all executions sent have finished, in any way. */
  async ended(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
    this.#options.signal.throwIfAborted();
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
    this.#client.close();
  }
}

function runOf(dueMs: number, { sentMs, sentAt, ended: { object, endSeenAtMs } }: Timeline): Run {
  const { startTime, attempts = 0 } = object.status;
  const startedAt = at(startTime);
  const waitedMs = startedAt === undefined ? undefined : startedAt - sentAt;
  return { dueMs, sentMs, endMs: endSeenAtMs, waitedMs, attempts };
}
