import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { SpanContext } from '../../src/api/trace-context.ts';
import { parseTraceparent } from '../../src/index.ts';
import { Redactor } from '../../src/runtime/env/redactor.ts';
import { RunSpans, takeStep } from '../../src/runtime/run-spans.ts';
import { SpawnedProcess } from '../../src/runtime/spawned-process.ts';
import { VM, VMLostError } from '../../src/runtime/vm.ts';
import { until } from '../support/until.ts';
import { isAlive, ownChildren } from './support/processes.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Memory of this process after garbage collection; V8 frees buffers in the background. */
async function heldBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await sleep(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ROGUE = fileURLToPath(new URL('./support/rogue-sandbox.ts', import.meta.url));
const TRACE = parseTraceparent(`00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`) as SpanContext;
const vms: VM[] = [];
afterAll(async () => {
  for (const vm of vms) vm.kill();
  await Promise.all(vms.map((vm) => vm.exited()));
});

async function rogue(way: string): Promise<VM> {
  const vm = new VM(
    new SpawnedProcess(
      spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ROGUE, way], {
        env: {},
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      }),
    ),
  );
  vms.push(vm);
  await vm.ready();
  return vm;
}

const run = (vm: VM) => vm.request({ op: 'ping', id: vm.nextRequestId() }, () => {});

describe('a sandbox process that sends', () => {
  test.each([
    'random bytes',
    'zero bytes',
    'a frame of 4 GiB',
    'a blob of 4 GiB',
    'text that is not JSON',
    'JSON that nests without end',
    'JSON that nests and ends',
    'null',
    'a list',
    'an unknown message',
    'a message from a prototype',
    'an answer without a report',
    'an answer with negative numbers',
    'an answer with huge numbers',
    'an answer to another request',
    'a result that is not text',
    'a result too long for any limit',
    'an error whose causes never end',
    'a line from before time began',
    'a line of an unknown level',
    'more lines than a message may hold',
    'code longer than it is',
    'calls by odd names',
    'late lines without end',
    'a word on standard error',
    'its end',
    'a crash',
    'nothing and exits, leaving a process that holds its streams',
  ])('%s is lost and killed', async (way) => {
    const vm = await rogue(way);
    await expect(run(vm)).rejects.toThrow(VMLostError);
    expect([vm.alive, vm.healthy]).toEqual([false, false]);
    await until('the process to end', () => !isAlive(vm.pid));
    const { stderr } = await vm.exited();
    await expect(run(vm)).rejects.toThrow(VMLostError);
    expect(stderr.length).toBeLessThanOrEqual(4096);
  });

  test.each(['spans without end', 'ends of spans without end', 'long attributes without end'])(
    '%s is lost and killed, traced or not',
    async (way) => {
      for (const spans of [new RunSpans(TRACE), undefined]) {
        const vm = await rogue(way);
        const lost = vm.request({ op: 'ping', id: vm.nextRequestId() }, (message) => {
          if (message.op === 'span') takeStep(spans, message, Redactor.NONE);
        });
        await expect(lost).rejects.toThrow(VMLostError);
        await until('the process to end', () => !isAlive(vm.pid));
      }
    },
  );

  test('a duplicate answer is ignored', async () => {
    const vm = await rogue('an answer to no request');
    await expect(run(vm)).resolves.toMatchObject({ op: 'done' });
    await until('the process to end', () => !vm.alive);
  });

  test.each([
    'nothing',
    'a frame that never comes',
    'empty lines without end',
    'long lines without end',
    'calls without end',
    'code without end',
    'one byte at a time',
  ])('%s can be killed by its supervisor, which has lost neither time nor memory', async (way) => {
    const vm = await rogue(way);
    const before = await heldBytes();
    const lost = run(vm).catch((reason: Error) => reason);
    let longestMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 5);
    await sleep(300);
    clearInterval(timer);
    expect(longestMs).toBeLessThan(500);
    vm.kill();
    expect(await lost).toBeInstanceOf(VMLostError);
    await until('the process to end', () => !isAlive(vm.pid));
    expect((await heldBytes()) - before).toBeLessThan(16 << 20);
  });

  test('any message leaves no process', async () => {
    await until('the process to end', () => vms.every((vm) => !isAlive(vm.pid)));
    expect(ownChildren()).toEqual([]);
  });
});
