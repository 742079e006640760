import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs, or at least is not yet reaped and more than a zombie. */
export function isAlive(pid: number): boolean {
  return stateOf(pid) !== undefined;
}

/** When a process was started, in ticks since boot: ids are used again, and this tells one process from the next. */
export function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** Whether a process is stopped by a signal, or gone. */
export function isStopped(pid: number): boolean {
  const stat = statOf(pid);
  return stat === undefined || 'TZX'.includes(stat[0] as string);
}

/** Processes whose parent is this one, without zombies. */
export function childrenOf(parent: number): number[] {
  return processes().filter((pid) => stateOf(pid)?.parent === parent);
}

/** What this process had started before the test file was loaded, such as the service of esbuild for another file. */
const earlier = new Set(processes().filter((pid) => parentOf(pid) === process.pid));

/** Processes that the test file has started, without zombies. */
export function ownChildren(): number[] {
  return childrenOf(process.pid).filter((pid) => !earlier.has(pid));
}

/** Processes that the test file has started, directly or not, with zombies. */
export function ownDescendants(): number[] {
  const parents = new Map(processes().flatMap((pid) => (earlier.has(pid) ? [] : [[pid, parentOf(pid) ?? 0]])));
  const found = new Set([process.pid]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}

/** Those of them that have ended and are not yet reaped. */
export function ownZombies(): number[] {
  return ownDescendants().filter((pid) => statOf(pid)?.[0] === 'Z');
}

/** The parent of a process, zombies too; undefined once it is reaped. */
export function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Processes that this one has started, and those that they have forked. */
export function descendantsOf(ancestor: number): number[] {
  return childrenOf(ancestor).flatMap((pid) => [pid, ...descendantsOf(pid)]);
}

/** The arguments that a process was started with. */
export function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function stateOf(pid: number): { parent: number } | undefined {
  const [state, parent] = statOf(pid) ?? [];
  return state === undefined || state === 'Z' || state === 'X' ? undefined : { parent: Number(parent) };
}

/** Fields of /proc/PID/stat from the state on; see proc_pid_stat(5). */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
