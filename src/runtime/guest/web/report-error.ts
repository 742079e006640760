import { failures, report, requireArguments } from './kit.ts';

export const { reportError } = {
  reportError(error: unknown): void {
    requireArguments(arguments.length, 1, 'reportError');
    if (!failures.error?.(error)) void report(error);
  },
};
