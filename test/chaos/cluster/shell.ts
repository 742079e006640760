import { spawn } from 'node:child_process';

const running = new Set<Promise<void>>();

/**
 * Runs a sh script to its end, in a session of its own, so that a temporary fault is undone even if this program exits
 * first. Throws its stderr.
 */
export function shell(script: string): Promise<void> {
  const done = run(script).finally(() => running.delete(done));
  running.add(done);
  return done;
}

/** Resolves when all faults in progress have been undone. */
export async function shellsEnded(): Promise<void> {
  await Promise.allSettled(running);
}

function run(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${script}: ${complaint.trim()}`));
    });
  });
}
