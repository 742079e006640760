import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tombstones } from '../../../../src/runtime/server/tombstones.ts';

describe('tombstones', () => {
  test('contain exactly the added ids', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), fc.array(fc.string({ maxLength: 3 })), (added, asked) => {
        const tombstones = new Tombstones();
        const model = new Set<string>();
        for (const id of added) {
          expect(tombstones.add(id)).toBe(!model.has(id));
          model.add(id);
        }
        expect(tombstones.size).toBe(model.size);
        for (const id of [...added, ...asked]) expect(tombstones.has(id)).toBe(model.has(id));
      }),
    );
  });

  test('are kept when the table grows, at 8 to 14 bytes each', () => {
    const tombstones = new Tombstones();
    for (let i = 0; i < 100_000; i++) tombstones.add(`uid-${i}.1.1`);
    for (let i = 0; i < 100_000; i++) if (!tombstones.has(`uid-${i}.1.1`)) throw new Error(`${i} is forgotten`);
    for (let i = 0; i < 100_000; i++) if (tombstones.has(`uid-${i}.1.2`)) throw new Error(`${i} was never there`);
    expect(tombstones.size).toBe(100_000);
    expect(tombstones.bytes / tombstones.size).toBeGreaterThan(8);
    expect(tombstones.bytes / tombstones.size).toBeLessThan(14);
  });
});
