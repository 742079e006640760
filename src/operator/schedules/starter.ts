import { startedExecution } from '../../api/schedule/started-execution.ts';
import type { ScriptExecution, ScriptSchedule } from '../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { isAlreadyExists, isConflict, isForbidden, isInvalid, isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { controllerReference, isControlledBy } from '../../kube/owner-references.ts';
import type { OwnedExecution } from './owned-execution.ts';
import type { DueStart } from './starts.ts';

/** What came of a start. */
export type Started =
  | { readonly kind: 'created'; readonly execution: ScriptExecution }
  /** It is there: started before, and perhaps not recorded. */
  | { readonly kind: 'existing'; readonly execution: ScriptExecution }
  /** Its name is that of an object that the schedule does not own. */
  | { readonly kind: 'taken' }
  /** The API server does not take it. */
  | { readonly kind: 'refused'; readonly message: string };

/** Creates the execution of a start. Throws where it cannot be told whether it was created, or it is worth another try soon. */
export async function createExecution(client: KubeClient, schedule: ScriptSchedule, start: DueStart): Promise<Started> {
  const { metadata, ...rest } = startedExecution(schedule, start);
  const ownerReferences = [controllerReference(schedule)];
  const object = { ...rest, metadata: { ...metadata, ownerReferences } } as ScriptExecution;
  try {
    return { kind: 'created', execution: await client.create(SCRIPT_EXECUTIONS, object) };
  } catch (error) {
    if (isInvalid(error) || isForbidden(error)) return { kind: 'refused', message: (error as Error).message };
    if (!isAlreadyExists(error)) throw error;
    const found = await client.find(SCRIPT_EXECUTIONS, metadata);
    if (found === undefined) throw error; // it has just gone: once more
    return isControlledBy(found, schedule) ? { kind: 'existing', execution: found } : { kind: 'taken' };
  }
}

/** Tells an execution to end, for another to take its place. */
export async function cancelExecution(
  client: KubeClient,
  namespace: string,
  { name, uid }: OwnedExecution,
): Promise<void> {
  try {
    await client.mergePatch(SCRIPT_EXECUTIONS, { name, namespace }, { metadata: { uid }, spec: { cancel: true } });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
