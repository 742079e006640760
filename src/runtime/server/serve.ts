import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotListen } from '../../api/usage-error.ts';
import { loadHostFunctions } from '../host-functions-file.ts';
import type { RuntimeObserver } from '../options.ts';
import type { Runtime } from '../runtime.ts';
import { PodLog } from './log.ts';
import { LogSink } from './log-sink.ts';
import { Pod } from './pod.ts';
import type { PodSettings, RuntimeCommandOptions } from './settings.ts';

/** Maximum bytes of unwritten log lines; further lines are dropped and counted. */
const MAX_LOG_BACKLOG_BYTES = { pod: 8 << 20, script: 8 << 20 };
/** Time for the last lines if the process has to exit at once. */
const LAST_LINES_MS = 200;

/**
 * Serves the operator's requests with an engine until it is stopped. Returns the exit code.
 * @throws UsageError if it cannot listen, or the host functions cannot be loaded
 */
export async function servePod(
  options: RuntimeCommandOptions,
  settings: PodSettings,
  { runtime, observer }: { readonly runtime: Runtime; readonly observer: RuntimeObserver },
): Promise<number> {
  const { hostFunctions } = options;
  const setup = hostFunctions === undefined ? undefined : await loadHostFunctions(hostFunctions);
  const sink = new LogSink({
    fd: 1,
    maxBacklogBytes: MAX_LOG_BACKLOG_BYTES,
    onRoom: (lines) => log.write('warn', 'log lines of scripts were dropped: the log is read too slowly', { lines }),
  });
  const log = new PodLog(settings.logLevel, sink);
  const exitNow = (code: number): void => {
    void Promise.race([sink.flush(), sleep(LAST_LINES_MS)]).then(() => process.exit(code));
  };

  // Only a module of host functions can leave a rejection unhandled.
  process.on('unhandledRejection', (error) => log.write('error', 'unhandled rejection', { error }));
  process.on('uncaughtException', (error) => {
    log.write('fatal', 'uncaught exception in the pod or in a host function', { error });
    exitNow(1);
  });

  const pod = new Pod({
    settings,
    runtime,
    observer,
    setup,
    log,
    bootID: randomUUID(),
    droppedLogLines: () => sink.dropped,
  });
  let isTold = false;
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ] as const) {
    process.on(signal, () => {
      if (isTold) return exitNow(128 + number);
      isTold = true;
      pod.drain(signal);
    });
  }
  await pod.listen(options.port, options.address).catch(async (error: unknown) => {
    await pod.close();
    throw cannotListen(options.port, error);
  });
  await pod.stopped;
  // The last lines should be written, but a stopped reader must not keep the process alive.
  await Promise.race([sink.flush(), sleep(1000)]);
  return 0;
}
