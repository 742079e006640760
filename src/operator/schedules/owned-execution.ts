import { succeededCondition } from '../../api/conditions.ts';
import type { ExecutionProjection } from '../executions/execution-projection.ts';
import { isFinished } from '../executions/finished.ts';

/** What a schedule has to know of an execution that it owns. */
export interface OwnedExecution {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly ending: 'succeeded' | 'failed' | undefined;
  /** RFC 3339; of one that has ended. */
  readonly completionTime: string | undefined;
  /** It is told to end, or is being deleted. */
  readonly isLeaving: boolean;
}

/** What a schedule has to know of an execution, from what is cached of it. */
export function ownedExecution({ metadata, spec, status, digest }: ExecutionProjection): OwnedExecution {
  const hasFinished = isFinished(status) && status.runDigest === digest;
  const succeeded = succeededCondition(status)?.status === 'True';
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    createdMs: Date.parse(metadata.creationTimestamp ?? ''),
    ending: hasFinished ? (succeeded ? 'succeeded' : 'failed') : undefined,
    completionTime: hasFinished ? status.completionTime : undefined,
    isLeaving: spec.cancel || metadata.deletionTimestamp !== undefined,
  };
}
