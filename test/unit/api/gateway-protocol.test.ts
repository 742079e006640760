import { describe, expect, test } from '@jest/globals';
import { parseInvocations } from '../../../src/api/gateway-protocol.ts';

describe('a line of invocations', () => {
  const counts = { uid: 'u', succeeded: 1, failed: 0, cancelled: 0, refused: 0, lastTime: 1_800_000_000_000 };
  const line = (changes: object = {}, bootID: unknown = 'b') =>
    JSON.stringify({ bootID, endpoints: { 'acme/shop': { ...counts, ...changes } } });

  test('has the counts of endpoints', () => {
    expect(parseInvocations(line())).toEqual({ bootID: 'b', endpoints: { 'acme/shop': counts } });
    expect(parseInvocations('{"bootID":"b","endpoints":{}}')).toEqual({ bootID: 'b', endpoints: {} });
  });

  test.each<[string, string]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['no object', '1'],
    ['no endpoints', '{"bootID":"b"}'],
    ['endpoints that are null', '{"bootID":"b","endpoints":null}'],
    ['an endpoint that is null', '{"bootID":"b","endpoints":{"a/b":null}}'],
    ['no process', line({}, null)],
    ['a long name of a process', line({}, 'b'.repeat(65))],
    ['a negative count', line({ failed: -1 })],
    ['a broken count', line({ failed: 0.5 })],
    ['a count that is text', line({ failed: '1' })],
    ['no uid', line({ uid: '' })],
    ['a time after all times', line({ lastTime: 1e15 })],
  ])('%s is none', (_, text) => {
    expect(parseInvocations(text)).toBeUndefined();
  });
});
