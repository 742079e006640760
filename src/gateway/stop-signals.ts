import type { Log } from '../cluster/log.ts';

export interface StopSignals {
  /** Resolves when the process is asked to end, once it serves. */
  readonly requested: Promise<void>;
  /** It serves from now on. */
  serving(): void;
}

/**
 * SIGTERM and SIGINT: the first ends the process in good order, the second at once.
 * @param stop aborted if the process is asked to end before it serves
 */
export function stopSignals(log: Pick<Log, 'write'>, stop: AbortController): StopSignals {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isServing = false;
  let isTold = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isTold) process.exit(1);
      isTold = true;
      log.write('info', 'shutting down', { signal });
      if (isServing) resolve();
      else stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  return {
    requested: promise,
    serving: () => {
      isServing = true;
    },
  };
}
