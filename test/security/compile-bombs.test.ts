import { afterEach, describe, expect, test } from '@jest/globals';
import { Compiler } from '../../src/runtime/compiler.ts';
import type { CompileLimits } from '../../src/runtime/compiler-lane.ts';
import { CompilerProcesses } from '../../src/runtime/compiler-processes.ts';
import { ContainedProcesses } from '../../src/runtime/contained-processes.ts';
import { Limiter } from '../../src/runtime/limiter.ts';
import { Runtime } from '../../src/runtime/runtime.ts';
import type { SandboxProcess, SandboxProcesses } from '../../src/runtime/sandbox-process.ts';
import type { ScriptSource } from '../../src/runtime/types.ts';
import { engineForTests } from '../integration/support/engine.ts';

const GENEROUS: CompileLimits = { memoryBytes: 768 << 20, cpuTimeMs: 60_000, timeoutMs: 120_000 };

/** Most of a megabyte that has to be parsed and printed, because of its `await`. */
const LINES = Array.from({ length: 24_000 }, (_, i) => `var v${i} = [${i}, { a: 1 }];`).join('\n');
const expensive = (id: string): ScriptSource => ({ source: `await "${id}";\n${LINES}` });

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

/** A compiler with processes of its own. */
function compilerWith(limits: CompileLimits, processes: SandboxProcesses = new ContainedProcesses('Required')) {
  const limiter = new Limiter();
  const compilers = new CompilerProcesses(processes, limiter, limits);
  const compiler = new Compiler({ enabled: true, size: 100 }, compilers);
  closing.push(async () => {
    await compilers.close();
    await processes.close();
    limiter.close();
  });
  return async (script: ScriptSource, owner: string): Promise<string> => {
    const compiled = await compiler.compile(compiler.program(script), owner);
    return 'error' in compiled ? compiled.error.message : 'compiled';
  };
}

/** Processes of which the first ones are killed as soon as they are asked to compile. */
function killedAtWork(kills: number): ContainedProcesses {
  const processes = new ContainedProcesses('Required');
  const start = processes.start.bind(processes);
  processes.start = async (...options: Parameters<SandboxProcesses['start']>): Promise<SandboxProcess> => {
    const started = await start(...options);
    const { socket } = started;
    const write = socket.write.bind(socket) as (data: unknown, ...rest: unknown[]) => boolean;
    let isAsked = false;
    // A message may be several writes.
    socket.write = ((...args: Parameters<typeof write>): boolean => {
      const isTaken = write(...args);
      if (!isAsked && kills-- > 0) process.kill(started.pid, 'SIGKILL');
      isAsked = true;
      return isTaken;
    }) as typeof socket.write;
    return started;
  };
  return processes;
}

describe('a compiler that is killed', () => {
  test.each([1, 3])('%i times is no fault of the source', async (kills) => {
    const compile = compilerWith(GENEROUS, killedAtWork(kills));
    expect(await compile(expensive('killed'), 'a')).toBe('compiled');
  });

  test('again and again is reported as a lost process, and the source is compiled the next time', async () => {
    const compile = compilerWith(GENEROUS, killedAtWork(4));
    const script = expensive('lost');
    await expect(compile(script, 'a')).rejects.toThrow('the sandbox process was lost: signal SIGKILL');
    expect(await compile(script, 'a')).toBe('compiled');
  });
});

describe('a sandbox process that is killed while it compiles what it is to run', () => {
  test('is replaced: the script is compiled elsewhere, and runs once', async () => {
    await using runtime = new Runtime({ pool: { size: 1, spares: 0 } }, killedAtWork(1));
    const ran: unknown[] = [];
    const outcome = await runtime.execute('ran(); 42', { setup: (host) => host.expose('ran', () => ran.push(1)) });
    expect(outcome).toMatchObject({ reason: 'Completed', result: 42 });
    expect(ran).toEqual([1]);
    expect(runtime.metrics()).toMatchObject({ pool: { created: 2 }, compilation: { size: 1, misses: 1, hits: 0 } });
  });
});

