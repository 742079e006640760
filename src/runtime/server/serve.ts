import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../api/usage-error.ts';
import { loadHostFunctions } from '../host-functions-file.ts';
import type { Runtime } from '../runtime.ts';
import { PodLog } from './log.ts';
import { LogSink } from './log-sink.ts';
import { Pod } from './pod.ts';
import type { PodSettings, RuntimeCommandOptions } from './settings.ts';

/** Bytes of log that wait to be taken; more are dropped, and counted. */
const MAX_LOG_BACKLOG_BYTES = { pod: 8 << 20, script: 8 << 20 };
/** For the last lines to be taken, where the process has to end at once. */
const LAST_LINES_MS = 200;

/**
 * Serves the operator's requests with an engine until it is told to end. Returns the exit code.
 * @throws UsageError where it cannot listen, or the host functions cannot be loaded
 */
export async function servePod(
  options: RuntimeCommandOptions,
  settings: PodSettings,
  runtime: Runtime,
): Promise<number> {
  const { hostFunctions } = options;
  const setup = hostFunctions === undefined ? undefined : await loadHostFunctions(hostFunctions);
  const sink = new LogSink({
    fd: 1,
    maxBacklogBytes: MAX_LOG_BACKLOG_BYTES,
    onRoom: (lines) => log.write('warn', 'lines of scripts were left out: nobody took the log fast enough', { lines }),
  });
  const log = new PodLog(settings.logLevel, sink);
  const exitNow = (code: number): void => {
    void Promise.race([sink.flush(), sleep(LAST_LINES_MS)]).then(() => process.exit(code));
  };

  // Nothing here waits for a promise that nobody waits for: a module of host functions has let it go.
  process.on('unhandledRejection', (error) => log.write('error', 'a promise was rejected and nobody cared', { error }));
  process.on('uncaughtException', (error) => {
    log.write('fatal', 'a bug, in this program or in a host function', { error });
    exitNow(1);
  });

  const pod = new Pod({ settings, runtime, setup, log, bootID: randomUUID(), droppedLogLines: () => sink.dropped });
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
  await pod.listen(options.port, options.address).catch(async (error: NodeJS.ErrnoException) => {
    await pod.close();
    throw new UsageError(`cannot listen on port ${options.port}: ${error.code ?? error.message}`);
  });
  await pod.stopped;
  // The last lines shall arrive; a reader that has stopped reading shall not keep the process.
  await Promise.race([sink.flush(), sleep(1000)]);
  return 0;
}
