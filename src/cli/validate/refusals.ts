import { admitsTenant, tenantOf } from '../../api/defaults.ts';
import { type FieldError, fieldError } from '../../api/field-path.ts';
import type { JsonValue } from '../../api/json.ts';
import { MAX_JSON_DEPTH, nestsTooDeep } from '../../api/json-depth.ts';
import { executionLimits, runtimeLimits } from '../../api/limits.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import { MAX_PARAMS_BYTES } from '../../runtime/options.ts';
import type { Task } from '../input/workload.ts';

/** What the API server would take, and the runtime would refuse: the execution could only end as refused. */
export function refusals(tasks: readonly Task[]): ManifestProblem[] {
  return tasks.flatMap((task) => refusalsOf(task).map((error) => problemOf(task, error)));
}

/** Why a runtime would refuse an execution. Pure. */
export function refusalsOf({ execution, runtime, implicitRuntime }: Omit<Task, 'script' | 'place'>): FieldError[] {
  const errors = implicitRuntime ? [] : runtimeRefusals({ execution, runtime });
  return [...errors, ...paramsErrors(execution.spec.params)];
}

/** Why any runtime would refuse params. Pure. */
export function paramsErrors(params: JsonValue | undefined): FieldError[] {
  if (nestsTooDeep(params)) return [fieldError(['spec', 'params'], `must nest at most ${MAX_JSON_DEPTH} levels`)];
  const bytes = params === undefined ? 0 : Buffer.byteLength(JSON.stringify(params));
  if (bytes <= MAX_PARAMS_BYTES) return [];
  return [fieldError(['spec', 'params'], `must have at most ${MAX_PARAMS_BYTES} bytes as JSON, not ${bytes}`)];
}

/** What a runtime that is among the files would refuse: what another one says is not known here. */
function runtimeRefusals({ execution, runtime }: Pick<Task, 'execution' | 'runtime'>): FieldError[] {
  const { name } = runtime.metadata;
  const tenant = tenantOf(execution);
  const { exceeded } = executionLimits(runtimeLimits(runtime.spec.limits), execution.spec.limits);
  const errors = exceeded.map(({ field, asked, ceiling }) => {
    const hint = `write at most ${ceiling}, or raise spec.limits.${field} of the runtime`;
    const message = `asks for ${asked}, and the ScriptRuntime ${name} allows ${ceiling}`;
    return fieldError(['spec', 'limits', field], message, hint);
  });
  if (!admitsTenant(runtime, tenant)) {
    const hint = `its spec.tenants are: ${(runtime.spec.tenants ?? []).join(', ')}`;
    const message = `the ScriptRuntime ${name} does not admit the tenant ${JSON.stringify(tenant)}`;
    errors.push(fieldError(['spec', 'context', 'tenant', 'id'], message, hint));
  }
  return errors;
}

function problemOf({ place, script }: Task, error: FieldError): ManifestProblem {
  const { message, path, hint } = error;
  if (place !== undefined) {
    const parts = [...place.spec, ...error.parts.slice(1)];
    return place.origin.problem(fieldError(parts, message, hint));
  }
  return { ...script.locate(1, 1), path, message };
}
