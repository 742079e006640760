import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../api/usage-error.ts';
import type { Finish } from '../../runtime/compiler.ts';
import type { ContainedProcesses } from '../../runtime/contained-processes.ts';
import { forDebugger } from '../../runtime/inspection/for-debugger.ts';
import { InspectedProcesses } from '../../runtime/inspection/inspected-processes.ts';
import type { Limits } from '../../runtime/types.ts';
import type { Task } from '../input/workload.ts';
import type { InspectOptions } from './inspect-options.ts';

/** The port that debuggers look for a process of Node at. */
const DEFAULT_PORT = 9229;
/** The longest that a timer can be set to, in milliseconds: 24 days. */
const NEVER_MS = 2 ** 31 - 1;
/** A debugger's own objects are in the script's heap. */
const MEMORY_BYTES = 1 << 30;

/** What a run under a debugger does otherwise. */
export interface Inspection {
  processes(compilers: ContainedProcesses): InspectedProcesses;
  readonly finish: Finish;
  limits<T extends Partial<Limits>>(limits: T): T & Pick<Limits, 'timeoutMs' | 'cpuTimeMs' | 'memoryBytes'>;
}

/**
 * @param tell is given lines for the user
 * @throws UsageError where there is not exactly one script, or the port is taken
 */
export async function inspectionOf(
  options: InspectOptions,
  tasks: readonly Task[],
  tell: (text: string) => void,
): Promise<Inspection> {
  const { inspect, inspectBrk, inspectPort } = options;
  if (!inspect && !inspectBrk) throw new UsageError('--inspect-port needs --inspect or --inspect-brk');
  const [task, ...others] = tasks;
  if (task === undefined || others.length > 0) {
    throw new UsageError(`--inspect debugs one script, and the files have ${tasks.length}`, 'name the file of one');
  }
  const port = inspectPort ?? DEFAULT_PORT;
  if (!(await isFree(port))) {
    throw new UsageError(
      `port ${port} of 127.0.0.1 is taken, maybe by another debugger`,
      '--inspect-port 0 takes any other',
    );
  }
  const urlOf = urlsOf(task);
  // Before there is a process: some debuggers attach on their own as soon as a port listens, and the script then runs.
  tell(WARNING);
  return {
    processes: (compilers) =>
      new InspectedProcesses(compilers, {
        port,
        breaksAtStart: inspectBrk === true,
        onListening: (url) => tell(listening(url)),
      }),
    finish: (source, answer) => forDebugger(source, answer, urlOf),
    limits: (limits) => ({ ...limits, timeoutMs: NEVER_MS, cpuTimeMs: NEVER_MS, memoryBytes: MEMORY_BYTES }),
  };
}

const WARNING =
  'copepod: warning: a script under a debugger is less contained than in any other run: debug only what you trust\n';

/** The first line is as Node says it: tools look for it. */
const listening = (url: string): string =>
  `Debugger listening on ${url}\n` +
  `copepod: the script starts once a debugger is attached: open chrome://inspect, or attach an editor to ${new URL(url).host}\n`;

/** A file on disk has its own URL, so that an editor's breakpoints in it are found; what is in a manifest has one of its own. */
function urlsOf({ execution, script }: Task): (name: string) => string {
  const { namespace, name: owner } = execution.metadata;
  const { imported } = script;
  return (name) => {
    const onDisk = imported !== undefined && (name === script.name || imported.textOf(name) !== undefined);
    const url = onDisk
      ? pathToFileURL(resolve(join(imported.folder, name))).href
      : `copepod://${namespace}/${owner}/${name}`;
    // A place in a stack is in brackets.
    return url.replaceAll('(', '%28').replaceAll(')', '%29');
  };
}

/** Node starts a debugger that cannot listen all the same, and says so only on standard error. */
function isFree(port: number): Promise<boolean> {
  return new Promise((decide) => {
    const server = createServer();
    server.once('error', () => decide(false));
    server.listen(port, '127.0.0.1', () => server.close(() => decide(true)));
  });
}
