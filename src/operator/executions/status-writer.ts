import { succeededCondition } from '../../api/conditions.ts';
import type { OutcomeInput } from '../../api/status.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import { shorterOutcomes } from '../../cluster/pods/outcomes.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { ApiError, isConflict, isInvalid, isNotFound, mayHaveHappened } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Informer } from '../../kube/informer.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { ExecutionSpans } from './execution-spans.ts';
import { endedStatus } from './statuses.ts';
import type { ExecutionTrace } from './trace.ts';

/** The result of a write. */
export type Written =
  /** Written: the whole object. */
  | { readonly kind: 'written'; readonly object: ScriptExecution }
  /** The object has changed, or the result of the write is unknown: decide again from the stored object. */
  | { readonly kind: 'changed' }
  /** The object does not exist: the watch will deliver that. */
  | { readonly kind: 'gone' };

/** Wraps each write of an execution's status. */
type Measure = <T>(write: () => Promise<T>) => Promise<T>;

/** Replaces statuses, each with the resource version of the object it was decided from. */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #informer: Pick<Informer<ScriptExecution, ExecutionProjection>, 'observe'>;
  readonly #measure: Measure;
  readonly #trace: Pick<ExecutionTrace, 'record'> | undefined;
  readonly #spans: Pick<ExecutionSpans, 'traceID'> | undefined;

  /** @param spans undefined: nothing is traced */
  constructor(
    client: KubeClient,
    informer: Pick<Informer<ScriptExecution, ExecutionProjection>, 'observe'>,
    measure: Measure = (write) => write(),
    trace?: Pick<ExecutionTrace, 'record'>,
    spans?: Pick<ExecutionSpans, 'traceID'>,
  ) {
    this.#client = client;
    this.#informer = informer;
    this.#measure = measure;
    this.#trace = trace;
    this.#spans = spans;
  }

  /** Throws if the API server refuses for another reason than a conflict, or does not answer. */
  async write(execution: ExecutionProjection, status: ScriptExecutionStatus): Promise<Written> {
    const { apiVersion, kind, metadata } = execution;
    const { name, namespace, uid, resourceVersion } = metadata;
    const object = {
      apiVersion,
      kind,
      metadata: { name, namespace, uid, resourceVersion },
      status: this.#traced(execution, status),
    } as ScriptExecution;
    try {
      const written = await this.#measure(() => this.#client.replaceStatus(SCRIPT_EXECUTIONS, object));
      this.#informer.observe(written);
      const succeeded = succeededCondition(status);
      this.#trace?.record('written', written, {
        reason: succeeded?.reason,
        resourceVersion: written.metadata.resourceVersion,
      });
      return { kind: 'written', object: written };
    } catch (error) {
      if (isNotFound(error)) return { kind: 'gone' };
      if (isTooLarge(error) || !(isConflict(error) || mayHaveHappened(error))) throw error;
      const found = await this.refresh(execution);
      if (found?.metadata.resourceVersion === resourceVersion) throw error; // it had no effect, and would be refused again
      return { kind: 'changed' };
    }
  }

  /**
   * Records an outcome; if the object has no space for all of it, a shorter version. Returns the object, or undefined
   * if it has changed. Throws like `write`.
   */
  async writeOutcome(execution: ExecutionProjection, outcome: OutcomeInput): Promise<ScriptExecution | undefined> {
    let refusal: unknown;
    for (const candidate of shorterOutcomes(outcome)) {
      try {
        const written = await this.write(execution, endedStatus(execution, candidate));
        return written.kind === 'written' ? written.object : undefined;
      } catch (error) {
        if (!isUnwritable(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  /** With the id of its trace, unless it has finished before. */
  #traced(execution: ExecutionProjection, status: ScriptExecutionStatus): ScriptExecutionStatus {
    const wasFinished = execution.status.completionTime !== undefined && status.completionTime !== undefined;
    if (this.#spans === undefined || wasFinished) return status;
    return { ...status, traceID: this.#spans.traceID(execution, status.run ?? 1) };
  }

  /** Reads the object into the cache: returns it whole, or undefined if it is deleted. */
  async refresh({ metadata }: ExecutionProjection): Promise<ScriptExecution | undefined> {
    const { name, namespace } = metadata;
    const object = await this.#client.find(SCRIPT_EXECUTIONS, { name, namespace });
    if (object === undefined || object.metadata.uid !== metadata.uid) return undefined;
    this.#informer.observe(object);
    return object;
  }

  /** The whole object if it is unchanged; otherwise the cache is refreshed. */
  async whole(execution: ExecutionProjection): Promise<ScriptExecution | undefined> {
    const found = await this.refresh(execution);
    return found?.metadata.resourceVersion === execution.metadata.resourceVersion ? found : undefined;
  }
}

/** Whether a status is refused because of its content: another may be accepted. */
function isUnwritable(error: unknown): boolean {
  return isInvalid(error) || isTooLarge(error);
}

/** etcd takes 1.5 MiB per object, its client 2 MiB per request, the API server 3 MiB. */
function isTooLarge(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 413 || /request is too large|request too large|message larger than max/i.test(error.message))
  );
}
