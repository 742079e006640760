import { runDigest } from '../../api/digest.ts';
import type { Condition, ScriptExecution, ScriptExecutionSpec } from '../../api/types.generated.ts';
import { hasEnded } from './next-step.ts';

/**
 * What the operator keeps of an execution. Scripts, params, results and logs pass by: what a pod needs comes back with
 * the answer to the claim. Of an execution that is over hardly more stays than what tells whether it is to run again.
 */
export interface KnownExecution extends ScriptExecution {
  /** Digest of what `spec` says is run. */
  readonly digest: string;
}

/** Takes from an object what is kept of it. */
export function knownExecution({ apiVersion, kind, metadata, spec, status }: ScriptExecution): KnownExecution {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  const digest = runDigest(spec);
  const isOver = hasEnded(status) && status.runDigest === digest;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...defined({ uid, resourceVersion, generation, creationTimestamp, deletionTimestamp }),
    },
    digest,
    spec: isOver ? restingSpec(spec) : waitingSpec(spec),
    status: isOver ? restingStatus(status) : waitingStatus(status),
  };
}

/** What decides on a start: all but the script and what it is told. */
function waitingSpec({ source: _source, params: _params, context, ...spec }: ScriptExecutionSpec): ScriptExecutionSpec {
  const id = context?.tenant?.id;
  return id === undefined ? spec : { ...spec, context: { tenant: { id } } };
}

function restingSpec(spec: ScriptExecutionSpec): ScriptExecutionSpec {
  const { runtimeRef, language, backoffLimit, priority, suspend, cancel, ttlSecondsAfterFinished } = spec;
  return { runtimeRef, language, backoffLimit, priority, suspend, cancel, ...defined({ ttlSecondsAfterFinished }) };
}

function waitingStatus(status: ScriptExecution['status']): ScriptExecution['status'] {
  const { result: _result, logs: _logs, usage: _usage, error: _error, conditions, ...rest } = status;
  return { ...rest, ...(conditions === undefined ? {} : { conditions: conditions.map(brief) }) };
}

function restingStatus(status: ScriptExecution['status']): ScriptExecution['status'] {
  const { observedGeneration, conditions = [], run, runDigest: digest, completionTime, claim } = status;
  return {
    conditions: conditions.map(brief),
    ...defined({ observedGeneration, run, runDigest: digest, completionTime, claim }),
  };
}

/** A message can be 32 KiB of somebody's error; the beginning tells whether it is the one that we would write. */
const MAX_MESSAGE = 300;
const brief = (condition: Condition): Condition => ({ ...condition, message: condition.message.slice(0, MAX_MESSAGE) });

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
