import { digestOfContent, runContent } from '../../api/digest.ts';
import { MAX_JSON_DEPTH, nestsTooDeep, textNestsTooDeep } from '../../api/json-depth.ts';
import type {
  Condition,
  ScriptExecution,
  ScriptExecutionSpec,
  ScriptExecutionStatus,
} from '../../api/types.generated.ts';
import { isFinished } from './finished.ts';

/**
 * What the cache keeps of an execution. The script, its params, its result and its logs are left out. Of a finished one hardly more is
 * kept than what tells whether it is to run again.
 */
export interface ExecutionProjection extends Pick<ScriptExecution, 'apiVersion' | 'kind'> {
  readonly metadata: Pick<
    ScriptExecution['metadata'],
    'name' | 'namespace' | 'uid' | 'resourceVersion' | 'generation' | 'creationTimestamp' | 'deletionTimestamp'
  >;
  readonly spec: ProjectedSpec;
  readonly status: ProjectedStatus;
  /** Digest of what `spec` says is run. */
  readonly digest: string;
  /** The field of `spec` that nests deeper than any pod takes, if there is one. */
  readonly tooDeep?: 'params' | 'context';
}

export type ProjectedSpec = Omit<ScriptExecutionSpec, 'source' | 'params' | 'context' | 'rerunToken'> & {
  readonly context?: { readonly tenant: { readonly id: string } };
};
export type ProjectedStatus = Omit<ScriptExecutionStatus, 'result' | 'logs' | 'usage' | 'error' | 'startTime'>;

/**
 * Takes from an object what is kept of it.
 *
 * @param onContent called with the digest and the canonical JSON of what an unfinished execution runs: see `RunContents`
 */
export function projectExecution(
  { apiVersion, kind, metadata, spec, status }: ScriptExecution,
  onContent: (digest: string, content: string) => void = () => {},
): ExecutionProjection {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  const content = runContent(spec);
  const digest = digestOfContent(content);
  const isOver = isFinished(status) && status.runDigest === digest;
  if (!isOver) onContent(digest, content);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...defined({ uid, resourceVersion, generation, creationTimestamp, deletionTimestamp }),
    },
    digest,
    ...(isOver ? {} : defined({ tooDeep: tooDeepField(content, spec) })),
    spec: isOver ? finishedSpec(spec) : unfinishedSpec(spec),
    status: isOver ? finishedStatus(status) : unfinishedStatus(status),
  };
}

/** The text is judged first: it is there, and walking it is cheaper. Its fields stand one level below it. */
function tooDeepField(content: string, { params }: ScriptExecutionSpec): ExecutionProjection['tooDeep'] | undefined {
  if (!textNestsTooDeep(content, MAX_JSON_DEPTH + 1)) return undefined;
  return nestsTooDeep(params) ? 'params' : 'context';
}

/** What decides on a start. */
function unfinishedSpec({ source, params, rerunToken, context, ...spec }: ScriptExecutionSpec): ProjectedSpec {
  const id = context?.tenant?.id;
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

/** A message can have 32 KiB; its beginning tells whether it is the one that would be written. */
export const PROJECTED_MESSAGE = 300;
const brief = (condition: Condition): Condition => ({
  ...condition,
  message: condition.message.slice(0, PROJECTED_MESSAGE),
});

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
