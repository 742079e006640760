import { readFileSync } from 'node:fs';

/** Memory of a process in bytes. */
export interface Held {
  /** Of no other process. */
  readonly privateBytes: number;
  /** And its share of what it has in common with others. */
  readonly proportionalBytes: number;
}

/** What the kernel counts for a process; see proc_pid_smaps(5). @throws Error if it is gone */
export function heldBy(pid: number): Held {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const bytes = (field: string): number => Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { privateBytes: bytes('Private_Dirty') + bytes('Private_Clean'), proportionalBytes: bytes('Pss') };
}
