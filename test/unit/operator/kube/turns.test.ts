import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mostGivenBack } from '../../../../src/operator/kube/round.ts';
import { type TurnLevels, Turns } from '../../../../src/operator/kube/turns.ts';

const first = (item: string): string => item[0] ?? '';
const second = (item: string): string => item[1] ?? '';

function order(items: readonly string[], levels: TurnLevels<string> = [first]): string[] {
  const turns = new Turns<string>(levels);
  for (const item of items) turns.push(item);
  return drain(turns);
}

function drain(turns: Turns<string>): string[] {
  const taken: string[] = [];
  for (let item = turns.shift(); item !== undefined; item = turns.shift()) taken.push(item);
  return taken;
}

describe('turns', () => {
  test.each<[string, string[], string[]]>([
    ['nobody where nobody waits', [], []],
    ['one group in the order in which it came', ['a1', 'a2', 'a3'], ['a1', 'a2', 'a3']],
    ['groups in turn', ['a1', 'a2', 'a3', 'b1', 'b2'], ['a1', 'b1', 'a2', 'b2', 'a3']],
  ])('%s', (_, items, taken) => {
    expect(order(items)).toEqual(taken);
  });

  test('groups within a group share its turns', () => {
    const items = ['xa1', 'xa2', 'xb1', 'y1', 'y2', 'y3'];
    expect(order(items, [first, second])).toEqual(['xa1', 'y1', 'xb1', 'y2', 'xa2', 'y3']);
  });

  test('who comes new goes before those who have had their turn in this round, and behind the others', () => {
    const turns = new Turns<string>([first]);
    for (let index = 0; index < 10_000; index += 1) turns.push(`a${index}`);
    turns.push('b1');
    turns.push('b2');
    expect(turns.shift()).toBe('a0');
    turns.push('c1');
    turns.push('c2');
    expect(Array.from({ length: 6 }, () => turns.shift())).toEqual(['b1', 'c1', 'a1', 'b2', 'c2', 'a2']);
    expect(turns.length).toBe(9997);
  });

  test('a group that had no item left is no better off for it than those that wait', () => {
    const turns = new Turns<string>([first]);
    for (const item of ['a1', 'b1', 'b2', 'c1']) turns.push(item);
    expect(turns.shift()).toBe('a1');
    turns.push('a2');
    expect(drain(turns)).toEqual(['b1', 'c1', 'a2', 'b2']);
  });

  test('a held group loses no turn, and nobody waits for it', () => {
    const turns = new Turns<string>([first, second]);
    for (const item of ['ax1', 'ay1', 'bx1', 'bx2']) turns.push(item);
    expect(turns.shift(([one]) => one === 'a')).toBe('bx1');
    expect(turns.shift(([one]) => one === 'a')).toBe('bx2');
    expect(turns.shift(([one]) => one === 'a')).toBeUndefined();
    expect(turns.shift(([, other]) => other === 'x')).toBe('ay1');
    expect([turns.length, turns.count(['a']), turns.count(['a', 'y']), turns.count(['b'])]).toEqual([1, 1, 0, 0]);
    expect(drain(turns)).toEqual(['ax1']);
  });

  test('a turn that was given back is had again in the same round, after those that have had none', () => {
    const turns = new Turns<string>([first, second]);
    for (const item of ['ax1', 'ax2', 'ax3', 'ay1', 'bx1', 'bx2', 'cx1']) turns.push(item);
    const free = ['ax1', 'ay1'];
    const taken: (string | undefined)[] = [];
    for (let index = 0; index < 7; index += 1) {
      const item = turns.shift();
      taken.push(item);
      if (item && free.includes(item)) turns.giveBack(item);
    }
    expect(taken).toEqual(['ax1', 'bx1', 'cx1', 'ay1', 'ax2', 'bx2', 'ax3']);
  });

  test('who had no more comes in again where its turn was given back', () => {
    const turns = new Turns<string>([first]);
    for (const item of ['a1', 'b1', 'b2', 'c1']) turns.push(item);
    turns.giveBack(turns.shift() as string);
    turns.push('a2');
    expect(drain(turns)).toEqual(['b1', 'c1', 'a2', 'b2']);
  });

  test('whatever is given back, nobody has more turns between two of one that waits than can be given back, and its own', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(true, true, true, true, false), { minLength: 300 }), (costNothing) => {
        const turns = new Turns<string>([first]);
        for (let index = 0; index < costNothing.length; index += 1)
          for (const name of ['a', 'b', 'c']) turns.push(`${name}${index}`);
        const since = new Map<string, number>();
        for (const isFree of costNothing) {
          const item = turns.shift() as string;
          if (isFree && first(item) === 'a') turns.giveBack(item);
          since.set(first(item), (since.get(first(item)) ?? 0) + 1);
          if (first(item) === 'b') since.clear();
          expect(since.get('a') ?? 0).toBeLessThanOrEqual(mostGivenBack(0) + 1);
        }
      }),
    );
  });

  test('an item whose groups are others by now goes over to those, and takes its turn there', () => {
    const group = new Map<string, string>();
    const turns = new Turns<string>([first, (item) => group.get(item) ?? 'waiting']);
    for (let index = 0; index < 100; index += 1) turns.push(`a${index}`);
    turns.push('b1');
    expect(turns.regroup('a99')).toBe(false);
    group.set('a99', 'granted');
    expect([turns.regroup('a99'), turns.regroup('a99'), turns.regroup('none')]).toEqual([true, false, false]);
    expect([turns.length, turns.count(['a', 'waiting']), turns.count(['a', 'granted'])]).toEqual([101, 99, 1]);
    expect(drain(turns).slice(0, 3)).toEqual(['a0', 'b1', 'a99']);
  });

  test('one that is alone in its groups keeps their turn when it goes over to another', () => {
    const group = new Map<string, string>();
    const turns = new Turns<string>([first, (item) => group.get(item) ?? 'waiting']);
    for (const item of ['a1', 'b1', 'q1', 'c1']) turns.push(item);
    turns.shift();
    for (const newcomer of ['d1', 'e1', 'f1']) turns.push(newcomer);
    group.set('q1', 'granted');
    turns.regroup('q1');
    expect(drain(turns).slice(0, 2)).toEqual(['b1', 'q1']);
  });

  test('a turn of the outermost groups ends with what costs something, wherever there is any', () => {
    const turns = new Turns<string>([first, (item) => (item.endsWith('free') ? 'free' : 'costly'), second]);
    for (let index = 0; index < 10_000; index += 1) turns.push(`a${index % 10}-${index}-free`);
    for (let index = 0; index < 300; index += 1) for (const one of 'abcdefgh') turns.push(`${one}x-${index}`);
    const costly: string[] = [];
    while (costly.length < 800) {
      const item = turns.shift() as string;
      if (item.endsWith('free')) turns.giveBack(item);
      else costly.push(first(item));
    }
    expect(costly.filter((one) => one === 'a').length).toBe(100);
    expect(turns.count(['a', 'free'])).toBeLessThan(9200);
  });

  test('a group that all have left takes no turn, and who comes back stands where it stood', () => {
    const group = new Map<string, string>();
    const turns = new Turns<string>([(item) => group.get(item) ?? first(item)]);
    for (const item of ['a1', 'a2', 'b1']) turns.push(item);
    for (const item of ['a1', 'a2']) {
      group.set(item, 'b');
      turns.regroup(item);
    }
    group.delete('a1');
    turns.regroup('a1');
    group.set('a1', 'b');
    turns.regroup('a1');
    expect([turns.count(['a']), turns.count(['b'])]).toEqual([0, 3]);
    expect(drain(turns)).toEqual(['b1', 'a1', 'a2']);
  });

  test.each([
    ['bx', ['b'], true],
    ['bx', ['b', 'x'], true],
    ['bx', ['b', 'y'], false],
    ['bx', ['a'], false],
  ])('an item (%s) is left out where a group of it is held (%j): %s', (item, held, isLeftOut) => {
    const turns = new Turns<string>([first, second]);
    expect(turns.leavesOut(item, (group) => group.join() === held.join())).toBe(isLeftOut);
  });

  test('a new name for each item gets nobody ahead of all the others', () => {
    const turns = new Turns<string>([first]);
    const names = Array.from({ length: 200 }, (_, index) => String.fromCodePoint(0x4e00 + index));
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2', 'b3']) turns.push(item);
    const taken: string[] = [];
    for (const [index, name] of names.entries()) {
      turns.push(name);
      if (index % 2 === 1) taken.push(turns.shift() as string); // two come where one is worked off
    }
    expect(taken.filter((item) => item === first(item)).length).toBe(taken.length - 6);
    expect(taken.indexOf('b3')).toBeLessThan(60);
  });

  test('gives each item once, each group in its order, and knows how many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'))), (groups) => {
        const items = groups.map(([one, other], index) => `${one}${other}${index}`);
        const turns = new Turns<string>([first, second]);
        for (const item of items) turns.push(item);
        expect(turns.length).toBe(items.length);
        const taken = drain(turns);
        expect([...taken].sort()).toEqual([...items].sort());
        for (const group of new Set(items.map((item) => item.slice(0, 2)))) {
          const of = (each: readonly string[]) => each.filter((item) => item.startsWith(group));
          expect(of(taken)).toEqual(of(items));
        }
      }),
    );
  });
});
