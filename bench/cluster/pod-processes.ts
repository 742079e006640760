import { readdirSync, readFileSync } from 'node:fs';
import { residentBytes } from '../processes.ts';

/** Processes of this machine in the pod's cgroup. Its path contains the pod's uid, with underscores under systemd. */
export function processesOf(podUid: string): number[] {
  if (!podUid) return [];
  const marks = [podUid, podUid.replaceAll('-', '_')];
  return pidsOfMachine().filter((pid) => {
    try {
      const cgroup = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      return marks.some((mark) => cgroup.includes(mark));
    } catch {
      return false; // it has exited, or access is denied
    }
  });
}

/**
 * Resident memory of all processes of a pod in bytes, shared pages counted in each; 0 if they run on another machine.
 */
export function podResidentBytes(podUid: string): number {
  return processesOf(podUid).reduce((sum, pid) => sum + residentBytes(pid), 0);
}

function pidsOfMachine(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return []; // not Linux
  }
}
