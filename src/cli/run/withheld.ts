import { admitsTenant, fillContext } from '../../api/defaults.ts';
import { nestsTooDeep, tooDeepMessage } from '../../api/json-depth.ts';
import { executionLimits, limitsRefusedMessage, runtimeLimits } from '../../api/limits.ts';
import type { Reason } from '../../api/outcome.ts';
import type { Task } from '../input/workload.ts';

/** Why an execution does not start. */
export interface Withheld {
  readonly reason: Reason;
  readonly message: string;
}

/** Why an execution must not be started, decided before it is queued; undefined if it may run. Pure. */
export function withheld({ execution, runtime }: Task): Withheld | undefined {
  const { spec } = execution;
  if (spec.cancel) return { reason: 'Cancelled', message: 'The execution was cancelled before it started.' };
  if (spec.suspend) return { reason: 'Suspended', message: 'The execution is suspended (spec.suspend).' };

  const { tenant } = fillContext(execution, { requestID: '' });
  if (!admitsTenant(runtime, tenant.id)) {
    const message = `the runtime ${runtime.metadata.name} does not admit the tenant ${JSON.stringify(tenant.id)}`;
    return { reason: 'TenantRefused', message };
  }
  if (nestsTooDeep(spec.params)) return { reason: 'LimitsRefused', message: tooDeepMessage('spec.params') };
  const { exceeded } = executionLimits(runtimeLimits(runtime.spec.limits), spec.limits);
  return exceeded.length === 0 ? undefined : { reason: 'LimitsRefused', message: limitsRefusedMessage(exceeded) };
}
