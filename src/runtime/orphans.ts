import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

const INTERVAL_MS = 20;
const MAX_MS = 5000;
const WNOHANG = 1;

/**
 * Reaps what a zygote has left behind. Its processes end with it and become children of process 1, which is this one in a
 * container; Node reaps only what it has started itself, zygotes and the processes of the embedding program, and would
 * wait for ever for one that is reaped here. It does so as its event loop turns: an ended child that is there for longer
 * is an orphan.
 */
export async function reapOrphans(): Promise<void> {
  if (process.pid !== 1 || process.platform !== 'linux') return;
  const { dlopen, getRawPointer } = await import('node:ffi');
  const { functions } = dlopen(null, { waitpid: { return: 'i32', arguments: ['i32', 'pointer', 'i32'] } });
  const status = Buffer.alloc(4);
  let endedBefore = new Set<number>();
  for (const end = performance.now() + MAX_MS; performance.now() < end; ) {
    const children = childrenOfThis();
    if (children.length === 0) return;
    const ended = new Set(children.filter(({ hasEnded }) => hasEnded).map(({ pid }) => pid));
    for (const pid of ended) if (endedBefore.has(pid)) functions.waitpid(pid, getRawPointer(status), WNOHANG);
    endedBefore = ended;
    await sleep(INTERVAL_MS);
    // After a busy time, timers fire before Node hears of the ends of its children; this comes after.
    await turn();
  }
}

interface Child {
  readonly pid: number;
  readonly hasEnded: boolean;
}

function childrenOfThis(): Child[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => childOfThis(Number(name)) ?? []);
}

function childOfThis(pid: number): Child | undefined {
  try {
    const { parent, hasEnded } = endOf(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return parent === process.pid ? { pid, hasEnded } : undefined;
  } catch {
    return undefined; // gone meanwhile
  }
}

/**
 * A process's parent, and whether it has ended with all of its threads: its first thread is a zombie as soon as it has
 * ended, and the parent is told, and may reap, when the last one has. Pure.
 *
 * @param stat text of /proc/PID/stat; see proc_pid_stat(5)
 */
export function endOf(stat: string): { parent: number; hasEnded: boolean } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  return { parent: Number(parent), hasEnded: state === 'Z' && Number(fields[17]) <= 1 };
}
