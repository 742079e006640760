import { randomUUID } from 'node:crypto';
import type { ObjectMeta } from '../../api/object-meta.ts';
import type { ContainedProcesses } from '../../runtime/contained-processes.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import type { Task } from '../input/workload.ts';
import type { Inspection } from '../inspect/inspection.ts';
import { type Engine, engineKey, enginesOf } from './engines.ts';
import { type Finished, runTask } from './run-task.ts';
import { unstartedStatus } from './unstarted-status.ts';
import { type Withheld, withheld } from './withheld.ts';

/** The maximum delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface RunAllOptions {
  /** Maximum number of concurrent executions. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly setup: Setup | undefined;
  /** What has begun to start sandboxes. */
  readonly processes: ContainedProcesses | undefined;
  /** Of a run under a debugger. */
  readonly inspection?: Inspection | undefined;
  /** Called when an execution finishes. */
  onFinished(finished: Finished, task: Task): void;
}

interface Waiting {
  readonly index: number;
  readonly task: Task;
  readonly engine: Engine;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Runs tasks by priority, and starts none after the signal is aborted.
 *
 * @returns all executions in the order of the tasks, with their status
 */
export async function runAll(tasks: readonly Task[], options: RunAllOptions): Promise<Finished[]> {
  const { concurrency, signal, setup, processes, inspection, onFinished } = options;
  const named = tasks.map(created);
  const startable = named.filter((task) => withheld(task) === undefined);
  const engines = enginesOf(startable, concurrency, processes, inspection);
  const finished: Finished[] = [];
  const done = Promise.withResolvers<void>();
  let running = 0;
  let failure: unknown;

  const finish = (index: number, task: Task, result: Finished) => {
    finished[index] = result;
    onFinished(result, task);
  };
  const end = (index: number, task: Task, why: Withheld) => {
    const status = unstartedStatus(task.execution, why, new Date());
    finish(index, task, { execution: { ...task.execution, status } });
  };
  const release = (engine: Engine) => {
    engine.remaining--;
    // Frees its processes for other engines.
    if (engine.remaining === 0) void engine.close();
  };

  const waiting: Waiting[] = [];
  for (const [index, task] of named.entries()) {
    const why = withheld(task);
    if (why === undefined) waiting.push({ index, task, engine: engineOf(engines, task), timer: undefined });
    else end(index, task, why);
  }
  waiting.sort((a, b) => b.task.execution.spec.priority - a.task.execution.spec.priority);
  for (const item of waiting) {
    const deadlineMs = (item.task.execution.spec.startingDeadlineSeconds ?? Infinity) * 1000;
    if (deadlineMs <= MAX_TIMER_MS) item.timer = setTimeout(() => expire(item), deadlineMs);
  }

  function expire(item: Waiting): void {
    waiting.splice(waiting.indexOf(item), 1);
    release(item.engine);
    const message = 'The execution did not start within startingDeadlineSeconds.';
    end(item.index, item.task, { reason: 'DeadlineExceeded', message });
    step();
  }

  function start(item: Waiting): void {
    const { index, task, engine } = item;
    clearTimeout(item.timer);
    running++;
    engine.running++;
    runTask(task, engine.runtime, { signal, setup, inspection })
      .then((result) => finish(index, task, result))
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        running--;
        engine.running--;
        release(engine);
        step();
      });
  }

  function step(): void {
    while (running < concurrency && !signal.aborted && failure === undefined) {
      const next = waiting.findIndex(({ engine }) => engine.running < engine.size);
      if (next === -1) break;
      start(waiting.splice(next, 1)[0] as Waiting);
    }
    if (running === 0 && (waiting.length === 0 || signal.aborted || failure !== undefined)) done.resolve();
  }

  signal.addEventListener('abort', step, { once: true });
  step();
  await done.promise;
  signal.removeEventListener('abort', step);
  for (const { timer } of waiting) clearTimeout(timer);
  await Promise.all([...engines.values()].map((engine) => engine.close()));
  if (failure !== undefined) throw failure;
  for (const { index, task } of waiting) {
    const why: Withheld = { reason: 'Pending', message: 'The execution had not started when it was interrupted.' };
    finished[index] = { execution: { ...task.execution, status: unstartedStatus(task.execution, why, new Date()) } };
  }
  return finished;
}

function engineOf(engines: ReadonlyMap<string, Engine>, task: Task): Engine {
  return engines.get(engineKey(task)) as Engine;
}

/** The task with the fields an API server sets on creation. */
function created(task: Task): Task {
  const { name, namespace, labels, annotations } = task.execution.metadata;
  const metadata: ObjectMeta = {
    name,
    namespace,
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    generation: 1,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { ...task, execution: { ...task.execution, metadata } };
}
