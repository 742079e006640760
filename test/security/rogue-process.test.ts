import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SandboxProcess } from '../../src/runtime/sandbox-process.ts';
import { Zygote } from '../../src/runtime/zygote.ts';
import { until } from '../support/until.ts';
import { isAlive } from './support/processes.ts';

const ROGUE = fileURLToPath(new URL('./support/rogue-code.cjs', import.meta.url));
const { ATTEMPTS } = createRequire(import.meta.url)(ROGUE) as { ATTEMPTS: string[] };
/** Not tried without a filter. */
const NOT_TRIED = new Set([
  // These leave something behind.
  'share memory by System V',
  'make a message queue',
  'make semaphores',
  'create a file',
  'make a directory',
  // These fail.
  'start a program',
  'raise its limit of files',
  'have real time',
  'make an epoll',
  'receive a message with a descriptor',
  'send a message with a descriptor',
  'ask for the name of its peer',
  'change its socket',
  'ask a device',
  'copy a descriptor',
  'change the flags of a descriptor',
  'lead a session',
  'signal its supervisor with a value',
  'wait for a process',
]);

let zygote: Zygote;
let rogue: SandboxProcess;
let neighbour: SandboxProcess;
let answers: Generator<Promise<string>>;

/** Lines that a process says, after its first frame. */
function* linesOf({ socket }: SandboxProcess): Generator<Promise<string>> {
  let text = '';
  let wake = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  const next = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf('\n');
      if (end >= 0) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        return line;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const ready = async (): Promise<string> => {
    while (!text.includes('}')) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    text = '';
    return '';
  };
  yield ready();
  for (;;) yield next();
}

const nextOf = async (lines: Generator<Promise<string>>): Promise<string> => (await lines.next().value) as string;

beforeAll(async () => {
  zygote = new Zygote(ROGUE);
  neighbour = await zygote.fork('script', 8);
  rogue = await zygote.fork('script', 8);
  neighbour.socket.resume();
  answers = linesOf(rogue);
  await nextOf(answers);
});
afterAll(async () => {
  zygote.kill();
  await zygote.ended;
});

const who = () => ({ supervisor: process.pid, neighbour: neighbour.pid, address: addressIn(neighbour.pid) });

/** Where a process has memory that can be read and written. */
function addressIn(pid: number): number {
  const [, from] = /^([0-9a-f]+)-[0-9a-f]+ rw-p/m.exec(readFileSync(`/proc/${pid}/maps`, 'latin1')) ?? [];
  return Number.parseInt(from ?? '0', 16);
}

async function tries(name: string): Promise<unknown> {
  rogue.socket.write(JSON.stringify({ name, who: who() }));
  return JSON.parse(await nextOf(answers));
}

describe('a sandbox process that is taken over, with FFI and all', () => {
  test('is tried at least forty ways', () => {
    expect(ATTEMPTS.length).toBeGreaterThanOrEqual(40);
  });

  test.each(ATTEMPTS)('may not %s', async (name) => {
    expect(await tries(name)).toBe(-1);
  });

  test('has survived all of that, and so have its neighbour and its zygote', () => {
    expect([rogue.pid, neighbour.pid, zygote.pid].filter(isAlive)).toHaveLength(3);
  });

  test('has no descriptors but its own: nothing, its standard error, its socket', () => {
    const targets = readdirSync(`/proc/${rogue.pid}/fd`).map((fd) => readlinkSync(`/proc/${rogue.pid}/fd/${fd}`));
    const kinds = targets.filter((target) => target !== '/dev/null').map((target) => target.replace(/:.*/, ''));
    expect(kinds.sort()).toEqual(['pipe', 'socket']);
    const others = readdirSync(`/proc/${neighbour.pid}/fd`).map((fd) =>
      readlinkSync(`/proc/${neighbour.pid}/fd/${fd}`),
    );
    expect(targets.filter((target) => target !== '/dev/null' && others.includes(target))).toEqual([]);
  });

  test('runs under the filter, with no new privileges, alone in its session', () => {
    const status = readFileSync(`/proc/${rogue.pid}/status`, 'utf8');
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^Seccomp_filters:\t2$/m);
    const [, , group, session] = readFileSync(`/proc/${rogue.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    expect([group, session]).toEqual([`${rogue.pid}`, `${rogue.pid}`]);
  });

  test('ends when it is killed, and is reaped', async () => {
    rogue.kill();
    expect(await rogue.ended).toMatchObject({ detail: 'signal SIGKILL', signal: 'SIGKILL' });
    await until('the process to end', () => !isAlive(rogue.pid));
  });
});

describe('without a filter the same attempts succeed', () => {
  /** In a process of its own, as some of them change it. */
  const unconfined = (name: string): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ROGUE, name, JSON.stringify(who())], {
        encoding: 'utf8',
      }),
    );

  test('nearly all of them', () => {
    const failed = ATTEMPTS.filter((name) => !NOT_TRIED.has(name) && unconfined(name) === -1);
    // A machine may deny some to everybody: io_uring, userfaultfd, perf events, namespaces.
    expect(failed.length).toBeLessThanOrEqual(12);
  }, 60_000);
});
