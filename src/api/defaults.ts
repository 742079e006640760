import { API_VERSION, schemaOf } from './crd.ts';
import { withDefaults } from './defaulting.ts';
import type { JsonValue } from './json.ts';
import type { ScriptExecution, ScriptRuntime } from './types.generated.ts';

/** The global `context` of a script, whole: the engine's `ExecutionContext`. */
export interface FilledContext {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
  readonly execution: {
    readonly id: string;
    readonly type: 'cron' | 'http' | 'one_off' | 'embedded';
    readonly triggeredBy: 'user' | 'system' | 'api';
  };
  readonly requestID: string;
}

/** The tenant that an execution is for: its namespace, where its author names none. */
export const tenantOf = ({ metadata, spec }: Pick<ScriptExecution, 'metadata' | 'spec'>): string =>
  spec.context?.tenant?.id ?? metadata.namespace;

/**
 * The context that an execution's script sees: what the author claims, and the rest filled in. The tenant is the
 * namespace, the user is empty, the execution is `one_off` by `user`, and its id always the object's uid.
 *
 * @param fresh.requestID id of the request where the author gives none
 */
export function fillContext(
  execution: Pick<ScriptExecution, 'metadata' | 'spec'>,
  fresh: { readonly requestID: string },
): FilledContext {
  const { uid } = execution.metadata;
  const { tenant, user, execution: why, requestID } = execution.spec.context ?? {};
  const tenantId = tenantOf(execution);
  return {
    tenant: { id: tenantId, name: tenant?.name ?? tenantId },
    user: { id: user?.id ?? '', email: user?.email ?? '', permissions: [...(user?.permissions ?? [])] },
    execution: { id: uid ?? '', type: why?.type ?? 'one_off', triggeredBy: why?.triggeredBy ?? 'user' },
    requestID: requestID ?? fresh.requestID,
  };
}

/** Names who an execution runs for: executions of different keys never share a VM's state. */
export function tenantKey(namespace: string, tenantId: string): string {
  // A namespace has no slash, so no two pairs have the same key.
  return `${namespace}/${tenantId}`;
}

/** Whether a runtime admits a tenant. */
export function admitsTenant(runtime: Pick<ScriptRuntime, 'spec'>, tenantId: string): boolean {
  const tenants = runtime.spec.tenants ?? [];
  return tenants.length === 0 || tenants.includes(tenantId);
}

/** A ScriptRuntime that says nothing: what serves executions on a machine where none of that name is given. */
export function defaultRuntime(name: string, namespace: string): ScriptRuntime {
  return filled<ScriptRuntime>('ScriptRuntime', { name, namespace }, {});
}

/**
 * A ScriptExecution made from parts, with its defaults. It is not validated.
 *
 * @param spec what its author would write, such as `{ source }`
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
