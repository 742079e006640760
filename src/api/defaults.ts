import { API_VERSION, schemaOf } from './crd.ts';
import { withDefaults } from './defaulting.ts';
import { isForTenant } from './for-tenant.ts';
import type { JsonValue } from './json.ts';
import type { ScriptExecution, ScriptExecutionContext, ScriptRuntime } from './types.generated.ts';

/** The global `context` of a script with all fields: the engine's `ExecutionContext`. */
export interface FilledContext {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
  readonly execution: {
    readonly id: string;
    readonly type: 'cron' | 'http' | 'one_off' | 'embedded';
    readonly triggeredBy: 'user' | 'system' | 'api';
    /** Name of the Kubernetes user who wrote what it runs. */
    readonly createdBy?: string;
  };
  readonly requestID: string;
  /** W3C trace context of the request. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** What fillContext reads of an execution. */
interface WithContext {
  readonly metadata: { readonly namespace: string; readonly uid?: string };
  readonly spec: { readonly context?: ScriptExecutionContext };
}

/** The tenant of an execution; defaults to its namespace. */
export const tenantOf = ({ metadata, spec }: WithContext): string => spec.context?.tenant?.id ?? metadata.namespace;

/**
 * The context an execution's script sees: the author's claims with defaults. The tenant defaults to the namespace, the
 * user is empty, the execution defaults to `one_off` by `user`, and its id is always the object's uid.
 *
 * @param fresh.requestID id of the request if the author sets none
 */
export function fillContext(execution: WithContext, fresh: { readonly requestID: string }): FilledContext {
  const { uid } = execution.metadata;
  const { tenant, user, execution: why, requestID, traceparent, tracestate } = execution.spec.context ?? {};
  const tenantId = tenantOf(execution);
  return {
    tenant: { id: tenantId, name: tenant?.name ?? tenantId },
    user: { id: user?.id ?? '', email: user?.email ?? '', permissions: [...(user?.permissions ?? [])] },
    execution: {
      id: uid ?? '',
      type: why?.type ?? 'one_off',
      triggeredBy: why?.triggeredBy ?? 'user',
      ...(why?.createdBy === undefined ? {} : { createdBy: why.createdBy }),
    },
    requestID: requestID ?? fresh.requestID,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}

/** Key of the tenant: executions with different keys never share state of a VM. */
export function tenantKey(namespace: string, tenantId: string): string {
  // A namespace contains no slash, so different pairs have different keys.
  return `${namespace}/${tenantId}`;
}

/** Whether a runtime admits a tenant. */
export function admitsTenant(runtime: Pick<ScriptRuntime, 'spec'>, tenantId: string): boolean {
  return isForTenant(runtime.spec, tenantId);
}

/** A ScriptRuntime with defaults only: serves executions on a machine without a runtime of that name. */
export function defaultRuntime(name: string, namespace: string): ScriptRuntime {
  return filled<ScriptRuntime>('ScriptRuntime', { name, namespace }, {});
}

/**
 * Builds a ScriptExecution with defaults. It is not validated.
 *
 * @param spec the fields an author would write, for example `{ source }`
 */
export function makeExecution(
  metadata: { readonly name: string; readonly namespace: string; readonly uid?: string },
  spec: Readonly<Record<string, JsonValue>>,
): ScriptExecution {
  return filled<ScriptExecution>('ScriptExecution', { ...metadata }, { ...spec });
}

function filled<T>(kind: 'ScriptRuntime' | 'ScriptExecution', metadata: JsonValue, spec: JsonValue): T {
  return withDefaults(schemaOf(kind), { apiVersion: API_VERSION, kind, metadata, spec }) as unknown as T;
}