describe('a source that costs its compiler too much', () => {
  test.each<[string, Partial<CompileLimits>, string]>([
    ['time', { cpuTimeMs: 500 }, 'SyntaxError: the source takes too long to compile'],
    ['memory', { memoryBytes: 96 << 20 }, 'SyntaxError: the source takes too much memory to compile'],
  ])('%s is refused, and neighbours are compiled meanwhile and afterwards', async (_, limits, message) => {
    const compile = compilerWith({ ...GENEROUS, ...limits });
    const bombs = ['a', 'b', 'c'].map((id) => compile(expensive(id), 'hostile'));
    const neighbours = ['1', '2', '3'].map((id) => compile({ source: `await ${id}` }, 'neighbour'));
    expect(await Promise.all(neighbours)).toEqual(neighbours.map(() => 'compiled'));
    expect(await Promise.all(bombs)).toEqual(bombs.map(() => message));
    expect(await compile({ source: 'await 4' }, 'hostile')).toBe('compiled');
  });

  test('by the clock is compiled anew the next time: the machine may have been busy', async () => {
    const limits = { ...GENEROUS, timeoutMs: 1 };
    const compile = compilerWith(limits);
    const script = expensive('slow');
    expect(await compile(script, 'a')).toBe('SyntaxError: the source takes too long to compile');
    limits.timeoutMs = GENEROUS.timeoutMs;
    expect(await compile(script, 'a')).toBe('compiled');
  });

  test('waits for its turn: a neighbour comes before the second of a long queue', async () => {
    const compile = compilerWith(GENEROUS);
    const order: string[] = [];
    const ended = (name: string) => (): void => void order.push(name);
    const bombs = Array.from({ length: 4 }, (_, i) => compile(expensive(`${i}`), 'hostile').then(ended('hostile')));
    const neighbour = compile({ source: '1 + 1' }, 'neighbour').then(ended('neighbour'));
    await Promise.all([...bombs, neighbour]);
    // Two processes: at most the two programs that were already being compiled come first.
    expect(order.indexOf('neighbour')).toBeLessThanOrEqual(2);
  });
});

describe('the cache of compiled programs', () => {
  const engine = engineForTests({ pool: { size: 2 } });
  const run = async (script: ScriptSource, tenant: string): Promise<unknown> => {
    const { result, error } = await engine.runtime.execute(script, { tenantKey: tenant });
    return error?.message ?? result;
  };

  test.each<[string, ScriptSource, ScriptSource, unknown]>([
    [
      'a file that another program has under the same name',
      { source: 'import { a } from "./lib.js"; export default a', files: { 'lib.js': 'export const a = "theirs"' } },
      { source: 'import { a } from "./lib.js"; export default a', files: { 'lib.js': 'export const a = "mine"' } },
      'mine',
    ],
    [
      'an import map that maps the same specifier to another file',
      {
        source: 'import { a } from "lib"; export default a',
        files: { 'a.js': 'export const a = "theirs"', 'b.js': 'export const a = "mine"' },
        imports: { lib: 'a.js' },
      },
      {
        source: 'import { a } from "lib"; export default a',
        files: { 'a.js': 'export const a = "theirs"', 'b.js': 'export const a = "mine"' },
        imports: { lib: 'b.js' },
      },
      'mine',
    ],
    [
      'the same text in another language',
      { source: 'const f = (x) => x; f<string>("theirs")', language: 'TypeScript', name: 'a' },
      { source: 'const f = (x) => x; f<string>("theirs")', language: 'JavaScript', name: 'a' },
      expect.stringContaining('string is not defined'),
    ],
    [
      'a boundary between two files at another place',
      {
        source: 'import "./b.js"; export default globalThis.v',
        files: { 'a.js': '', 'b.js': 'globalThis.v="theirs"' },
      },
      {
        source: 'import "./b.js"; export default globalThis.v ?? "mine"',
        files: { 'a.js': 'globalThis.v="theirs"', 'b.js': '' },
      },
      'mine',
    ],
  ])('does not give a tenant %s', async (_, theirs, mine, expected) => {
    await run(theirs, 'hostile');
    expect(await run(mine, 'mine')).toEqual(expected);
  });

  test('gives the same program to all tenants, whatever a script has changed in its own globals', async () => {
    const program = { source: '[1, 2].map((n) => n * 2)' };
    const poison = `Array.prototype.map = () => "poison"; Function.prototype.toString = () => "poison";
      Object.prototype.then = () => {}; globalThis.eval = () => "poison"; ${program.source}`;
    expect(await run({ source: poison }, 'hostile')).toBe('poison');
    expect(await run(program, 'hostile')).toEqual([2, 4]);
    expect(await run(program, 'mine')).toEqual([2, 4]);
  });
});
