import type { OutcomeInput } from '../../api/status.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import { ApiError, isConflict, isInvalid, isNotFound, mayHaveHappened } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Informer } from '../kube/informer.ts';
import { SCRIPT_EXECUTIONS } from '../resources.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { shorterOutcomes } from './outcomes.ts';
import { endedStatus } from './statuses.ts';
import type { ExecutionTrace } from './trace.ts';

/** What became of a write. */
export type Written =
  /** Done: the object as it is now, whole. */
  | { readonly kind: 'written'; readonly object: ScriptExecution }
  /** The object is another by now, or it can't be told whether the write was done: decide again from what is there. */
  | { readonly kind: 'changed' }
  /** There is no such object: the watch will say so. */
  | { readonly kind: 'gone' };

/** Around each write of an execution's status. */
type Measure = <T>(write: () => Promise<T>) => Promise<T>;

/** Writes statuses whole, each for exactly the object that was looked at. */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #informer: Pick<Informer<ScriptExecution, ExecutionProjection>, 'observe'>;
  readonly #measure: Measure;
  readonly #trace: Pick<ExecutionTrace, 'record'> | undefined;

  constructor(
    client: KubeClient,
    informer: Pick<Informer<ScriptExecution, ExecutionProjection>, 'observe'>,
    measure: Measure = (write) => write(),
    trace?: Pick<ExecutionTrace, 'record'>,
  ) {
    this.#client = client;
    this.#informer = informer;
    this.#measure = measure;
    this.#trace = trace;
  }

  /** Throws where the API server refuses for another reason than that the object has changed, or does not answer. */
  async write(execution: ExecutionProjection, status: ScriptExecutionStatus): Promise<Written> {
    const { apiVersion, kind, metadata } = execution;
    const { name, namespace, uid, resourceVersion } = metadata;
    const object = {
      apiVersion,
      kind,
      metadata: { name, namespace, uid, resourceVersion },
      status,
    } as ScriptExecution;
    try {
      const written = await this.#measure(() => this.#client.replaceStatus(SCRIPT_EXECUTIONS, object));
      this.#informer.observe(written);
      const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
      this.#trace?.record('written', written, {
        reason: succeeded?.reason,
        resourceVersion: written.metadata.resourceVersion,
      });
      return { kind: 'written', object: written };
    } catch (error) {
      if (isNotFound(error)) return { kind: 'gone' };
      if (isTooLarge(error) || !(isConflict(error) || mayHaveHappened(error))) throw error;
      const found = await this.refresh(execution);
      if (found?.metadata.resourceVersion === resourceVersion) throw error; // it was not done, and would be refused again
      return { kind: 'changed' };
    }
  }

  /**
   * Records how an execution ended; where the object has no room for all of that, as much as it has. Gives the object, or
   * undefined where it has changed. Throws as `write` does.
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

  /** Reads the object anew into the cache: gives it whole, or undefined where it is gone. */
  async refresh({ metadata }: ExecutionProjection): Promise<ScriptExecution | undefined> {
    const { name, namespace } = metadata;
    const object = await this.#client.find(SCRIPT_EXECUTIONS, { name, namespace });
    if (object === undefined || object.metadata.uid !== metadata.uid) return undefined;
    this.#informer.observe(object);
    return object;
  }

  /** The object whole, if it is still the one that was looked at; else the cache has it anew. */
  async whole(execution: ExecutionProjection): Promise<ScriptExecution | undefined> {
    const found = await this.refresh(execution);
    return found?.metadata.resourceVersion === execution.metadata.resourceVersion ? found : undefined;
  }
}

/** Whether a status is refused for what is in it: another may be taken. */
function isUnwritable(error: unknown): boolean {
  return isInvalid(error) || isTooLarge(error);
}

/** etcd takes 1.5 MiB an object, its client 2 MiB a request, the API server 3 MiB. */
function isTooLarge(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 413 || /request is too large|request too large|message larger than max/i.test(error.message))
  );
}
