import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../../api/json.ts';
import { REASONS } from '../../api/outcome.ts';
import type { EndedExecution, Recorder } from '../cluster/recorder.ts';
import type { Record } from '../http/routes.ts';
import type { RequestTrace } from '../http/trace-context.ts';
import { Refusal } from '../refusal.ts';
import type { Executed, Executor } from './executor.ts';
import { requestedExecution } from './requested-execution.ts';

export interface ScriptRequestsParts {
  readonly executor: Executor;
  /** Undefined: executions cannot be recorded. */
  readonly recorder: Pick<Recorder, 'record' | 'hasRoom'> | undefined;
}

/** A request to execute a script, of a user that may. */
export interface ScriptRequest {
  readonly namespace: string;
  /** Name of the ScriptRuntime. */
  readonly runtime: string;
  /** The spec of a ScriptExecution. */
  readonly spec: JsonValue;
  readonly record: Record;
  readonly username: string;
  readonly trace: RequestTrace;
}

export interface ScriptAnswer extends Executed {
  readonly succeeded: boolean;
  /** Name of the ScriptExecution that is written about it. */
  readonly recordedAs: string | undefined;
}

/** An execution that has ended. */
export interface Recordable extends Omit<EndedExecution, 'name' | 'status'> {
  readonly executed: Executed;
  /** Name of its ScriptRuntime or ScriptEndpoint: its record is named after it. */
  readonly of: string;
}

/** Executes the scripts of requests, and has them recorded where it is asked for. */
export class ScriptRequests {
  readonly #parts: ScriptRequestsParts;

  constructor(parts: ScriptRequestsParts) {
    this.#parts = parts;
  }

  /** Before a script runs: what cannot be recorded is not run. @throws Refusal */
  checkRecord(record: Record): void {
    if (record === 'Never') return;
    const { recorder } = this.#parts;
    if (recorder === undefined) throw new Refusal('BadRequest', 'this gateway has no cluster to record executions in');
    if (recorder.hasRoom) return;
    throw new Refusal('TooManyRequests', 'too many executions wait to be recorded', { retryAfterSeconds: 1 });
  }

  /**
   * Executes a script at most once.
   * @param signal cancels it
   * @throws Refusal if it was not started; the signal's reason
   */
  async run({ record, username, ...request }: ScriptRequest, signal: AbortSignal): Promise<ScriptAnswer> {
    const { executor } = this.#parts;
    const execution = requestedExecution({ ...request, username, uid: randomUUID() });
    signal.throwIfAborted();
    const executed = await executor.execute(execution, signal);
    const recordedAs = this.record(record, { of: request.runtime, execution, executed, username });
    return { ...executed, succeeded: hasSucceeded(executed), recordedAs };
  }

  /** Has an execution that has ended recorded, where it is asked for. @returns the name of the object */
  record(record: Record, { of, execution, executed, username }: Recordable): string | undefined {
    if (record === 'Never' || (record === 'Failures' && hasSucceeded(executed))) return undefined;
    const name = recordName(of, execution.metadata.uid ?? '');
    this.#parts.recorder?.record({ name, execution, status: executed.status, username });
    return name;
  }
}

const hasSucceeded = ({ reason }: Executed): boolean => REASONS[reason].succeeded === 'True';

/** Unique, and short enough for a name: the runtime's own may have 253 characters. */
function recordName(runtime: string, uid: string): string {
  return `${runtime.slice(0, 200).replace(/[-.]+$/, '')}-${uid.replaceAll('-', '').slice(0, 16)}`;
}
