import { tenantOf } from '../../api/defaults.ts';
import { type EnvVar, envOf } from '../../api/env.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';

/** The variables of an execution. */
export const executionEnv = (runtime: ScriptRuntime, execution: ScriptExecution): readonly EnvVar[] =>
  envOf(runtime.spec.env, execution.spec.env, tenantOf(execution));
