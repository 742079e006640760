import { formatRunId } from '../../api/pod-protocol.ts';
import type { Log } from '../../cluster/log.ts';
import { keyOf } from '../../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** The transitions of an execution, from the first reconcile to the acknowledgement of its outcome. */
export type Transition =
  /** A reconcile has decided on a different step. */
  | 'decided'
  /** The dispatcher has selected it. */
  | 'dispatched'
  /** A status was written. */
  | 'written'
  /** The run was sent to its pod. */
  | 'sent'
  /** The result of the attempt is known. */
  | 'settled'
  /** The pod was told that the outcome is recorded. */
  | 'acknowledged'
  /** The execution was deleted. */
  | 'gone';

type Of = Pick<ExecutionProjection, 'metadata'> & { readonly status?: ExecutionProjection['status'] };

/** Writes one line of the log for each transition of an execution, with its run id, at level debug. */
export class ExecutionTrace {
  readonly #log: Pick<Log, 'write' | 'writesDebug'>;
  /** The last step decided on, by execution. */
  readonly #steps = new Map<string, string>();

  constructor(log: Pick<Log, 'write' | 'writesDebug'>) {
    this.#log = log;
  }

  record(transition: Transition, of: Of, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.#log.writesDebug) return;
    const { uid = '' } = of.metadata;
    const { run = 1, claim, attempts = 0, traceID } = of.status ?? {};
    const runID = formatRunId({ uid, run, attempt: claim?.attempt ?? attempts + 1 });
    this.#log.write('debug', `execution ${transition}`, {
      execution: keyOf(of),
      run: runID,
      ...(traceID === undefined ? {} : { trace_id: traceID }),
      ...fields,
    });
  }

  /** Records the step that a reconcile has decided on, if it differs from the previous one. */
  decided(of: Of, step: string): void {
    if (!this.#log.writesDebug || this.#steps.get(keyOf(of)) === step) return;
    this.#steps.set(keyOf(of), step);
    this.record('decided', of, { step });
  }

  /** The execution was deleted. */
  forget(key: string): void {
    if (this.#steps.delete(key)) this.#log.write('debug', 'execution gone', { execution: key });
  }
}
