import type { ScriptExecution } from '../../src/api/types.generated.ts';
import type { KubeClient } from '../../src/operator/kube/client.ts';
import { SCRIPT_EXECUTIONS } from '../../src/operator/resources.ts';
import { begin } from '../cluster/begin.ts';
import { EndWatcher, type Look } from '../cluster/end-watcher.ts';
import { newExecution, type Variation } from '../cluster/executions.ts';
import { RUNTIME } from '../cluster/runtime.ts';
import { at, type Timeline } from '../cluster/steps.ts';
import { withWorkers } from '../cluster/workers.ts';

/** What became of an execution. Times by `performance.now()`. */
export interface Run {
  /** When it was to be sent: what the generator was late counts as its waiting. */
  readonly dueMs: number;
  readonly sentMs: number;
  /** When its end was seen in the watch. */
  readonly endMs: number;
  /** From the create to the script's start, by this machine's clock and the pod's. */
  readonly waitedMs: number | undefined;
  /** How often it was started. */
  readonly attempts: number;
  /** The whole of it, where the crowd keeps that. */
  readonly timeline?: Timeline;
}

export interface CrowdOptions {
  readonly namespace: string;
  /** Names its executions, and is their label: the crowd watches no others. */
  readonly name: string;
  readonly spec?: Variation['spec'];
  readonly look: (execution: ScriptExecution) => Look;
  /** Whether each run has its timeline, which holds the execution whole. */
  readonly keepsTimelines?: boolean;
  readonly stallLimitMs: number;
  readonly signal: AbortSignal;
}

const LABEL = 'copepod.dev/bench-crowd';

/** Executions of ScriptRuntime `default` that are created and watched together. Dispose of it to end its watch and its connection. */
export class Crowd {
  readonly runs: Run[] = [];
  /** Why some did not come to a good end. */
  readonly failures: string[] = [];
  readonly #client: KubeClient;
  readonly #options: CrowdOptions;
  readonly #watcher: EndWatcher<ScriptExecution>;
  readonly #open = new Set<Promise<void>>();
  #made = 0;

  private constructor(client: KubeClient, options: CrowdOptions, watcher: EndWatcher<ScriptExecution>) {
    this.#client = client;
    this.#options = options;
    this.#watcher = watcher;
  }

  /** Resolves once its watch stands. All is asked for by the client, which goes with the crowd. */
  static async start(client: KubeClient, options: CrowdOptions): Promise<Crowd> {
    const { namespace, name, look, stallLimitMs, signal } = options;
    const labelSelector = `${LABEL}=${name}`;
    const starting = EndWatcher.start(client, SCRIPT_EXECUTIONS, namespace, {
      look,
      stallLimitMs,
      signal,
      labelSelector,
    });
    starting.catch(() => client.close());
    return new Crowd(client, options, await starting);
  }

  /** How many have been sent. */
  get sent(): number {
    return this.#made;
  }

  /** How many are sent and have not ended. */
  get open(): number {
    return this.#open.size;
  }

  /** How many of the open ones stand where, by the reason of `Succeeded`; those not seen yet under the empty word. */
  counts(): ReadonlyMap<string, number> {
    return this.#watcher.counts();
  }

  /** Sends one. Neither promise rejects: whether it fails, `failures` tells. */
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
      () => {}, // told by the timeline
    );
    return { created: answered, ended };
  }

  /** Sends so many as fast as the workers can; resolves when all are created. */
  async flood(count: number, workers: number): Promise<void> {
    await withWorkers(count, workers, async () => {
      this.#options.signal.throwIfAborted();
      await this.send().created;
    });
  }

  /** Creates so many that are suspended, as fast as the workers can: nobody claims or runs them, and nobody waits for them. */
  async idleFlood(count: number, workers: number): Promise<void> {
    const { namespace, name, spec, signal } = this.#options;
    await withWorkers(count, workers, async (index) => {
      const execution = newExecution(namespace, `${name}-idle-${index}`, RUNTIME, { spec: { ...spec, suspend: true } });
      await this.#client.create(SCRIPT_EXECUTIONS, execution, { signal });
    });
  }

  /** Resolves when all that have been sent have ended, whatever their end. */
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
