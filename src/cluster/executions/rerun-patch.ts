import { randomUUID } from 'node:crypto';
import type { ScriptExecutionSpec } from '../../api/types.generated.ts';

/** The merge patch that starts another run. `cancel` is final for the run that it was set for: it is taken back. */
export const rerunPatch = ({ cancel }: ScriptExecutionSpec): object => ({
  spec: { rerunToken: randomUUID(), ...(cancel ? { cancel: false } : {}) },
});
