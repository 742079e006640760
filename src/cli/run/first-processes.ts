import { ContainedProcesses } from '../../runtime/contained-processes.ts';
import { FEW_SLOTS } from '../../runtime/zygote.ts';

/**
 * Begins to start sandboxes while the command reads its files: both take about as long.
 * @param names files and directories of the command line
 */
export function firstProcesses(names: readonly string[]): ContainedProcesses {
  const processes = new ContainedProcesses('IfAvailable', warnOf, FEW_SLOTS);
  processes.prepare('script');
  if (names.some((name) => /\.[mc]?ts$/.test(name))) processes.prepare('compiler');
  return processes;
}

let hasWarned = false;

/** On a laptop the scripts are the user's own: they run without a filter, and the user knows. */
export function warnOf(reason: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.stderr.write(`copepod: warning: ${reason}: sandboxes run without a seccomp filter\n`);
}
