import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Line } from '../../../../src/operator/executions/line.ts';

/** What is done to a line: a number is added, the first is taken, or one of those that are there. */
const action = fc.oneof(
  fc.record({ add: fc.nat(1000) }),
  fc.constant('take' as const),
  fc.record({ delete: fc.nat(20) }),
);

test('a line is in order, whatever was added, taken and deleted before', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const line = new Line<number>((a, b) => a < b);
      let expected: number[] = [];
      for (const each of actions) {
        if (each === 'take' || 'delete' in each) {
          const gone = each === 'take' ? line.first : expected[each.delete];
          if (gone === undefined) continue;
          line.delete(gone);
          expected = expected.filter((one) => one !== gone);
        } else if (!expected.includes(each.add)) {
          line.add(each.add);
          expected = [...expected, each.add].toSorted((a, b) => a - b);
        }
        expect([line.first, line.length]).toEqual([expected[0], expected.length]);
      }
      for (const next of expected) {
        expect(line.first).toBe(next);
        line.delete(next);
      }
      expect([line.first, line.length]).toEqual([undefined, 0]);
    }),
  );
});
