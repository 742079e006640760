import { digestOfContent, runContent } from '../../api/digest.ts';
import { requestedTraceparent } from '../../api/execution-trace.ts';
import { MAX_JSON_DEPTH, nestsTooDeep, textNestsTooDeep } from '../../api/json-depth.ts';
import { isRecord } from '../../api/record.ts';
import type {
  Condition,
  ScriptExecution,
  ScriptExecutionSpec,
  ScriptExecutionStatus,
} from '../../api/types.generated.ts';
import { defined } from '../../kube/defined.ts';
import { controllerOf } from '../../kube/owner-references.ts';
import { projectedMetadata } from '../projected-metadata.ts';
import { isFinished } from './finished.ts';

/**
 * The cached fields of an execution, without script, params, result and logs. For a finished execution, little more
 * than what decides whether it must run again.
 */
export interface ExecutionProjection extends Pick<ScriptExecution, 'apiVersion' | 'kind'> {
  readonly metadata: Pick<
    ScriptExecution['metadata'],
    | 'name'
    | 'namespace'
    | 'uid'
    | 'resourceVersion'
    | 'generation'
    | 'creationTimestamp'
    | 'deletionTimestamp'
    // Of a ScriptSchedule alone.
    | 'ownerReferences'
  >;
  readonly spec: ProjectedSpec;
  readonly status: ProjectedStatus;
  /** Digest of the run content of `spec`. */
  readonly digest: string;
  /** The W3C trace context that it names (`traceparent`), if it is not finished. */
  readonly trace?: string;
  /** A gateway has run it, and writes its status: it is never run as an object. */
  readonly isRecord?: true;
  /** The field of `spec` that nests deeper than pods accept, if any. */
  readonly tooDeep?: 'params' | 'context';
}

export type ProjectedSpec = Omit<ScriptExecutionSpec, 'source' | 'params' | 'context' | 'rerunToken'> & {
  readonly context?: { readonly tenant: { readonly id: string } };
};
export type ProjectedStatus = Omit<ScriptExecutionStatus, 'result' | 'logs' | 'usage' | 'error' | 'startTime'>;

/**
 * Projects an execution.
 *
 * @param onContent called with the digest and canonical JSON of an unfinished execution's run content: see
 * `RunContents`
 */
export function projectExecution(
  { apiVersion, kind, metadata, spec, status }: ScriptExecution,
  onContent: (digest: string, content: string) => void = () => {},
): ExecutionProjection {
  const owner = controllerOf({ metadata });
  const ownerReferences = owner?.kind === 'ScriptSchedule' ? [owner] : undefined;
  const content = runContent(spec);
  const digest = digestOfContent(content);
  const isOver = isFinished(status) && status.runDigest === digest;
  if (!isOver) onContent(digest, content);
  return {
    apiVersion,
    kind,
    metadata: {
      ...projectedMetadata(metadata),
      ...defined({ ownerReferences }),
    },
    digest,
    ...(isRecord(metadata) ? { isRecord: true } : {}),
    ...(isOver
      ? {}
      : defined({ tooDeep: tooDeepField(content, spec), trace: requestedTraceparent(metadata, spec.context) })),
    spec: isOver ? finishedSpec(spec) : unfinishedSpec(spec),
    status: isOver ? finishedStatus(status) : unfinishedStatus(status),
  };
}

/** The text is checked first, which is cheaper than walking the object. Its fields are one level deeper in it. */
function tooDeepField(content: string, { params }: ScriptExecutionSpec): ExecutionProjection['tooDeep'] | undefined {
  if (!textNestsTooDeep(content, MAX_JSON_DEPTH + 1)) return undefined;
  return nestsTooDeep(params) ? 'params' : 'context';
}

/** The fields that decide about a start. */
function unfinishedSpec({ source, params, rerunToken, context, env, ...rest }: ScriptExecutionSpec): ProjectedSpec {
  const id = context?.tenant?.id;
  // The names alone: values are in the run content.
  const spec = env === undefined ? rest : { ...rest, env: env.map(({ name }) => ({ name, value: '' })) };
  return id === undefined ? spec : { ...spec, context: { tenant: { id } } };
}

function finishedSpec(spec: ScriptExecutionSpec): ProjectedSpec {
  const { runtimeRef, language, backoffLimit, priority, suspend, cancel, ttlSecondsAfterFinished } = spec;
  return { runtimeRef, language, backoffLimit, priority, suspend, cancel, ...defined({ ttlSecondsAfterFinished }) };
}

function unfinishedStatus({
  result,
  logs,
  usage,
  error,
  startTime,
  conditions,
  ...rest
}: ScriptExecutionStatus): ProjectedStatus {
  return { ...rest, ...(conditions === undefined ? {} : { conditions: conditions.map(brief) }) };
}

function finishedStatus(status: ScriptExecutionStatus): ProjectedStatus {
  const { observedGeneration, conditions = [], run, runDigest, completionTime, claim } = status;
  return {
    conditions: conditions.map(brief),
    ...defined({ observedGeneration, run, runDigest, completionTime, claim }),
  };
}

/** A message can have 32 KiB; its beginning is enough to compare it. */
export const PROJECTED_MESSAGE = 300;
const brief = (condition: Condition): Condition => ({
  ...condition,
  message: condition.message.slice(0, PROJECTED_MESSAGE),
});
