import { expect, test } from '@jest/globals';
import { RequestBody } from '../../../src/runtime/request-body.ts';

const read = { op: 'body', id: 1, call: 1, step: 'read' } as const;

test('a second read of a body before the answer to the first breaks the protocol', () => {
  const never: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const body = new RequestBody(never);
  body.handle(read, () => {});
  expect(() => body.handle({ ...read, call: 2 }, () => {})).toThrow(new TypeError('two reads of a body at once'));
});

test('a read that is under way when nothing reads any more is at the end of the body', () => {
  const never: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const body = new RequestBody(never);
  const answers: unknown[][] = [];
  body.handle(read, (...answer) => answers.push(answer));
  body.handle({ ...read, call: 2, step: 'cancel' }, () => {});
  body.close();
  expect(answers).toEqual([[1, true, '', undefined]]);
});
