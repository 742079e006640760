import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LogWriter } from '../../../../src/runtime/sandbox/log-writer.ts';
import type { LogEntry } from '../../../../src/runtime/wire/from-sandbox.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

function writerOf(maxBytes = 16_384): { writer: LogWriter; batches: LogEntry[][] } {
  const batches: LogEntry[][] = [];
  return { writer: new LogWriter(maxBytes, (lines) => batches.push(lines)), batches };
}

const texts = (batch: readonly LogEntry[] = []): string[] => batch.map((line) => line.message);

describe('lines of a run', () => {
  test('the first ones leave at once, with their time', () => {
    const { writer, batches } = writerOf();
    writer.add('info', 'a');
    jest.advanceTimersByTime(1);
    writer.add('error', 'b');
    const first = batches[0]?.[0]?.microseconds ?? 0;
    expect(batches).toEqual([
      [{ microseconds: first, level: 'info', message: 'a' }],
      [{ microseconds: first + 1000, level: 'error', message: 'b' }],
    ]);
  });

  test('of a flood they leave together, 5 ms apart', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 256; i++) writer.add('info', `${i}`);
    expect(batches).toHaveLength(256);
    for (let i = 0; i < 100; i++) writer.add('info', 'x');
    expect(batches).toHaveLength(256);
    jest.advanceTimersByTime(5);
    writer.add('info', 'last');
    expect(batches).toHaveLength(257);
    expect(batches.at(-1)).toHaveLength(101);
  });

  test('of a flood the last ones are kept, within the cap', () => {
    const { writer, batches } = writerOf(10);
    for (let i = 0; i < 256; i++) writer.add('info', '');
    for (let i = 0; i < 10; i++) writer.add('info', `line${i}`);
    writer.flush();
    expect(texts(batches.at(-1))).toEqual(['line8', 'line9']);
  });

  test('no batch is longer than what the supervisor takes', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 5000; i++) writer.add('info', '');
    writer.flush();
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(1024);
  });

  test('nor bigger, however much the log may keep', () => {
    const { writer, batches } = writerOf(1 << 30);
    for (let i = 0; i < 700; i++) writer.add('info', 'x'.repeat(8192));
    writer.flush();
    const sizes = batches.map((batch) => batch.reduce((sum, line) => sum + line.message.length, 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 << 10);
  });

  test('one line over the cap is sent all the same: it is cut where it arrives', () => {
    const { writer, batches } = writerOf(3);
    writer.add('info', 'long line');
    expect(texts(batches[0])).toEqual(['long line']);
  });

  test('what is left leaves with the end of the run; nothing left is nothing sent', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 258; i++) writer.add('info', `${i}`);
    writer.flush();
    writer.flush();
    expect(texts(batches.at(-1))).toEqual(['256', '257']);
    expect(batches).toHaveLength(257);
  });
});
