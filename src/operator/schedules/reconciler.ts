import { isDeepStrictEqual } from 'node:util';
import type { ScriptExecution, ScriptSchedule, ScriptScheduleStatus } from '../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_SCHEDULES } from '../../cluster/resources.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Informer } from '../../kube/informer.ts';
import { type ExecutionProjection, projectExecution } from '../executions/execution-projection.ts';
import { writeStatus } from '../write-status.ts';
import { decide, type ScheduleDecision, type ScheduleEvent } from './decision.ts';
import { EXECUTIONS_BY_OWNER } from './executions-by-owner.ts';
import type { ScheduleObserver } from './observer.ts';
import { type OwnedExecution, ownedExecution } from './owned-execution.ts';
import type { Obstacle } from './schedule-conditions.ts';
import { projectSchedule, type ScheduleProjection } from './schedule-projection.ts';
import { cancelExecution, createExecution } from './starter.ts';
import { afterStart, type DueStart } from './starts.ts';

export interface ScheduleReconcilerParts {
  readonly client: KubeClient;
  readonly schedules: Informer<ScriptSchedule, ScheduleProjection>;
  readonly executions: Informer<ScriptExecution, ExecutionProjection>;
  /** Deletes an execution, if it is still the one that was looked at. */
  readonly remove: (execution: ExecutionProjection) => Promise<void>;
  /** The API server's time, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly observer: ScheduleObserver;
}

/** What the API server refuses, it may take later: a quota was raised, a right was given. */
const REFUSED_AGAIN_MS = 15_000;
/** A clock that is set ends no timer: times are looked at this often at least. */
const AT_LEAST_EVERY_MS = 600_000;

/** Starts the executions of ScriptSchedules, and keeps their statuses. */
export class ScheduleReconciler {
  readonly #parts: ScheduleReconcilerParts;

  constructor(parts: ScheduleReconcilerParts) {
    this.#parts = parts;
  }

  /** The main loop's body. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const { schedules, observer, now } = this.#parts;
    const schedule = schedules.store.get(key);
    if (schedule === undefined) {
      observer.forget(key);
      return undefined;
    }
    const { executions, missing } = await this.#owned(schedule);
    const decision = decide({ schedule, executions, nowMs: now() });
    await this.#removeSurplus(key, schedule, decision);
    if (decision.start !== undefined) return await this.#start(key, schedule);
    return await this.#record(key, schedule, decision, missing);
  }

  /** A start is decided on the newest state of the schedule, which also has the template. */
  async #start(key: string, { metadata }: ScheduleProjection): Promise<ReconcileResult> {
    const { client, schedules, executions: cache, observer, now } = this.#parts;
    const object = await client.find(SCRIPT_SCHEDULES, metadata);
    if (object?.metadata.uid !== metadata.uid || object === undefined) return undefined; // the watch tells of it
    schedules.observe(object);
    const schedule = projectSchedule(object);
    const { executions, missing } = await this.#owned(schedule);
    const decision = decide({ schedule, executions, nowMs: now() });
    const { start } = decision;
    if (start === undefined) return await this.#record(key, schedule, decision, missing);
    const cancelled = await this.#cancel(object, start);
    const started = await createExecution(client, object, start);
    const events = [
      ...missing,
      ...decision.events.filter(({ reason }) => reason === 'TooManyMissedTimes'),
      ...cancelled,
    ];
    if (started.kind === 'refused') {
      const refusal: Obstacle = { reason: 'FailedCreate', message: started.message };
      const { status } = decide({ schedule, executions, nowMs: now(), refusal });
      const told = [...events, refusedEvent(start, started.message)];
      await this.#record(key, schedule, { ...decision, status, events: told }, []);
      return { requeueAfterMs: REFUSED_AGAIN_MS };
    }
    if (started.kind === 'created') observer.started(key, object, start, now());
    if (started.kind === 'taken') events.push(takenEvent(start));
    const execution = 'execution' in started ? started.execution : undefined;
    if (execution !== undefined) cache.observe(execution);
    return await this.#recordStart(key, schedule, start, execution, withExecution(executions, execution), events);
  }

