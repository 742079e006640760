import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { until } from '../support/until.ts';
import { commandOf, descendantsOf, isAlive, startOf } from './support/processes.ts';

const SUPERVISOR = fileURLToPath(new URL('./support/supervisor.ts', import.meta.url));
const run = promisify(execFile);

describe('sandboxes of a supervisor that dies', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'of %s are gone at once, whatever they were doing',
    async (signal) => {
      const supervisor = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SUPERVISOR], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
      const busy = JSON.parse(line.toString()) as number[];
      const all = descendantsOf(supervisor.pid as number);
      expect(busy).toHaveLength(3);
      expect(busy.filter((pid) => !all.includes(pid) || !isAlive(pid))).toEqual([]);

      supervisor.kill(signal);
      await once(supervisor, 'exit');
      await until('the process to end', () => all.every((pid) => !isAlive(pid)));
    },
  );
});

/** For a longer test: COPEPOD_CRASH_EXECUTIONS=2000. */
const EXECUTIONS = Number(process.env.COPEPOD_CRASH_EXECUTIONS ?? 100);
/** A supervisor is killed after as many of its executions at most. */
const MAX_EXECUTIONS_EACH = 80;

test(
  'supervisors that are killed again and again while they work leave no process behind',
  async () => {
    const program = fileURLToPath(new URL('./support/working-supervisor.ts', import.meta.url));
    let finished = 0;
    for (let round = 0; finished < EXECUTIONS; round++) {
      // Some are killed while they start.
      const count = round % 5 === 4 ? 0 : 1 + ((round * 37) % MAX_EXECUTIONS_EACH);
      const supervisor = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = createInterface({ input: supervisor.stdout })[Symbol.asyncIterator]();
      if (count === 0) await until('a zygote to be there', () => descendantsOf(supervisor.pid as number).length > 0);
      else expect(await said.next()).toMatchObject({ value: 'ready' });
      for (let i = 0; i < count; i++, finished++) expect(await said.next()).toMatchObject({ value: 'ok' });

      // Stopped, it starts nothing between the look at its processes and its end.
      supervisor.kill('SIGSTOP');
      const all = descendantsOf(supervisor.pid as number).map((pid) => [pid, startOf(pid)] as const);
      supervisor.kill('SIGKILL');
      await once(supervisor, 'close');
      const alive = (): number => all.filter(([pid, start]) => isAlive(pid) && startOf(pid) === start).length;
      await until('its processes to end', () => alive() === 0);
    }
  },
  60_000 + EXECUTIONS * 300,
);

describe('a sandbox process', () => {
  let runtime: Runtime;
  let pid: number;
  beforeAll(async () => {
    runtime = createRuntime({
      pool: { size: 1, spares: 0 },
      observer: { executionStarted: (start) => (pid = start.pid) },
    });
    await runtime.execute('1');
  });
  afterAll(() => runtime.close());

  const proc = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');

  test('has no environment', () => {
    expect(proc('environ')).toBe('');
  });

  test('can gain no privileges', () => {
    expect(proc('status')).toMatch(/^NoNewPrivs:\t1$/m);
  });

  test('is the first that the kernel ends when memory runs out', () => {
    expect(proc('oom_score_adj').trim()).toBe('1000');
  });

  test('is given nothing to read but its code and its addon', () => {
    const readable = commandOf(pid).filter((argument) => argument.startsWith('--allow-fs-read='));
    expect(readable).toHaveLength(2);
    expect(readable.map((argument) => argument.replace(/.*\//, ''))).toEqual([
      'sandbox',
      expect.stringMatching(/\.node$/),
    ]);
    expect(commandOf(pid).filter((argument) => argument.startsWith('--allow-'))).toEqual(
      expect.arrayContaining(['--allow-addons', ...readable]),
    );
    expect(commandOf(pid).filter((argument) => /^--allow-(fs-write|child-process|worker|wasi)/.test(argument))).toEqual(
      [],
    );
  });

  /** Runs code in a process that has been started with the sandbox's own flags. */
  async function underItsFlags(code: string): Promise<string> {
    const command = commandOf(pid);
    const node = command.indexOf(process.execPath);
    const flags = command.slice(
      node + 1,
      command.findIndex((argument) => argument.endsWith('zygote.cjs')),
    );
    expect(flags).toContain('--permission');
    const { stdout } = await run(
      process.execPath,
      [...flags, '-e', `try { ${code}; console.log('done') } catch (error) { console.log(error.code) }`],
      { env: {}, cwd: '/' },
    );
    return stdout.trim();
  }

  test.each([
    ['read a file', 'require("node:fs").readFileSync("/etc/passwd")'],
    ['read a directory', 'require("node:fs").readdirSync("/")'],
    ['read about itself', 'require("node:fs").readFileSync("/proc/self/environ")'],
    ['read about its supervisor', `require("node:fs").readFileSync("/proc/${process.pid}/environ")`],
    ['write a file', 'require("node:fs").writeFileSync("/tmp/copepod-was-here", "")'],
    ['write to its own code', `require("node:fs").writeFileSync(process.argv0 + "x", "")`],
    ['start a process', 'require("node:child_process").execFileSync("/bin/true")'],
    ['start a worker', 'new (require("node:worker_threads").Worker)("1", { eval: true })'],
    ['load other code', 'require("/etc/passwd")'],
    ['open the inspector', 'require("node:inspector").open(0); throw Object.assign(new Error(), { code: "OPEN" })'],
  ])('may not %s', async (_, code) => {
    expect(await underItsFlags(code)).toBe('ERR_ACCESS_DENIED');
  });

  test('may not make code of text', async () => {
    expect(await underItsFlags('(0, eval)("1")')).toBe('undefined');
  });

  test('may do what is left', async () => {
    expect(await underItsFlags('1 + 1')).toBe('done');
  });
});

test('close() leaves no process', async () => {
  const before = descendantsOf(process.pid);
  const pids: number[] = [];
  const runtime = createRuntime({ pool: { size: 3 }, observer: { executionStarted: ({ pid }) => pids.push(pid) } });
  await Promise.all(['a', 'b', 'c', 'd'].map((tenantKey) => runtime.execute('1', { tenantKey })));
  await runtime.close();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(descendantsOf(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
});
