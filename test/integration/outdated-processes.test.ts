import { afterEach, expect, test } from '@jest/globals';
import { ForkedProcesses } from '../../src/runtime/forked-processes.ts';
import type { SandboxProcess } from '../../src/runtime/sandbox-process.ts';
import { SLOTS } from '../../src/runtime/zygote.ts';
import { until } from '../support/until.ts';

let processes: ForkedProcesses;

/** A process, whose words nobody needs. */
async function start(): Promise<SandboxProcess> {
  const started = await processes.start('script', 64);
  started.socket.resume();
  return started;
}

afterEach(() => processes.close());

test('a process that stays is outdated once its zygote has been replaced twice; with its end its zygote ends', async () => {
  processes = new ForkedProcesses();
  const staying = await start();
  const [zygote] = processes.pids;
  for (let forked = 1; !staying.isOutdated; forked++) {
    expect(forked).toBeLessThanOrEqual(2 * SLOTS + 1);
    const other = await start();
    expect(other.isOutdated).toBe(false);
    other.kill();
    await other.ended;
  }
  expect(processes.pids).toContain(zygote);
  staying.kill();
  await staying.ended;
  await until('its zygote to end', () => !processes.pids.includes(zygote as number));
}, 60_000);

test('where the first zygote can fork few processes, the next one takes over before it has forked all', async () => {
  processes = new ForkedProcesses({ firstSlots: 4 });
  const started = [];
  for (let i = 0; i < 6; i++) started.push(await start());
  expect(new Set(started.map(({ pid }) => pid)).size).toBe(6);
  expect(started.map(({ isOutdated }) => isOutdated)).not.toContain(true);
  expect(processes.pids).toHaveLength(2);
}, 60_000);
