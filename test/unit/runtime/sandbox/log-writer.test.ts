import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LogWriter } from '../../../../src/runtime/sandbox/log-writer.ts';
import type { LogEntry } from '../../../../src/runtime/wire/from-sandbox.ts';
import { isBeyondLogBudget } from '../../../../src/runtime/wire/log-budget.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

function writerOf(): { writer: LogWriter; batches: LogEntry[][] } {
  const batches: LogEntry[][] = [];
  return { writer: new LogWriter((lines) => batches.push(lines)), batches };
}

const texts = (batch: readonly LogEntry[] = []): string[] => batch.map((line) => line.message);
const lengthOf = (batches: readonly LogEntry[][]): number =>
  batches.flat().reduce((sum, { message }) => sum + message.length, 0);

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

  test('after those they leave together, 20 ms apart', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 256; i++) writer.add('info', `${i}`);
    expect(batches).toHaveLength(256);
    for (let i = 0; i < 100; i++) writer.add('info', 'x');
    expect(batches).toHaveLength(256);
    jest.advanceTimersByTime(20);
    writer.add('info', 'last');
    expect(batches).toHaveLength(257);
    expect(batches.at(-1)).toHaveLength(101);
  });

  test('up to 1,500 leave whole, however fast they are written', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 1500; i++) {
      if (i % 500 === 0) jest.advanceTimersByTime(20);
      writer.add('info', `${i}`);
    }
    writer.flush();
    expect(texts(batches.flat())).toEqual(Array.from({ length: 1500 }, (_, i) => `${i}`));
  });

  test('of a flood a thousand a second leave, the last ones, and each batch says how many were left out', () => {
    const { writer, batches } = writerOf();
    let added = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      for (let i = 0; i < 50; i++) writer.add('info', `${added++}`);
      jest.advanceTimersByTime(1);
    }
    writer.flush();
    const lines = batches.flat();
    expect(lines.length).toBeGreaterThan(10_000);
    expect(lines.length).toBeLessThanOrEqual(1000 + 10 * 1000 + 513);
    expect(batches.length).toBeLessThanOrEqual(256 + 10_000 / 20 + 1);
    const leftOut = lines.map(({ message }) => / lines? left out$/.test(message) && Number.parseInt(message, 10));
    const kept = leftOut.filter((count) => count === false).length;
    expect(kept + leftOut.reduce<number>((sum, count) => sum + Number(count), 0)).toBe(added);
    expect(lines.at(-1)?.message).toBe(`${added - 1}`);
    const numbers = lines.filter((_, i) => leftOut[i] === false).map(({ message }) => Number(message));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('of a flood of long lines 256 KiB a second leave', () => {
    const { writer, batches } = writerOf();
    for (let ms = 0; ms < 10_000; ms++) {
      writer.add('info', 'x'.repeat(8192));
      jest.advanceTimersByTime(1);
    }
    writer.flush();
    expect(lengthOf(batches)).toBeGreaterThan(10 * 200 * 1024);
    expect(lengthOf(batches)).toBeLessThanOrEqual((512 + 10 * 256 + 256) * 1024 + 20_000);
  });

  test('no batch is longer or bigger than what the supervisor takes', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 5000; i++) writer.add('info', i < 4000 ? '' : 'x'.repeat(8192));
    writer.flush();
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(513);
    expect(Math.max(...batches.map((batch) => lengthOf([batch])))).toBeLessThanOrEqual((256 << 10) + 100);
  });

  test('the last ones leave with the end of the run, whatever was logged before', () => {
    const { writer, batches } = writerOf();
    for (let i = 0; i < 100_000; i++) writer.add('info', `${i}`);
    writer.flush();
    writer.flush();
    expect(texts(batches.at(-1)).slice(-2)).toEqual(['99998', '99999']);
    expect(texts(batches.at(-1))[0]).toMatch(/^\d+ lines left out$/);
  });

  test('a flood that goes on stays within what the supervisor believes', () => {
    const { writer, batches } = writerOf();
    for (let ms = 1; ms <= 5000; ms++) {
      for (let i = 0; i < 20; i++) writer.add('info', 'x'.repeat(300));
      jest.advanceTimersByTime(1);
      const amount = { lines: batches.flat().length, length: lengthOf(batches) };
      if (ms % 100 === 0) expect(isBeyondLogBudget(amount, ms)).toBe(false);
    }
    writer.flush();
    expect(isBeyondLogBudget({ lines: batches.flat().length, length: lengthOf(batches) }, 5000)).toBe(false);
    expect(isBeyondLogBudget({ lines: 12_001, length: 0 }, 5000)).toBe(true);
    expect(isBeyondLogBudget({ lines: 0, length: 4 << 20 }, 5000)).toBe(true);
  });
});
