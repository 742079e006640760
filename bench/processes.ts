import { readFileSync } from 'node:fs';

/** Bytes in a page of /proc/PID/statm. */
const PAGE_BYTES = 4096;

/** A process and its descendants, from /proc; processes that exit meanwhile are left out. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** The child processes of a process. */
export function childrenOf(pid: number): number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`);
  return list.split(' ').filter(Boolean).map(Number);
}

/** Resident memory in bytes, shared pages counted in each process; 0 for an exited process. */
export function residentBytes(pid: number): number {
  return Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;
}

export function treeResidentBytes(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + residentBytes(each), 0);
}

/** Kills a process and its descendants; children are killed with their parents, so that none is adopted. */
export function killTree(pid: number): void {
  for (const each of processTree(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has already exited.
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
