import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { LogSink, type LogSinkOptions } from '../../../../src/runtime/server/log-sink.ts';
import { Workspace } from '../../../integration/support/cli.ts';

const files = new Workspace({});
const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
});

/** A sink that writes to a file. */
function toFile(options: Partial<LogSinkOptions> = {}) {
  const path = join(files.path, `${Math.random()}.log`);
  const fd = openSync(path, 'w');
  open.push(fd);
  const sink = new LogSink({ fd, maxBacklogBytes: { pod: 1000, script: 1000 }, ...options });
  return { sink, text: () => readFileSync(path, 'utf8') };
}

/** A sink that writes to a pipe, which holds 64 KiB until it is read. */
function toPipe(options: Partial<LogSinkOptions> = {}) {
  const path = join(files.path, `${Math.random()}.fifo`);
  spawnSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  open.push(fd, reader);
  const sink = new LogSink({ fd, maxBacklogBytes: { pod: 1 << 20, script: 1 << 20 }, ...options });
  const buffer = Buffer.alloc(1 << 20);
  const read = (): string => {
    try {
      return buffer.toString('utf8', 0, readSync(reader, buffer));
    } catch {
      return ''; // nothing to read
    }
  };
  return { sink, read };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('lines of log', () => {
  test('are written completely and in order, from all sources', async () => {
    const { sink, text } = toFile({ maxBacklogBytes: { pod: 1 << 20, script: 1 << 20 } });
    const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${'é'.repeat(i % 50)}\n`);
    for (const [i, line] of lines.entries()) sink[i % 3 === 0 ? 'pod' : 'script'].write(line);
    await sink.flush();
    expect(text()).toBe(lines.join(''));
    expect(sink.dropped).toEqual({ pod: 0, script: 0 });
  });

  test('of scripts are dropped and counted if the pipe is full; the pod has its own budget', async () => {
    const told: number[] = [];
    const { sink, text } = toFile({ onRoom: (dropped) => told.push(dropped) });
    for (let i = 0; i < 1000; i++) sink.script.write('script 789\n');
    for (let i = 0; i < 90; i++) sink.pod.write('pod 456789\n');
    expect(sink.dropped).toEqual({ pod: 0, script: 1000 - 90 });
    await sink.flush();
    expect(text().match(/pod/g)).toHaveLength(90);
    expect(told).toEqual([910]);
  });

  test('are kept while the pipe is full, and are written once it is read', async () => {
    const { sink, read } = toPipe();
    for (let i = 0; i < 4000; i++) sink.script.write(`${String(i).padStart(99)}\n`);
    sink.pod.write('pod\n');
    let isFlushed = false;
    const flushed = sink.flush().then(() => {
      isFlushed = true;
    });
    await tick();
    expect(isFlushed).toBe(false);
    let text = '';
    while (!isFlushed) {
      text += read();
      await tick();
    }
    text += read();
    await flushed;
    expect(text).toHaveLength(400_000 + 4);
    expect(text.endsWith('3999\npod\n')).toBe(true);
  });

  test('that can no longer be written are counted, without an exception', async () => {
    const sink = new LogSink({ fd: 999_999, maxBacklogBytes: { pod: 100, script: 100 } });
    sink.pod.write('a\n');
    sink.script.write('b\n');
    await sink.flush();
    expect(sink.dropped).toEqual({ pod: 1, script: 1 });
  });

  test('do not delay the end if there are none', async () => {
    await toFile().sink.flush();
  });
});
