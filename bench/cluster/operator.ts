import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import { summarise } from '../statistics.ts';
import { type Begun, begin } from './begin.ts';
import { EndWatcher } from './end-watcher.ts';
import { newExecution, observeExecution } from './executions.ts';
import type { Figure } from './figures.ts';
import type { Options } from './options.ts';
import type { Progress } from './progress.ts';
import { RUNTIME, startRuntime } from './runtime.ts';
import { stepsOf, type Timeline } from './steps.ts';
import type { Target } from './target.ts';
import { withWorkers } from './workers.ts';

const STALL_LIMIT_MS = 60_000;
const WARM_UP = 20;
/** Maximum number in flight while finished executions are created in bulk. */
const FILL_BY = 1000;

type Measured = Pick<Figure, 'load' | 'sample' | 'steps' | 'createsPerSecond'>;

/** This operator with a ScriptRuntime in a namespace of its own, under load. Disposing it ends its watch. */
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
    const spec = { replicas: options.pods, pool: { size: options.poolSize } };
    await startRuntime(target, namespace, spec, options.pods, signal);
    const watcher = await EndWatcher.start(target.client, SCRIPT_EXECUTIONS, namespace, {
      observe: observeExecution,
      stallLimitMs: STALL_LIMIT_MS,
      signal,
    });
    const load = new OperatorUnderLoad(target, progress, namespace, options, signal, watcher);
    await withWorkers(WARM_UP, 4, async () => void (await load.#execute()));
    return load;
  }

  /** Sequential executions: from sending the create to seeing the success in the watch. */
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

  /** Runs executions until this many finished ones exist. */
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
      // Errors are reported at once, not only when all are awaited.
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

  #begin(): Begun {
    const execution = newExecution(this.#namespace, `bench-${this.#made++}`, RUNTIME);
    return begin(this.#target.client, this.#watcher, execution, this.#signal);
  }
}

function latencyMs({ sentMs, ended }: Timeline): number {
  return ended.endSeenAtMs - sentMs;
}
