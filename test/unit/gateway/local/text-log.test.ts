import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { textLog } from '../../../../src/gateway/local/text-log.ts';

/** What a log writes to the terminal. */
function written(message: string, fields: Readonly<Record<string, unknown>>): string {
  const stream = new PassThrough();
  textLog(stream).write('error', message, fields);
  return String(stream.read());
}

test('a request is a line, without what its client or its script would do to the terminal', () => {
  const request = { method: 'GET', path: '/a\u001b[2J', endpoint: 'shop', code: 500, reason: 'RuntimeError' };
  const line = written('request', { ...request, durationMs: 1.2, failure: 'Error: \u001b]0;x\u0007\nfaked' });
  expect(line).toBe('copepod: error: GET /a\\x1b[2J 500 RuntimeError 1 ms: Error: \\x1b]0;x\\x07\\nfaked\n');
});

test('of an error the lines are kept', () => {
  const error = Object.assign(new Error('no'), { stack: 'Error: \u001b[31mno\n    at x' });
  expect(written('failed', { error, what: 'a\nb' })).toBe(
    'copepod: error: failed what=a\\nb: Error: \\x1b[31mno\n    at x\n',
  );
});
