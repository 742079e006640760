import { readdirSync, readFileSync } from 'node:fs';
import { residentBytes } from '../processes.ts';

/** Processes of this machine in the pod's cgroup, whose path holds its uid, with underscores where systemd makes it. */
export function processesOf(podUid: string): number[] {
  if (!podUid) return [];
  const marks = [podUid, podUid.replaceAll('-', '_')];
  return pidsOfMachine().filter((pid) => {
    try {
      const cgroup = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      return marks.some((mark) => cgroup.includes(mark));
    } catch {
      return false; // it has ended, or is not ours to look at
    }
  });
}

/** Resident memory of all processes of a pod in bytes, pages that they share in each; 0 where they run elsewhere. */
export function podResidentBytes(podUid: string): number {
  return processesOf(podUid).reduce((sum, pid) => sum + residentBytes(pid), 0);
}

function pidsOfMachine(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return []; // no Linux
  }
}
