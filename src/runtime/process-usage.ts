import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Linux counts processor time in these for user space, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** Bytes a page has on this machine: 4, 16 or 64 KiB. Compares two readings of this process, of which one is in bytes. */
const pageBytes = (() => {
  const pages = Number(readText('/proc/self/statm')?.split(' ', 2)[1] ?? 0);
  return pages === 0 ? 4096 : 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
})();

/** What is read into it is decoded at once. */
const BUFFER = Buffer.alloc(512);

/** Reads what a process uses, as often as the limiter asks. The files stay open: a read is then a few microseconds. */
export class ProcessUsage {
  #statm: number | undefined;
  #stat: number | undefined;

  constructor(pid: number) {
    this.#statm = open(`/proc/${pid}/statm`);
    this.#stat = open(`/proc/${pid}/stat`);
  }

  /**
   * Resident memory that no file backs, in bytes; undefined where it can't be read. Code of Node that is read for the
   * first time is none of it. A process that was forked has its parent's memory from the start; it grows by what it adds.
   */
  anonymousBytes(): number | undefined {
    return anonymousBytesIn(read(this.#statm));
  }

  /** Processor time of all threads so far, in milliseconds; undefined where it can't be read. */
  cpuMs(): number | undefined {
    const stat = read(this.#stat);
    if (stat === undefined) return undefined;
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  }

  close(): void {
    for (const fd of [this.#statm, this.#stat]) if (fd !== undefined) closeSync(fd);
    this.#statm = this.#stat = undefined;
  }
}

/** Resident memory of a process that no file backs, in bytes; undefined where it can't be read. */
export function anonymousBytes(pid: number): number | undefined {
  const statm = open(`/proc/${pid}/statm`);
  try {
    return anonymousBytesIn(read(statm));
  } finally {
    if (statm !== undefined) closeSync(statm);
  }
}

/** @param statm the text of `/proc/PID/statm` */
function anonymousBytesIn(statm: string | undefined): number | undefined {
  const [, resident, shared] = statm?.split(' ', 3) ?? [];
  return resident === undefined ? undefined : (Number(resident) - Number(shared)) * pageBytes;
}

/** Whether a process of Linux has ended, be it reaped or not. */
export function hasEnded(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === undefined || 'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
}

function open(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined; // not Linux, or the process is gone
  }
}

function read(fd: number | undefined): string | undefined {
  if (fd === undefined) return undefined;
  try {
    return BUFFER.toString('latin1', 0, readSync(fd, BUFFER, 0, BUFFER.length, 0));
  } catch {
    return undefined; // the process is gone
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
