import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Notes } from '../../../../src/operator/executions/notes.ts';

let notes: Notes;
let due: string[];
let passing: Set<string>;

beforeEach(() => {
  jest.useFakeTimers();
  due = [];
  passing = new Set();
  notes = new Notes(
    (key) => due.push(key),
    (key) => passing.has(key),
  );
});
afterEach(() => {
  notes.close();
  jest.useRealTimers();
});

describe('a reason to wait', () => {
  test('is worth a write when it has lasted a second', () => {
    expect(notes.isDue('a', 'no pod')).toBe(false);
    jest.advanceTimersByTime(999);
    expect([notes.isDue('a', 'no pod'), due]).toEqual([false, []]);
    jest.advanceTimersByTime(1);
    expect([notes.isDue('a', 'no pod'), due]).toEqual([true, ['a']]);
  });

  test('is worth it until it is written', () => {
    notes.isDue('a', 'no pod');
    jest.advanceTimersByTime(1000);
    expect(notes.isDue('a', 'no pod')).toBe(true);
    expect(notes.isDue('a', 'no pod')).toBe(true);
    notes.forget('a');
    expect(notes.isDue('a', 'no pod')).toBe(false);
  });

  test('that passes sooner is worth none', () => {
    notes.isDue('a', 'no pod');
    jest.advanceTimersByTime(500);
    notes.forget('a');
    jest.advanceTimersByTime(10_000);
    expect(due).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['that follows another', () => {}],
    ['that follows one that passed', () => notes.forget('a')],
  ])('%s has its own second', (_, between) => {
    notes.isDue('a', 'no runtime');
    jest.advanceTimersByTime(900);
    between();
    notes.isDue('a', 'no pod');
    jest.advanceTimersByTime(999);
    expect(due).toEqual([]);
    jest.advanceTimersByTime(1);
    expect([notes.isDue('a', 'no pod'), due]).toEqual([true, ['a']]);
  });

  test('that is about to pass waits a while longer', () => {
    passing.add('a');
    notes.isDue('a', 'no place');
    notes.isDue('b', 'no place');
    jest.advanceTimersByTime(5000);
    expect(due).toEqual(['b']);
    passing.clear();
    jest.advanceTimersByTime(1000);
    expect(due).toEqual(['b', 'a']);
  });
});

test('a note that is due is put off where the wait is about to pass after all, and costs no other its place', () => {
  const keys = Array.from({ length: 150 }, (_, index) => `${index}`);
  for (const key of keys) notes.isDue(key, 'no place');
  jest.advanceTimersByTime(1000);
  const atFirst = due.length;
  for (const key of keys) passing.add(key);
  expect(due.filter((key) => notes.isDue(key, 'no place'))).toEqual([]);
  passing.clear();
  // What they had is there for others at once, and no more.
  jest.advanceTimersByTime(1000);
  expect(due.length - atFirst).toBeGreaterThanOrEqual(atFirst);
  expect(due.length - atFirst).toBeLessThanOrEqual(atFirst + 20);
  jest.advanceTimersByTime(5000);
  const told = due.slice(atFirst);
  expect(told.toSorted()).toEqual(keys.toSorted());
  expect(told.filter((key) => !notes.isDue(key, 'no place'))).toEqual([]);
});

describe('where thousands wait', () => {
  test('a hundred are told at once, and twenty a second after, in their order, each once', () => {
    const keys = Array.from({ length: 200 }, (_, index) => `${index}`);
    for (const key of keys) notes.isDue(key, 'no pod');
    jest.advanceTimersByTime(1000);
    expect(due.length).toBeGreaterThanOrEqual(100);
    expect(due.length).toBeLessThanOrEqual(121);
    const atFirst = due.length;
    jest.advanceTimersByTime(1000);
    expect(due.length - atFirst).toBe(20);
    jest.advanceTimersByTime(10_000);
    expect(due).toEqual(keys);
  });

  test('those that do not wait any more take no place in the line', () => {
    for (let index = 0; index < 5000; index += 1) notes.isDue(`${index}`, 'no pod');
    jest.advanceTimersByTime(1000);
    for (let index = 0; index < 5000; index += 1) notes.forget(`${index}`);
    notes.isDue('late', 'no pod');
    jest.advanceTimersByTime(10_000);
    expect(due).toContain('late');
  });

  test('those about to pass do not hold up those behind them', () => {
    for (let index = 0; index < 1000; index += 1) {
      passing.add(`${index}`);
      notes.isDue(`${index}`, 'no place');
    }
    notes.isDue('stuck', 'no source');
    jest.advanceTimersByTime(5000);
    expect(due).toEqual(['stuck']);
  });
});

test('after its end it tells nobody', () => {
  notes.isDue('a', 'no pod');
  notes.close();
  jest.advanceTimersByTime(10_000);
  expect(due).toEqual([]);
});
