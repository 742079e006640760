import { type FieldError, type FieldPath, fieldError } from '../field-path.ts';
import { FormatError } from '../format-error.ts';
import type { JsonObject } from '../json.ts';
import { checkMetadata } from '../metadata.ts';
import type { ScriptSchedule } from '../types.generated.ts';
import { parseCron } from './cron-expression.ts';
import { timeZone } from './time-zone.ts';

/** What is wrong with a schedule that holds by its schema: what CEL rules cannot tell, and the operator would find. */
export function checkSchedule({ metadata, spec }: ScriptSchedule): FieldError[] {
  return [
    ...unreadable(['spec', 'schedule'], () => parseCron(spec.schedule)),
    ...unreadable(['spec', 'timeZone'], () => spec.timeZone === undefined || timeZone(spec.timeZone)),
    ...checkTemplate(metadata.name, spec.executionTemplate),
  ];
}

/** What is wrong with the executions that a schedule would start. */
export function checkTemplate(
  name: string,
  { metadata, spec }: ScriptSchedule['spec']['executionTemplate'],
): FieldError[] {
  const at = ['spec', 'executionTemplate'];
  const labelsAndAnnotations = checkMetadata({ metadata: { name, ...metadata } as JsonObject });
  const errors = labelsAndAnnotations.map(({ parts, message, hint }) => fieldError([...at, ...parts], message, hint));
  const { params } = spec;
  if (params === undefined || params === null || (typeof params === 'object' && !Array.isArray(params))) return errors;
  const hint = 'write params as an object, with what the script needs under a key';
  return [
    ...errors,
    fieldError([...at, 'spec', 'params'], 'must be an object: scheduledTime and cron are added to it', hint),
  ];
}

function unreadable(path: FieldPath, read: () => unknown): FieldError[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [fieldError(path, error.message)];
  }
}
