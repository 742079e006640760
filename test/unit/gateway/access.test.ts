import { describe, expect, test } from '@jest/globals';
import { Access } from '../../../src/gateway/access/access.ts';
import type { Reviews, User } from '../../../src/gateway/access/reviews.ts';
import type { Refusal } from '../../../src/gateway/refusal.ts';

const ANN: User = { username: 'ann' };

function setUp(reviews: Partial<Reviews> = {}) {
  const asked: string[] = [];
  let now = 1000;
  const access = new Access(
    {
      user: async (token) => {
        asked.push(`user ${token}`);
        return token.startsWith('good') ? ANN : undefined;
      },
      mayExecute: async ({ username }, namespace) => {
        asked.push(`${username} in ${namespace}`);
        return namespace === 'acme';
      },
      ...reviews,
    },
    { now: () => now },
  );
  const check = async (token: string, namespace = 'acme'): Promise<string | number> =>
    access.check(`Bearer ${token}`, namespace).then(
      ({ username }) => username,
      (error: Refusal) => error.code,
    );
  return { access, asked, check, pass: (ms: number) => (now += ms) };
}

const jwt = (exp: number): string => `good.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.x`;

describe('access', () => {
  test.each([[undefined], [''], ['Basic YTpi'], ['Bearer'], ['Bearer a b'], [`Bearer ${'x'.repeat(20_000)}`]])(
    'is refused to %s without a question',
    async (authorization) => {
      const { access, asked } = setUp();
      await expect(access.check(authorization, 'acme')).rejects.toMatchObject({ reason: 'Unauthorized' });
      expect(asked).toEqual([]);
    },
  );

  test('is asked once for a token and a namespace, and again after a minute', async () => {
    const { asked, check, pass } = setUp();
    expect([await check('good'), await check('good'), await check('good', 'globex')]).toEqual(['ann', 'ann', 403]);
    expect(asked).toEqual(['user good', 'ann in acme', 'ann in globex']);
    pass(61_000);
    expect(await check('good')).toBe('ann');
    expect(asked.slice(3)).toEqual(['user good', 'ann in acme']);
  });

  test('is asked again after five seconds where it was refused', async () => {
    const { asked, check, pass } = setUp();
    expect([await check('bad'), await check('bad'), await check('good', 'globex')]).toEqual([401, 401, 403]);
    pass(6000);
    await check('bad');
    await check('good', 'globex');
    expect(asked).toEqual(['user bad', 'user good', 'ann in globex', 'user bad', 'ann in globex']);
  });

  test('ends with the token', async () => {
    const { asked, check, pass } = setUp();
    const token = jwt(Date.now() / 1000 + 30);
    await check(token);
    pass(31_000);
    await check(token);
    expect(asked.filter((each) => each.startsWith('user'))).toHaveLength(2);
  });

  test('is asked once for requests at the same time', async () => {
    const { asked, check } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => check('good')));
    expect(asked).toEqual(['user good', 'ann in acme']);
  });

  test('is neither granted nor remembered while the API server is away', async () => {
    let isAway = true;
    const { check } = setUp({
      user: async () => {
        if (isAway) throw new Error('away');
        return ANN;
      },
    });
    expect(await check('good')).toBe(503);
    isAway = false;
    expect(await check('good')).toBe('ann');
  });

  test('is not asked for more than 64 unknown tokens at a time', async () => {
    const answer = Promise.withResolvers<undefined>();
    const { check } = setUp({ user: () => answer.promise });
    const flood = Array.from({ length: 64 }, (_, index) => check(`unknown-${index}`));
    expect(await check('one-more')).toBe(503);
    answer.resolve(undefined);
    expect(new Set(await Promise.all(flood))).toEqual(new Set([401]));
  });
});
