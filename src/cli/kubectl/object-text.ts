import type { ScriptExecution } from '../../api/types.generated.ts';
import { withoutManagedFields } from '../../kube/object.ts';
import { documentText, jsonText } from '../output/list.ts';

/**
 * An execution in the format of `-o`: the object, its name as kubectl prints it, or its result as JSON, which is empty
 * without a result.
 */
export function objectText(execution: ScriptExecution, output: 'result' | 'json' | 'yaml' | 'name'): string {
  const { metadata, status } = execution;
  if (output === 'name') return `scriptexecution.copepod.dev/${metadata.name}\n`;
  if (output === 'result') return status.result === undefined ? '' : jsonText(status.result);
  return documentText(withoutManagedFields(execution), output);
}
