import { describe, expect, test } from '@jest/globals';
import { FetchError, RefusedError } from '../../../../src/runtime/egress/fetch-error.ts';
import type { FetchSession } from '../../../../src/runtime/egress/fetch-session.ts';
import { HostError } from '../../../../src/runtime/host-bridge.ts';
import { guardedFetch, toolError } from '../../../../src/runtime/tools/guarded-fetch.ts';

/** A session whose requests are answered with these parts. */
function answering(parts: readonly string[], { status = 200, type = 'text/plain', statusText = '' } = {}) {
  const left = parts.map((part) => Buffer.from(part));
  let isAborted = false;
  const answer = {
    status,
    statusText,
    headers: [['content-type', type]],
    hasBody: true,
    read: async () => left.shift(),
    abort: () => {
      isAborted = true;
    },
  };
  const session = { request: async () => answer } as unknown as FetchSession;
  return { fetch: guardedFetch(() => session, 'tool', 100), isAborted: () => isAborted };
}

async function partsOf(response: Response): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of response.body ?? []) parts.push(Buffer.from(part as Uint8Array).toString());
  return parts;
}

describe('an answer', () => {
  test('comes in the parts that arrive', async () => {
    expect(await partsOf(await answering(['a', 'b\nc']).fetch('http://a/'))).toEqual(['a', 'b\nc']);
  });

  test.each([
    [
      ['d', 'a', 't', 'a', '\n', 'x'],
      ['data\n', 'x'],
    ],
    [
      ['a\nb', 'c', 'd\r', ''],
      ['a\nb', 'cd\r'],
    ],
    [['a'], ['a']],
    [[], []],
  ])('of events comes in whole lines: %j', async (given, parts) => {
    const { fetch } = answering(given, { type: 'text/event-stream; charset=utf-8' });
    expect(await partsOf(await fetch('http://a/'))).toEqual(parts);
  });

  test.each(['text/plain', 'text/event-stream'])('of %s that is too long is an error, and is cut off', async (type) => {
    const { fetch, isAborted } = answering(['x'.repeat(60), 'x'.repeat(60)], { type });
    await expect(partsOf(await fetch('http://a/'))).rejects.toMatchObject({ code: 'TooLarge' });
    expect(isAborted()).toBe(true);
  });

  test.each([101, 199, 600, 999])('of status %j is an error', async (status) => {
    await expect(answering([], { status }).fetch('http://a/')).rejects.toThrow(`status ${status}`);
  });

  test('has a status text that a response can have', async () => {
    expect((await answering([], { statusText: 'Fine\u2028' }).fetch('http://a/')).statusText).toBe('');
    expect((await answering([], { statusText: 'Très bien' }).fetch('http://a/')).statusText).toBe('Très bien');
  });
});

test('a body is text', async () => {
  await expect(answering([]).fetch('http://a/', { method: 'POST', body: new Uint8Array(1) })).rejects.toThrow(
    FetchError,
  );
});

test.each<[string, unknown, object | undefined]>([
  ['of a tool', new HostError('m', { code: 'ToolError' }), { message: 'm', code: 'ToolError' }],
  ['of egress', new RefusedError('no'), { message: 'no', code: 'Refused' }],
  ['of the network', new FetchError('gone'), { message: 'gone', code: 'Unavailable' }],
  [
    'that another one has as its cause',
    new Error('a', { cause: new TypeError('b', { cause: new FetchError('gone') }) }),
    { message: 'gone' },
  ],
  ['unforeseen', new Error('/etc/secret'), undefined],
  ['that is none', 'x', undefined],
])('what a script is told of an error %s', (_, error, told) => {
  const found = toolError(error);
  if (told === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(told);
});
