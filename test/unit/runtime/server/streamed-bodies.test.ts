import { expect, test } from '@jest/globals';
import { StreamedBodies } from '../../../../src/runtime/server/streamed-bodies.ts';

test('a piece is asked for when it is read, and given to the run that waits for it', async () => {
  const bodies = new StreamedBodies();
  let asked = 0;
  const pieces = bodies.body('u.1.1', () => asked++)[Symbol.asyncIterator]();
  expect(asked).toBe(0);
  const first = pieces.next();
  expect(asked).toBe(1);
  bodies.give('u.1.1', Buffer.from('one'));
  expect(await first).toEqual({ done: false, value: Buffer.from('one') });
  const end = pieces.next();
  bodies.give('u.1.1', Buffer.alloc(0));
  expect([await end, asked]).toEqual([{ done: true, value: undefined }, 2]);
});

test('a piece that no run waits for is refused, and one that is too large', async () => {
  const bodies = new StreamedBodies();
  const give = (id: string, bytes: number) => () => bodies.give(id, Buffer.alloc(bytes));
  const pieces = bodies.body('u.1.1', () => {})[Symbol.asyncIterator]();
  expect(give('u.1.1', 1)).toThrow(expect.objectContaining({ code: 'UnknownRun' }));
  const reading = pieces.next();
  expect(give('other.1.1', 1)).toThrow(expect.objectContaining({ code: 'UnknownRun' }));
  expect(give('u.1.1', (256 << 10) + 1)).toThrow(expect.objectContaining({ code: 'TooLarge' }));
  await pieces.return?.();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(give('u.1.1', 1)).toThrow(expect.objectContaining({ code: 'UnknownRun' }));
});

test('a body that has broken off is an error for the run that waits for a piece of it', async () => {
  const bodies = new StreamedBodies();
  const breaks = () => bodies.break('u.1.1');
  const reading = bodies
    .body('u.1.1', () => {})
    [Symbol.asyncIterator]()
    .next();
  breaks();
  await expect(reading).rejects.toThrow('the body did not arrive whole');
  expect(breaks).toThrow(expect.objectContaining({ code: 'UnknownRun' }));
});
