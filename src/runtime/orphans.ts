import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 20;
const MAX_MS = 5000;
const WNOHANG = 1;

/**
 * Reaps what a zygote has left behind. Its processes end with it and become children of process 1, which is this one in a
 * container; Node reaps only what it has started itself.
 * @param isOwn whether Node has started a child, and reaps it
 */
export async function reapOrphans(isOwn: (pid: number) => boolean): Promise<void> {
  if (process.pid !== 1 || process.platform !== 'linux') return;
  const { dlopen, getRawPointer } = await import('node:ffi');
  const { functions } = dlopen(null, { waitpid: { return: 'i32', arguments: ['i32', 'pointer', 'i32'] } });
  const status = Buffer.alloc(4);
  for (const end = performance.now() + MAX_MS; performance.now() < end; ) {
    const orphans = childrenOfThis().filter((pid) => !isOwn(pid));
    if (orphans.length === 0) return;
    for (const pid of orphans) functions.waitpid(pid, getRawPointer(status), WNOHANG);
    await sleep(INTERVAL_MS);
  }
}

function childrenOfThis(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // gone meanwhile
  }
}
