import { afterEach, expect, test } from '@jest/globals';
import { ForkedProcesses } from '../../src/runtime/forked-processes.ts';
import { isCollected } from '../support/collected.ts';

const processes = new ForkedProcesses();
afterEach(() => processes.close());

/** Starts a process, and ends it. The reference is to what a listener of its socket holds. */
async function ended(): Promise<WeakRef<object>> {
  const started = await processes.start('script', 64);
  const known = { chunks: [] as Buffer[] };
  started.socket.on('data', (chunk: Buffer) => known.chunks.push(chunk));
  started.kill();
  await started.ended;
  return new WeakRef(known);
}

test('what is known of a process that has ended is let go of, though its zygote lives', async () => {
  const known = await ended();
  const zygotes = processes.pids;
  expect(await isCollected(known)).toBe(true);
  expect(processes.pids).toEqual(zygotes);
}, 60_000);
