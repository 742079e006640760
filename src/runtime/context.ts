import { randomUUID } from 'node:crypto';
import type { ContextInput, ExecutionContext } from './types.ts';

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
