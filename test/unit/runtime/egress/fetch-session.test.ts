import { describe, expect, test } from '@jest/globals';
import { Egress } from '../../../../src/runtime/egress/egress.ts';
import type { FetchSession } from '../../../../src/runtime/egress/fetch-session.ts';
import { checkFromSandbox } from '../../../../src/runtime/wire/from-sandbox.ts';
import { until } from '../../../support/until.ts';

interface Opened {
  readonly session: FetchSession;
  readonly replies: { call: number; ok: boolean; value: string }[];
  readonly events: string[];
}

function opened(): Opened {
  const replies: Opened['replies'] = [];
  const events: string[] = [];
  const session = new Egress().open(
    { tenantKey: 'acme', tenant: 'acme', maxBytes: 1000 },
    {
      reply: (call, ok, value) => void replies.push({ call, ok, value }),
      exceeded: () => void events.push('exceeded'),
      reported: ({ outcome }) => void events.push(outcome),
    },
  );
  return { session, replies, events };
}

const HEAD = { url: 'https://a.example/', method: 'GET', headers: [], redirect: 'follow', body: 'none' };
const step = (fields: object) => checkFromSandbox({ op: 'fetch', id: 1, call: 0, fetch: 0, ...fields }) as never;
const START = step({ step: 'start', head: HEAD });
const UPLOAD = step({ step: 'start', head: { ...HEAD, method: 'POST', body: 'stream' } });
const EMPTY = Buffer.alloc(0);

describe('steps that no sandbox sends unless it has been taken over', () => {
  test.each<[string, [never, Buffer][]]>([
    ['a read of no fetch', [[step({ step: 'read' }), EMPTY]]],
    ['a write of no fetch', [[step({ step: 'write' }), Buffer.from('a')]]],
    [
      'a second start',
      [
        [START, EMPTY],
        [START, EMPTY],
      ],
    ],
    [
      'a read before the answer',
      [
        [START, EMPTY],
        [step({ step: 'read' }), EMPTY],
      ],
    ],
    [
      'a write of a request without a stream',
      [
        [START, EMPTY],
        [step({ step: 'write' }), Buffer.from('a')],
      ],
    ],
    [
      'an empty write',
      [
        [UPLOAD, EMPTY],
        [step({ step: 'write' }), EMPTY],
      ],
    ],
    ['a body that is too long for one frame', [[START, Buffer.alloc((1 << 20) + 1)]]],
    [
      'a write that is too long for one frame',
      [
        [UPLOAD, EMPTY],
        [step({ step: 'write' }), Buffer.alloc((256 << 10) + 1)],
      ],
    ],
    [
      'a write after the end',
      [
        [UPLOAD, EMPTY],
        [step({ step: 'end' }), EMPTY],
        [step({ step: 'write' }), Buffer.from('a')],
      ],
    ],
  ])('%s', (_, steps) => {
    const { session } = opened();
    expect(() => {
      for (const [each, blob] of steps) session.handle(each, blob);
    }).toThrow(TypeError);
    session.close();
  });
});

describe('frames that are no steps', () => {
  test.each<[string, object]>([
    ['another step', { step: 'steal' }],
    ['no head', { step: 'start' }],
    ['a URL that is no text', { step: 'start', head: { ...HEAD, url: 1 } }],
    ['a URL without end', { step: 'start', head: { ...HEAD, url: 'x'.repeat(20_000) } }],
    ['headers that are no pairs', { step: 'start', head: { ...HEAD, headers: [['a']] } }],
    ['too many headers', { step: 'start', head: { ...HEAD, headers: Array.from({ length: 1025 }, () => ['a', 'b']) } }],
    ['another way to follow', { step: 'start', head: { ...HEAD, redirect: 'always' } }],
    ['another kind of body', { step: 'start', head: { ...HEAD, body: 'file' } }],
    ['a number that is none', { step: 'read', fetch: -1 }],
    ['a call that is none', { step: 'read', call: 1.5 }],
  ])('%s', (_, fields) => expect(() => step(fields)).toThrow(TypeError));
});

describe('a session', () => {
  test('answers a request that no rule allows, and reports it', async () => {
    const { session, replies, events } = opened();
    session.handle(START, EMPTY);
    await until('the answer', () => replies.length === 1);
    expect(replies).toEqual([
      { call: 0, ok: false, value: expect.stringContaining('no egress rule allows a.example:443') },
    ]);
    expect(events).toEqual(['refused']);
  });

  test('takes one more write after the request has failed, and wants no other', async () => {
    const { session, replies } = opened();
    session.handle(UPLOAD, EMPTY);
    await until('the answer', () => replies.length === 1);
    session.handle(step({ step: 'write', call: 1 }), Buffer.from('a'));
    await until('the answer', () => replies.length === 2);
    expect(replies[1]).toEqual({ call: 1, ok: true, value: '' });
    expect(() => session.handle(step({ step: 'write', call: 2 }), Buffer.from('a'))).toThrow(TypeError);
  });

  test('counts what a script sends when it arrives, whether it leaves or not', () => {
    const { session, events } = opened();
    session.handle(step({ step: 'start', head: { ...HEAD, method: 'POST', body: 'whole' } }), Buffer.alloc(1001));
    expect(events[0]).toBe('exceeded');
  });

  test('answers nothing once it is closed', async () => {
    const { session, replies } = opened();
    session.handle(START, EMPTY);
    session.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(replies).toEqual([]);
  });
});

test('a URL of more than 16 Ki characters is not sent, whoever asks for it', async () => {
  const { session, events } = opened();
  const { body: _, ...head } = {
    ...HEAD,
    url: `https://a.example/${'x'.repeat(16 << 10)}`,
    redirect: 'follow' as const,
  };
  await expect(session.request(head, undefined, 'shop')).rejects.toThrow('the URL has more than 16384 characters');
  expect(events).toEqual([]);
  expect(session.usage.fetches).toBe(0);
});
