import { randomUUID } from 'node:crypto';

/** Kind of request that started an execution. */
export type ExecutionType = 'cron' | 'http' | 'one_off' | 'embedded';

/** Originator of an execution. */
export type TriggeredBy = 'user' | 'system' | 'api';

/** The global `context` of a script: deeply frozen; the author's claim, not a proof of identity. */
export interface ExecutionContext {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
  readonly execution: {
    readonly id: string;
    readonly type: ExecutionType;
    readonly triggeredBy: TriggeredBy;
    /** Name of the user who wrote what it runs; absent where that is unknown. */
    readonly createdBy?: string;
  };
  readonly requestID: string;
  /** W3C trace context of the request; absent where it had none. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** A context as given by a caller: omitted fields have defaults. */
export interface ContextInput {
  readonly tenant?: { readonly id?: string; readonly name?: string };
  readonly user?: { readonly id?: string; readonly email?: string; readonly permissions?: readonly string[] };
  readonly execution?: {
    readonly id?: string;
    readonly type?: ExecutionType;
    readonly triggeredBy?: TriggeredBy;
    readonly createdBy?: string;
  };
  readonly requestID?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Adds defaults to a context and removes unknown fields. */
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
      ...(input.execution?.createdBy === undefined ? {} : { createdBy: input.execution.createdBy }),
    },
    requestID: input.requestID ?? randomUUID(),
    ...(input.traceparent === undefined ? {} : { traceparent: input.traceparent }),
    ...(input.tracestate === undefined ? {} : { tracestate: input.tracestate }),
  };
}
