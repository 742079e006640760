import type { ScriptExecution, ScriptRuntime } from '../../src/api/types.generated.ts';
import { PODS } from '../../src/operator/kube/resources.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../src/operator/resources.ts';
import { summarise } from '../statistics.ts';
import { type Ended, EndWatcher } from './end-watcher.ts';
import { lookAtExecution, newExecution } from './executions.ts';
import type { Figure } from './figures.ts';
import type { Options } from './options.ts';
import { blockedPods } from './pods.ts';
import type { Progress } from './progress.ts';
import { stepsOf, type Timeline } from './steps.ts';
import type { Target } from './target.ts';
import { until } from './until.ts';
import { withWorkers } from './workers.ts';

const RUNTIME = 'default';
const READY_WITHIN_MS = 180_000;
const STALL_LIMIT_MS = 60_000;
const WARM_UP = 20;
/** So many are on their way at most while finished executions are piled up. */
const FILL_BY = 1000;

type Measured = Pick<Figure, 'load' | 'sample' | 'steps' | 'createsPerSecond'>;

/** This operator with a ScriptRuntime in a namespace of its own, under load. Dispose of it to end its watch. */
export class OperatorUnderLoad {
  readonly #target: Target;
  readonly #progress: Progress;
  readonly #namespace: string;
  readonly #options: Options;
  readonly #signal: AbortSignal;
  readonly #watcher: EndWatcher<ScriptExecution>;
  #made = 0;

  private constructor(
    target: Target,
    progress: Progress,
    namespace: string,
    options: Options,
    signal: AbortSignal,
    watcher: EndWatcher<ScriptExecution>,
  ) {
    this.#target = target;
    this.#progress = progress;
    this.#namespace = namespace;
    this.#options = options;
    this.#signal = signal;
    this.#watcher = watcher;
  }

  /** Resolves when the runtime's pods are ready and have run a few executions. */
  static async start(
    target: Target,
    progress: Progress,
    namespace: string,
    options: Options,
    signal: AbortSignal,
  ): Promise<OperatorUnderLoad> {
    progress.step(`waiting for ${options.pods} runtime pods`);
    await startRuntime(target, namespace, options, signal);
    const watcher = await EndWatcher.start(target.client, SCRIPT_EXECUTIONS, namespace, {
      look: lookAtExecution,
      stallLimitMs: STALL_LIMIT_MS,
      signal,
    });
    const load = new OperatorUnderLoad(target, progress, namespace, options, signal, watcher);
    await withWorkers(WARM_UP, 4, async () => void (await load.#execute()));
    return load;
  }

  /** Executions one at a time: from sending the create to seeing the success in the watch. */
  async oneAtATime(): Promise<Measured> {
    const timelines: Timeline[] = [];
    const startMs = performance.now();
    await withWorkers(this.#options.alone, 1, async () => {
      timelines.push(await this.#execute());
      this.#progress.at(timelines.length, this.#options.alone);
    });
    const sample = summarise(1, performance.now() - startMs, timelines.map(latencyMs));
    return { load: 'alone', sample, steps: stepsOf(timelines) };
  }

  /** Many executions, created as fast as the workers can: from the first create to the last success seen. */
  async atOnce(): Promise<Measured> {
    const { count } = this.#options;
    const startMs = performance.now();
    const { timelines, createdMs } = await this.#burst(count, (done) => this.#progress.at(done, count));
    const elapsedMs = Math.max(...timelines.map(({ ended }) => ended.endSeenAtMs)) - startMs;
    return {
      load: 'at-once',
      sample: summarise(count, elapsedMs, timelines.map(latencyMs)),
      steps: stepsOf(timelines),
      createsPerSecond: (count / (createdMs - startMs)) * 1000,
    };
  }

  /** Runs as many as are missing until so many finished executions are present. */
  async fillUpTo(present: number): Promise<void> {
    while (this.#watcher.ended < present) {
      const before = this.#watcher.ended;
      const count = Math.min(FILL_BY, present - before);
      await this.#burst(count, (done) => this.#progress.at(before + done, present));
    }
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
  }

  async #burst(count: number, onEnd: (done: number) => void) {
    const ends: Promise<Timeline>[] = [];
    let done = 0;
    await withWorkers(count, this.#options.workers, async () => {
      const { created, timeline } = this.#begin();
      // Seen at once, and not only when all are awaited.
      timeline.then(
        () => onEnd(++done),
        () => {},
      );
      ends.push(timeline);
      await created;
    });
    const createdMs = performance.now();
    return { timelines: await Promise.all(ends), createdMs };
  }

  async #execute(): Promise<Timeline> {
    const { created, timeline } = this.#begin();
    const [whole] = await Promise.all([timeline, created]);
    return whole;
  }

  /** Sends a create; `created` is its answer, `timeline` the whole of what came of it. */
  #begin(): { created: Promise<unknown>; timeline: Promise<Timeline> } {
    const name = `bench-${this.#made++}`;
    const end: Promise<Ended<ScriptExecution>> = this.#watcher.end(name);
    const sentMs = performance.now();
    const sentAt = Date.now();
    const execution = newExecution(this.#namespace, name, RUNTIME);
    const created = this.#target.client
      .create(SCRIPT_EXECUTIONS, execution, { signal: this.#signal })
      .then(() => performance.now());
    const timeline = Promise.all([created, end]).then(([answeredMs, ended]) => ({ sentMs, sentAt, answeredMs, ended }));
    end.catch(() => {}); // told by the timeline, unless the create has failed
    return { created, timeline };
  }
}

function latencyMs({ sentMs, ended }: Timeline): number {
  return ended.endSeenAtMs - sentMs;
}

async function startRuntime(target: Target, namespace: string, options: Options, signal: AbortSignal): Promise<void> {
  const ref = { name: RUNTIME, namespace };
  const manifest = { metadata: ref, spec: { replicas: options.pods, pool: { size: options.poolSize } } };
  await target.client.create(SCRIPT_RUNTIMES, manifest as unknown as ScriptRuntime, { signal });
  const isReady = async () => {
    const { status } = await target.client.get(SCRIPT_RUNTIMES, ref, { signal });
    return status?.readyReplicas === options.pods ? true : undefined;
  };
  const why = async () => {
    const { status } = await target.client.get(SCRIPT_RUNTIMES, ref);
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const { items: pods } = await target.client.list(PODS, { namespace });
    return [ready?.message ?? 'the operator has not looked at it', blockedPods(pods)].filter(Boolean).join('; ');
  };
  await until(`${options.pods} ready pods of ScriptRuntime ${RUNTIME}`, READY_WITHIN_MS, signal, isReady, why);
}
