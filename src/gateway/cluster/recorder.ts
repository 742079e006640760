import { API_VERSION } from '../../api/crd.ts';
import { EXECUTION_ID_ANNOTATION, RECORD_ANNOTATION, REQUESTED_BY_ANNOTATION } from '../../api/record.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { ApiError, isConflict, isTransient } from '../../kube/api-error.ts';
import { backoffMs } from '../../kube/backoff.ts';
import type { KubeClient } from '../../kube/client.ts';
import { pause } from '../../kube/pause.ts';

export interface RecorderParts {
  readonly client: Pick<KubeClient, 'create' | 'get' | 'replaceStatus'>;
  /** A record was written, or could not be. */
  readonly onWritten: (error?: unknown) => void;
}

/** An execution that has ended, to be written. */
export interface EndedExecution {
  /** Name of the object. */
  readonly name: string;
  readonly execution: ScriptExecution;
  readonly status: ScriptExecutionStatus;
  /** User name of the one that asked for it. */
  readonly username: string;
}

/** Records being written or waiting; more are dropped and counted. */
const MAX_PENDING = 1000;
const PARALLEL = 8;
/** The API server may be away for a moment; an operator gives up on a record without status after a minute. */
const TRIES = 5;
const RETRY = { baseMs: 200, maxMs: 5000 };
const NEVER = new AbortController().signal;

/** Writes ended executions as ScriptExecutions. They carry an annotation by which no operator runs them. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #pending: EndedExecution[] = [];
  #writing = 0;
  #whenIdle: (() => void) | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Whether another record can be taken. */
  get hasRoom(): boolean {
    return this.#pending.length < MAX_PENDING;
  }

  /** Writes it soon. */
  record(ended: EndedExecution): void {
    if (!this.hasRoom) {
      this.#parts.onWritten(new Error(`more than ${MAX_PENDING} records wait to be written`));
      return;
    }
    this.#pending.push(ended);
    this.#next();
  }

  /** Resolves when all records are written, or have failed. */
  async idle(): Promise<void> {
    if (this.#writing + this.#pending.length > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
  }

  #next(): void {
    while (this.#writing < PARALLEL) {
      const ended = this.#pending.shift();
      if (ended === undefined) break;
      this.#writing += 1;
      void this.#write(ended).finally(() => {
        this.#writing -= 1;
        this.#next();
      });
    }
    if (this.#writing === 0) this.#whenIdle?.();
  }

  async #write({ name, execution, status, username }: EndedExecution): Promise<void> {
    const { client, onWritten } = this.#parts;
    const { namespace, uid = '' } = execution.metadata;
    const annotations = {
      [RECORD_ANNOTATION]: 'true',
      [EXECUTION_ID_ANNOTATION]: uid,
      [REQUESTED_BY_ANNOTATION]: username,
    };
    const metadata = { name, namespace, annotations };
    const object: ScriptExecution = {
      apiVersion: API_VERSION,
      kind: 'ScriptExecution',
      metadata,
      spec: execution.spec,
      status: {},
    };
    try {
      let written = await tried(async () => {
        try {
          return await client.create(SCRIPT_EXECUTIONS, object);
        } catch (error) {
          // The answer to an earlier try was lost: names are unique.
          if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
          return await client.get(SCRIPT_EXECUTIONS, metadata);
        }
      });
      await tried(async () => {
        const observedGeneration = written.metadata.generation ?? 1;
        try {
          await client.replaceStatus(SCRIPT_EXECUTIONS, { ...written, status: { ...status, observedGeneration } });
        } catch (error) {
          if (isConflict(error)) written = await client.get(SCRIPT_EXECUTIONS, metadata);
          throw error;
        }
      });
      onWritten();
    } catch (error) {
      onWritten(error);
    }
  }
}

async function tried<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (tries >= TRIES || !(isTransient(error) || isConflict(error))) throw error;
      await pause(backoffMs(tries, RETRY), NEVER);
    }
  }
}
