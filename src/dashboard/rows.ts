import { readyCondition } from '../api/conditions.ts';
import { tenantOf } from '../api/defaults.ts';
import type {
  Condition,
  ScriptEndpoint,
  ScriptExecution,
  ScriptRuntime,
  ScriptSchedule,
} from '../api/types.generated.ts';
import { executionState, runtimeState, wantedPods } from '../cluster/executions/state.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';
import type { EndpointRow, ExecutionRow, RuntimeRow, ScheduleRow } from './messages.ts';

/** Most characters of an error in a list. */
const MAX_ERROR = 200;

/** The row of an execution. Pure. */
export function executionRow(execution: ScriptExecution): ExecutionRow {
  const { spec, status } = execution;
  const { error, usage } = status;
  const owner = ownerOf(execution, 'ScriptSchedule');
  return {
    kind: 'executions',
    ...identity(execution),
    runtime: spec.runtimeRef.name,
    tenant: tenantOf(execution),
    ...executionState(execution),
    ...(error === undefined ? {} : { error: error.message.slice(0, MAX_ERROR) }),
    ...(usage?.wallMilliseconds === undefined ? {} : { wallMs: usage.wallMilliseconds }),
    ...(owner === undefined ? {} : { schedule: owner }),
  };
}

/** The row of a runtime. Pure. */
export function runtimeRow(runtime: ScriptRuntime): RuntimeRow {
  const { spec, status } = runtime;
  const { readyReplicas = 0, pool = {}, executions = {} } = status;
  const { state, isWell } = runtimeState(runtime);
  return {
    kind: 'runtimes',
    ...identity(runtime),
    ready: readyReplicas,
    replicas: wantedPods(runtime),
    busy: pool.busy ?? 0,
    slots: readyReplicas * spec.pool.size,
    pending: executions.pending ?? 0,
    total: executions.total ?? 0,
    failed: (executions.errors ?? 0) + (executions.timeouts ?? 0),
    state,
    isWell,
  };
}

/** The row of a schedule. Pure. */
export function scheduleRow(schedule: ScriptSchedule): ScheduleRow {
  const { spec, status } = schedule;
  const { lastScheduleTime, nextScheduleTime } = status;
  return {
    kind: 'schedules',
    ...identity(schedule),
    schedule: spec.schedule,
    timeZone: spec.timeZone ?? 'UTC',
    isSuspended: spec.suspend,
    active: status.activeCount ?? 0,
    ...(lastScheduleTime === undefined ? {} : { last: lastScheduleTime }),
    ...(nextScheduleTime === undefined ? {} : { next: nextScheduleTime }),
    ...readiness(status),
  };
}

/** The row of an endpoint. Pure. */
export function endpointRow(endpoint: ScriptEndpoint): EndpointRow {
  const { spec, status } = endpoint;
  return {
    kind: 'endpoints',
    ...identity(endpoint),
    url: status.url ?? '',
    runtime: spec.runtimeRef.name,
    auth: spec.auth.type,
    ...readiness(status),
  };
}

function identity({ metadata }: { readonly metadata: Partial<ObjectMeta> & { readonly name: string } }) {
  const { uid = '', namespace = '', name, resourceVersion = '', creationTimestamp = '' } = metadata;
  return { uid, namespace, name, version: resourceVersion, created: creationTimestamp };
}

function readiness(status: { readonly conditions?: readonly Condition[] | undefined }): {
  readonly state: string;
  readonly isWell: boolean;
} {
  const ready = readyCondition(status);
  return { state: ready?.reason ?? 'Pending', isWell: ready?.status === 'True' };
}

function ownerOf(object: { readonly metadata: object }, kind: string): string | undefined {
  const { ownerReferences = [] } = (object as KubeObject).metadata;
  return ownerReferences.find((owner) => owner.kind === kind)?.name;
}
