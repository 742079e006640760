import type { KnownRuntime } from '../../cluster/known-runtime.ts';

/** Whether a runtime is at zero pods because nothing asks for one. */
export const isAtZero = ({ status }: KnownRuntime): boolean =>
  status.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'ScaledToZero') ?? false;
