import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { isConflict, isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** Deletes an execution if it is unchanged: after a change it may be needed again. */
export async function removeExecution(
  client: KubeClient,
  { metadata }: Pick<ExecutionProjection, 'metadata'>,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = metadata;
  try {
    await client.delete(SCRIPT_EXECUTIONS, { name, namespace }, { uid, resourceVersion });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