  /** A schedule that has changed meanwhile is read again: its execution exists. */
  async #recordStart(
    key: string,
    schedule: ScheduleProjection,
    start: DueStart,
    execution: ScriptExecution | undefined,
    executions: readonly OwnedExecution[],
    events: readonly ScheduleEvent[],
  ): Promise<ReconcileResult> {
    const { schedules, observer, now } = this.#parts;
    observer.tell(key, schedule, events);
    for (let newest = schedule; ; ) {
      const after = afterStart(newest, start, execution?.metadata.uid);
      const next = decide({ schedule: after, executions, nowMs: now() });
      if (await this.#write(newest, next.status)) {
        observer.tell(key, schedule, next.events);
        return next.start === undefined ? this.#again(next) : { requeueAfterMs: 0 };
      }
      const found = schedules.store.get(key);
      if (found?.metadata.uid !== schedule.metadata.uid || found === undefined) return undefined; // it is gone
      newest = found;
    }
  }

  async #cancel(object: ScriptSchedule, { name, replaces }: DueStart): Promise<ScheduleEvent[]> {
    const { namespace } = object.metadata;
    await Promise.all(replaces.map((execution) => cancelExecution(this.#parts.client, namespace, execution)));
    return replaces.map(({ name: old }) => {
      const note = `Cancelled execution ${old}, which had not finished: ${name} replaces it.`;
      return { type: 'Normal', reason: 'Replaced', note, of: old };
    });
  }

  /** What a schedule owns: by the cache, and what the cache lacks of its status by the API server. */
  async #owned(schedule: ScheduleProjection): Promise<{ executions: OwnedExecution[]; missing: ScheduleEvent[] }> {
    const { client, executions: cache } = this.#parts;
    const { uid, namespace } = schedule.metadata;
    const executions = [...cache.store.by(EXECUTIONS_BY_OWNER, uid ?? '')].map(ownedExecution);
    const known = new Set(executions.map((each) => each.uid));
    const missing: ScheduleEvent[] = [];
    for (const active of schedule.status.active ?? []) {
      if (known.has(active.uid)) continue;
      const found = await client.find(SCRIPT_EXECUTIONS, { namespace, name: active.name });
      if (found?.metadata.uid === active.uid && found !== undefined)
        executions.push(ownedExecution(projectExecution(found)));
      else {
        const note = `Execution ${active.name} had not finished and is gone.`;
        missing.push({ type: 'Normal', reason: 'MissingExecution', note, of: active.name });
      }
    }
    return { executions, missing };
  }

  async #removeSurplus(key: string, schedule: ScheduleProjection, { surplus }: ScheduleDecision): Promise<void> {
    const { executions: cache, remove, observer } = this.#parts;
    for (const { name, resourceVersion } of surplus) {
      const execution = cache.store.get({ namespace: schedule.metadata.namespace, name });
      if (execution?.metadata.resourceVersion !== resourceVersion || execution === undefined) continue;
      if (execution.metadata.deletionTimestamp !== undefined) continue;
      await remove(execution);
      const note = `Deleted execution ${name}, beyond the history limit.`;
      observer.tell(key, schedule, [{ type: 'Normal', reason: 'SuccessfulDelete', note, of: name }]);
    }
  }

  /** Writes the status where it is another, then tells of what has happened. */
  async #record(
    key: string,
    schedule: ScheduleProjection,
    { status, events, againMs }: ScheduleDecision,
    more: readonly ScheduleEvent[],
  ): Promise<ReconcileResult> {
    if (!isDeepStrictEqual(schedule.status, status) && !(await this.#write(schedule, status)))
      return { requeueAfterMs: 50 };
    this.#parts.observer.tell(key, schedule, [...more, ...events]);
    return this.#again({ againMs });
  }

  #again({ againMs }: Pick<ScheduleDecision, 'againMs'>): ReconcileResult {
    if (againMs === undefined) return undefined;
    return { requeueAfterMs: Math.min(AT_LEAST_EVERY_MS, Math.max(1, againMs - this.#parts.now())) };
  }

  #write(schedule: ScheduleProjection, status: ScriptScheduleStatus): Promise<boolean> {
    const { client, schedules: cache } = this.#parts;
    return writeStatus({ client, resource: SCRIPT_SCHEDULES, cache }, schedule, status);
  }
}

function withExecution(
  executions: readonly OwnedExecution[],
  execution: ScriptExecution | undefined,
): OwnedExecution[] {
  if (execution === undefined) return [...executions];
  const others = executions.filter(({ uid }) => uid !== execution.metadata.uid);
  return [...others, ownedExecution(projectExecution(execution))];
}

function refusedEvent({ name }: DueStart, message: string): ScheduleEvent {
  return {
    type: 'Warning',
    reason: 'FailedCreate',
    note: `Execution ${name} is refused: ${message}`,
    of: `${name} ${message}`,
  };
}

function takenEvent({ name }: DueStart): ScheduleEvent {
  const note = `Nothing is started: an execution ${name} that is not of this schedule has the name.`;
  return { type: 'Warning', reason: 'NameTaken', note, of: name };
}
