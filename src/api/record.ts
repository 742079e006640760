/** On a ScriptExecution that a gateway has run and written afterwards, as a record: no operator runs it. */
export const RECORD_ANNOTATION = 'copepod.dev/record';

/** Id that the script of a record saw as `context.execution.id`. */
export const EXECUTION_ID_ANNOTATION = 'copepod.dev/execution-id';

/** The user that asked the gateway for the execution of a record, as the API server names it. */
export const REQUESTED_BY_ANNOTATION = 'copepod.dev/requested-by';

/** Whether an execution is a gateway's record. */
export const isRecord = ({ annotations }: { readonly annotations?: Readonly<Record<string, string>> }): boolean =>
  annotations?.[RECORD_ANNOTATION] === 'true';
