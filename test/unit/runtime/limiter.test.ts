import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type LimitedVM, Limiter } from '../../../src/runtime/limiter.ts';
import { anonymousBytes, ProcessUsage } from '../../../src/runtime/process-usage.ts';

const GENEROUS = { memoryBytes: 1 << 30, cpuTimeMs: 60_000, timeoutMs: 60_000 };
const MIB = 1 << 20;

/** A process that runs some code once it is told to, as the VM of a call. */
class ProcessVM implements LimitedVM {
  readonly process: ChildProcess;
  readonly pid: number;
  baselineBytes = 0;
  kills = 0;
  readonly exited: Promise<unknown>;

  constructor(code: string) {
    const waiting = `process.stdin.once('data', () => { ${code} }); console.log('ready')`;
    this.process = spawn(process.execPath, ['-e', waiting], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.pid = this.process.pid ?? 0;
    this.exited = once(this.process, 'exit');
  }

  async ready(): Promise<this> {
    if (this.process.stdout) await once(this.process.stdout, 'data');
    this.baselineBytes = anonymousBytes(this.pid) ?? 0;
    return this;
  }

  go(): void {
    this.process.stdin?.write('go');
  }

  /** Runs the code until it says something. */
  async goOn(): Promise<void> {
    const said = this.process.stdout ? once(this.process.stdout, 'data') : undefined;
    this.go();
    await said;
  }

  kill(): void {
    this.kills++;
    this.process.kill('SIGKILL');
  }
}

const started: ProcessVM[] = [];
const limiter = new Limiter();

async function vmRunning(code: string): Promise<ProcessVM> {
  const vm = new ProcessVM(code);
  started.push(vm);
  return vm.ready();
}

afterEach(async () => {
  for (const vm of started.splice(0)) {
    vm.process.kill('SIGKILL');
    await vm.exited;
    limiter.release(vm);
  }
});

describe('what passes a limit is killed', () => {
  test.each([
    { limit: 'timeout', code: 'setInterval(() => {}, 1000)', limits: { timeoutMs: 50 } },
    { limit: 'timeout', code: 'for (;;);', limits: { timeoutMs: 50 } },
    { limit: 'cpu', code: 'for (;;);', limits: { cpuTimeMs: 50 } },
    { limit: 'cpu', code: 'setInterval(() => { for (let i = 0; i < 1e8; i++); }, 1)', limits: { cpuTimeMs: 100 } },
    {
      limit: 'memory',
      code: 'const all = []; setInterval(() => all.push(Buffer.alloc(4 << 20, 1)), 1)',
      limits: { memoryBytes: 32 * MIB },
    },
    {
      limit: 'memory',
      code: 'const all = []; for (;;) all.push(new Array(1000).fill(1))',
      limits: { memoryBytes: 32 * MIB },
    },
  ])('$limit: $code', async ({ limit, code, limits }) => {
    const vm = await vmRunning(code);
    const watch = limiter.start(vm, { ...GENEROUS, ...limits });
    vm.go();
    await vm.exited;
    expect(vm.process.signalCode).toBe('SIGKILL');
    expect(watch.exceeded).toBe(limit);
    expect(watch.stop().exceeded).toBe(limit);
    expect(vm.kills).toBe(1);
  });

  test('cancelled: a signal that aborts', async () => {
    const vm = await vmRunning('');
    const abort = new AbortController();
    const watch = limiter.start(vm, GENEROUS, abort.signal);
    abort.abort();
    await vm.exited;
    expect(watch.stop()).toMatchObject({ exceeded: 'cancelled' });
  });

  test('cancelled: a signal that was aborted before', async () => {
    const vm = await vmRunning('');
    const watch = limiter.start(vm, GENEROUS, AbortSignal.abort());
    await vm.exited;
    expect(watch.stop().exceeded).toBe('cancelled');
  });

  test('the first limit that was passed is the one that counts', async () => {
    const vm = await vmRunning('');
    const abort = new AbortController();
    const watch = limiter.start(vm, { ...GENEROUS, timeoutMs: 1 }, abort.signal);
    await vm.exited;
    abort.abort();
    expect(watch.stop().exceeded).toBe('timeout');
  });
});

describe('a watch is bound to its call', () => {
  test('within its limits nothing happens', async () => {
    const vm = await vmRunning('for (let i = 0; i < 1e6; i++);');
    const watch = limiter.start(vm, GENEROUS);
    vm.go();
    await sleep(50);
    expect(watch.stop().exceeded).toBeUndefined();
    expect(vm.kills).toBe(0);
  });

  test('after stop() neither its limits nor its signal touch the next call', async () => {
    const vm = await vmRunning('');
    const abort = new AbortController();
    limiter.start(vm, { ...GENEROUS, timeoutMs: 20 }, abort.signal).stop();
    const next = limiter.start(vm, GENEROUS);
    abort.abort();
    await sleep(60);
    expect(vm.kills).toBe(0);
    expect(next.stop().exceeded).toBeUndefined();
  });

  test('processor time of an earlier call is not counted', async () => {
    const vm = await vmRunning('while (process.cpuUsage().user < 300_000); console.log("done")');
    const first = limiter.start(vm, GENEROUS);
    await vm.goOn();
    await sleep(20); // a last look
    expect(first.stop().cpuMs).toBeGreaterThan(100);
    const second = limiter.start(vm, { ...GENEROUS, cpuTimeMs: 100 });
    await sleep(60);
    expect(second.stop()).toMatchObject({ exceeded: undefined });
    expect(vm.kills).toBe(0);
  });

  test('calls of several VMs are watched apart', async () => {
    const [idle, endless] = [await vmRunning(''), await vmRunning('for (;;);')];
    const watches = [limiter.start(idle, GENEROUS), limiter.start(endless, { ...GENEROUS, cpuTimeMs: 30 })];
    endless.go();
    await endless.exited;
    expect(watches.map((watch) => watch.stop().exceeded)).toEqual([undefined, 'cpu']);
    expect(idle.kills).toBe(0);
  });
});

describe('what an earlier run left behind', () => {
  const HOLDS_60_MIB = 'globalThis.held = Buffer.alloc(60 << 20, 1); console.log("done"); setInterval(() => {}, 1000)';
  const holds = (vm: ProcessVM): boolean => (anonymousBytes(vm.pid) ?? 0) > vm.baselineBytes + 55 * MIB;

  test('does not count against the next, also where the event loop was too busy to look at it', async () => {
    const vm = await vmRunning(HOLDS_60_MIB);
    limiter.start(vm, GENEROUS).stop();
    const unseen = limiter.start(vm, GENEROUS);
    vm.go();
    for (const end = performance.now() + 30_000; performance.now() < end && !holds(vm); );
    unseen.stop();
    const next = limiter.start(vm, { ...GENEROUS, memoryBytes: 16 * MIB });
    await sleep(60);
    expect(next.stop().exceeded).toBeUndefined();
    expect(vm.kills).toBe(0);
  });
});

describe('what was seen is reported', () => {
  test('growth of the process and its processor time', async () => {
    const vm = await vmRunning(
      'globalThis.held = Buffer.alloc(64 << 20, 1); while (process.cpuUsage().user < 300_000); console.log("done")',
    );
    const watch = limiter.start(vm, GENEROUS);
    await vm.goOn();
    await sleep(20); // a last look
    const report = watch.stop();
    expect(report.peakGrowthBytes).toBeGreaterThan(32 * MIB);
    expect(report.peakGrowthBytes).toBeLessThan(256 * MIB);
    expect(report.cpuMs).toBeGreaterThan(20);
  });

  test('a process that is gone is no reason to fail', async () => {
    const vm = await vmRunning('');
    const watch = limiter.start(vm, { ...GENEROUS, timeoutMs: 40 });
    vm.process.kill('SIGKILL');
    await vm.exited;
    // On a busy machine the time in which this process was blocked does not count.
    for (let i = 0; i < 500 && watch.exceeded === undefined; i++) await sleep(10);
    expect(watch.stop().exceeded).toBe('timeout');
  });

  test('a limiter that is closed watches no more', async () => {
    const own = new Limiter();
    const vm = await vmRunning('');
    own.start(vm, { ...GENEROUS, timeoutMs: 10 });
    own.close();
    await sleep(40);
    expect(vm.kills).toBe(0);
  });
});

describe('reading what a process uses', () => {
  test('of this process, as it tells by itself', () => {
    const usage = new ProcessUsage(process.pid);
    const resident = usage.anonymousBytes() ?? 0;
    const [, anonymousKiB] = readFileSync('/proc/self/status', 'latin1').match(/RssAnon:\s+(\d+) kB/) ?? [];
    expect(resident / 1024 / Number(anonymousKiB)).toBeGreaterThan(0.5);
    expect(resident / 1024 / Number(anonymousKiB)).toBeLessThan(2);
    const { user, system } = process.cpuUsage();
    expect(Math.abs((usage.cpuMs() ?? 0) - (user + system) / 1000)).toBeLessThan(200);
    usage.close();
  });

  test('processor time grows with work', () => {
    const usage = new ProcessUsage(process.pid);
    const before = usage.cpuMs() ?? 0;
    // On a busy machine this process may be given little of it.
    for (const end = Date.now() + 10_000; usage.cpuMs() === before && Date.now() < end; );
    expect(usage.cpuMs()).toBeGreaterThan(before);
    usage.close();
  });

  test('of no process there is nothing to read', () => {
    const usage = new ProcessUsage(2 ** 30);
    expect(usage.anonymousBytes()).toBeUndefined();
    expect(usage.cpuMs()).toBeUndefined();
    usage.close();
    expect(anonymousBytes(2 ** 30)).toBeUndefined();
  });

  test('after close() there is nothing to read, and closing again is no error', () => {
    const usage = new ProcessUsage(process.pid);
    usage.close();
    usage.close();
    expect(usage.anonymousBytes()).toBeUndefined();
  });

  test('a process that dies is read as gone, not as its successor', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const usage = new ProcessUsage(child.pid ?? 0);
    expect(usage.anonymousBytes()).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(usage.cpuMs()).toBeUndefined();
    usage.close();
  });

  test('a name with spaces and parentheses does not confuse it', async () => {
    const child = spawn(process.execPath, [
      '-e',
      "process.title = 'a) b (c 1 2 3'; setInterval(() => {}, 1000); console.log(1)",
    ]);
    await once(child.stdout, 'data');
    const usage = new ProcessUsage(child.pid ?? 0);
    expect(usage.cpuMs()).toBeGreaterThanOrEqual(0);
    expect(usage.cpuMs()).toBeLessThan(60_000);
    usage.close();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
