import { randomUUID } from 'node:crypto';

/** What kind of request started an execution. */
export type ExecutionType = 'cron' | 'http' | 'one_off' | 'embedded';

/** Who started an execution. */
export type TriggeredBy = 'user' | 'system' | 'api';

/** The global `context` of a script, exactly: deeply frozen, and the author's claim rather than a proof. */
export interface ExecutionContext {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
  readonly execution: { readonly id: string; readonly type: ExecutionType; readonly triggeredBy: TriggeredBy };
  readonly requestID: string;
}

/** A context as a caller gives it: whatever is left out is filled in. */
export interface ContextInput {
  readonly tenant?: { readonly id?: string; readonly name?: string };
  readonly user?: { readonly id?: string; readonly email?: string; readonly permissions?: readonly string[] };
  readonly execution?: { readonly id?: string; readonly type?: ExecutionType; readonly triggeredBy?: TriggeredBy };
  readonly requestID?: string;
}

/** A complete context, with what the caller left out filled in; nothing that is not part of it survives. */
export function completeContext(input: ContextInput = {}): ExecutionContext {
  const id = input.tenant?.id ?? 'default';
  return {
    tenant: { id, name: input.tenant?.name ?? id },
    user: {
      id: input.user?.id ?? '',
      email: input.user?.email ?? '',
      permissions: [...(input.user?.permissions ?? [])],
    },
    execution: {
      id: input.execution?.id ?? randomUUID(),
      type: input.execution?.type ?? 'embedded',
      triggeredBy: input.execution?.triggeredBy ?? 'api',
    },
    requestID: input.requestID ?? randomUUID(),
  };
}
