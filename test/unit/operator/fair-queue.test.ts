import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FairQueue, type Waiting } from '../../../src/operator/executions/fair-queue.ts';

const item = (key: string, fields: Partial<Waiting> = {}): Waiting => ({
  key,
  namespace: 'a',
  runtime: 'a/default',
  tenant: 'a',
  priority: 0,
  createdMs: 0,
  ...fields,
});

function order(items: readonly Waiting[], hasPlace: (runtime: string) => boolean = () => true): string[] {
  const queue = new FairQueue();
  for (const each of items) queue.set(each);
  const keys: string[] = [];
  for (let next = queue.take(hasPlace); next !== undefined; next = queue.take(hasPlace)) keys.push(next.key);
  return keys;
}

describe('who is next', () => {
  test.each<[string, Waiting[], string[]]>([
    ['nobody where nobody waits', [], []],
    ['the oldest', [item('2', { createdMs: 2 }), item('1', { createdMs: 1 })], ['1', '2']],
    [
      'the higher priority before the older',
      [item('old'), item('high', { priority: 1, createdMs: 9 })],
      ['high', 'old'],
    ],
    [
      'tenants take turns, whatever their priorities',
      [
        item('a1', { tenant: 'a', priority: 9 }),
        item('a2', { tenant: 'a', priority: 9, createdMs: 1 }),
        item('b1', { tenant: 'b' }),
      ],
      ['a1', 'b1', 'a2'],
    ],
    [
      'namespaces take turns before tenants do',
      [
        item('x1', { namespace: 'x', tenant: '1' }),
        item('x2', { namespace: 'x', tenant: '2' }),
        item('y1', { namespace: 'y' }),
        item('y2', { namespace: 'y', createdMs: 1 }),
      ],
      ['x1', 'y1', 'x2', 'y2'],
    ],
  ])('%s', (_, items, keys) => {
    expect(order(items)).toEqual(keys);
  });

  test('an execution whose runtime has no place holds up none behind it', () => {
    const items = [item('full', { runtime: 'a/full' }), item('free', { createdMs: 1 })];
    expect(order(items, (runtime) => runtime !== 'a/full')).toEqual(['free']);
  });

  test('one of another namespace waits for one turn, not for ten thousand', () => {
    const flood = Array.from({ length: 10_000 }, (_, i) => item(`flood-${i}`, { createdMs: i }));
    expect(order([...flood, item('other', { namespace: 'b', createdMs: 99_999 })]).indexOf('other')).toBe(1);
  });
});

test('an execution that is set again stands once, where it belongs now', () => {
  const queue = new FairQueue();
  queue.set(item('1'));
  queue.set(item('2', { createdMs: 1 }));
  queue.set(item('2', { createdMs: 1, priority: 5 }));
  expect(queue.size).toBe(2);
  expect(queue.take(() => true)?.key).toBe('2');
  expect(queue.delete('2')).toBe(false);
});

test('whatever comes and goes, each is given once and nobody is passed over by more than the others in turn', () => {
  const action = fc.oneof(
    fc.record({ put: fc.nat(30), namespace: fc.nat(3), tenant: fc.nat(2), priority: fc.nat(2) }),
    fc.record({ drop: fc.nat(30) }),
    fc.constant({ take: true as const }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const queue = new FairQueue();
      const model = new Map<string, Waiting>();
      const passed = new Map<string, number>();
      for (const each of actions) {
        if ('put' in each) {
          const waiting = item(`k${each.put}`, {
            namespace: `n${each.namespace}`,
            tenant: `t${each.tenant}`,
            priority: each.priority,
          });
          queue.set(waiting);
          model.set(waiting.key, waiting);
        } else if ('drop' in each) {
          expect(queue.delete(`k${each.drop}`)).toBe(model.delete(`k${each.drop}`));
        } else {
          const taken = queue.take(() => true);
          expect(taken === undefined).toBe(model.size === 0);
          if (taken === undefined) continue;
          expect(model.delete(taken.key)).toBe(true);
          passed.set(taken.namespace, 0);
          for (const namespace of new Set([...model.values()].map((other) => other.namespace))) {
            if (namespace === taken.namespace) continue;
            passed.set(namespace, (passed.get(namespace) ?? 0) + 1);
          }
          for (const namespace of passed.keys()) {
            if (![...model.values()].some((other) => other.namespace === namespace)) passed.set(namespace, 0);
          }
          expect(Math.max(...passed.values())).toBeLessThanOrEqual(4);
        }
      }
      expect(queue.size).toBe(model.size);
    }),
  );
});
