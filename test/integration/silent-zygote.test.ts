import { afterEach, describe, expect, test } from '@jest/globals';
import { ForkedProcesses } from '../../src/runtime/forked-processes.ts';
import { isAlive, ownChildren } from '../security/support/processes.ts';

/** How long a zygote may be silent in these tests: much longer than it takes to start on a busy machine. */
const SILENCE_MS = 5000;

let processes: ForkedProcesses;
afterEach(() => processes.close());

/** The one zygote, stopped: it neither answers nor ends. */
function stopZygote(): number {
  const [pid] = processes.pids;
  if (pid === undefined) throw new Error('there is no zygote');
  process.kill(pid, 'SIGSTOP');
  return pid;
}

describe('a zygote that neither answers nor ends', () => {
  test('while it starts is ended, and the next start has another one', async () => {
    processes = new ForkedProcesses({ silenceMs: SILENCE_MS });
    const prepared = processes.prepare('script');
    const pid = stopZygote();
    await expect(prepared).rejects.toThrow(/the process that starts sandboxes ended \(SIGKILL\)/);
    expect(isAlive(pid)).toBe(false);
    processes = new ForkedProcesses();
    await processes.prepare('script');
  });

  test('when it is asked for a process is ended, and the request fails', async () => {
    processes = new ForkedProcesses({ silenceMs: SILENCE_MS });
    await processes.prepare('script');
    const pid = stopZygote();
    await expect(processes.start('script', 64)).rejects.toThrow(/ended \(SIGKILL\)/);
    expect(isAlive(pid)).toBe(false);
  });

  test('when one of its processes has been killed is ended with the others', async () => {
    processes = new ForkedProcesses({ silenceMs: SILENCE_MS });
    await processes.prepare('script');
    const [killed, other] = [await processes.start('script', 64), await processes.start('script', 64)];
    for (const { socket } of [killed, other]) socket.resume();
    const pid = stopZygote();
    killed.kill();
    expect(await killed.ended).toMatchObject({ detail: 'the process that had forked it ended' });
    await other.ended;
    expect(ownChildren()).not.toContain(pid);
  });
});
