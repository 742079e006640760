/** Index of the executions' cache: the executions that a schedule owns, by its uid. */
export const EXECUTIONS_BY_OWNER = 'owner';
