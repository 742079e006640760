import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S, type RefusalCode } from '../../../../src/api/pod-protocol.ts';
import { bodyHash, makeToken, type TokenClaims } from '../../../../src/api/pod-token.ts';
import { Authenticator } from '../../../../src/runtime/server/authenticate.ts';
import type { RefusalError } from '../../../../src/runtime/server/refusal.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const RUN: TokenClaims = {
  podUID: 'pod-1',
  bootID: 'boot-1',
  epoch: 3,
  method: 'POST',
  path: '/v1/runs/u.1.1',
  body: '{}',
};

let privateKey: CryptoKey;
let publicKey: JWK;
let foreignKey: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  privateKey = pair.privateKey;
  publicKey = await exportJWK(pair.publicKey);
  foreignKey = (await generateKeyPair('EdDSA')).privateKey;
});

function authenticator(now: () => number = () => NOW): Authenticator {
  return new Authenticator({ publicKey, podUID: 'pod-1', bootID: 'boot-1' }, now);
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

/** What an authenticator says to a request with this token: nothing if it lets it in. */
async function refusal(
  auth: Authenticator,
  authorization: string | undefined,
  { method = RUN.method, path = RUN.path, body = '{}' }: Sent = {},
): Promise<RefusalCode | undefined> {
  try {
    auth.checkBody(await auth.checkHead({ method, path, authorization }), Buffer.from(body));
    return undefined;
  } catch (error) {
    return (error as RefusalError).code;
  }
}

const bearer = async (claims: Partial<TokenClaims> = {}, now = NOW, key = privateKey): Promise<string> =>
  `Bearer ${await makeToken(key, { ...RUN, ...claims }, now)}`;

/** A token with any header and claims, well signed. */
async function oddToken(claims: Record<string, unknown>): Promise<string> {
  const seconds = NOW / 1000;
  const usual = {
    aud: 'pod-1',
    iat: seconds,
    exp: seconds + 30,
    jti: 'j',
    boot: 'boot-1',
    epoch: 3,
    req: 'POST /v1/runs/u.1.1',
    body: bodyHash('{}'),
  };
  return `Bearer ${await new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey)}`;
}

describe("how far the operator's clock is ahead", () => {
  test.each([0, 8000, -8000, 3_600_000, -3_600_000])(
    'is told by what it signs, taken or not: %d ms',
    async (aheadMs) => {
      const auth = authenticator();
      await refusal(auth, await bearer({}, NOW + aheadMs));
      expect(Math.abs(auth.clockSkewMs - aheadMs)).toBeLessThanOrEqual(1000);
    },
  );

  test('is not told by what it has not signed', async () => {
    const auth = authenticator();
    await refusal(auth, await bearer({}, NOW + 3_600_000, foreignKey));
    expect(auth.clockSkewMs).toBe(0);
  });
});

test('what the operator has signed for this pod, this life of it, this request and now is let in', async () => {
  expect(await refusal(authenticator(), await bearer())).toBeUndefined();
});

test('a request without a body is signed as one with an empty body', async () => {
  const token = await bearer({ method: 'GET', body: undefined });
  expect(await refusal(authenticator(), token, { method: 'GET', body: '' })).toBeUndefined();
});

describe('is not let in', () => {
  test.each<[string, string | undefined]>([
    ['a request without a token', undefined],
    ['an empty token', 'Bearer '],
    ['another scheme', 'Basic dTpw'],
    ['what is no token', 'Bearer a.b.c'],
    ['a token of one part', 'Bearer abc'],
    ['a token that is JSON', 'Bearer {"alg":"none"}'],
  ])('%s', async (_, authorization) => {
    expect(await refusal(authenticator(), authorization)).toBe('Unauthenticated');
  });

  test('a token of another key', async () => {
    expect(await refusal(authenticator(), await bearer({}, NOW, foreignKey))).toBe('Unauthenticated');
  });

  test.each<[string, Partial<TokenClaims>, Sent]>([
    ['for another pod', { podUID: 'pod-2' }, {}],
    ['for another path', {}, { path: '/v1/runs/u.1.2' }],
    ['for the path without its query', {}, { path: '/v1/runs/u.1.1?a' }],
    ['for another method', {}, { method: 'DELETE' }],
    ['for another body', {}, { body: '{ }' }],
    ['for a body where there is none', {}, { body: '' }],
    ['for no body where there is one', { body: '' }, {}],
  ])('a token %s', async (_, claims, sent) => {
    expect(await refusal(authenticator(), await bearer(claims), sent)).toBe('Unauthenticated');
  });

  test.each<[string, Record<string, unknown>]>([
    ['no iat', { iat: undefined }],
    ['no exp', { exp: undefined }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['an endless jti', { jti: 'j'.repeat(1000) }],
    ['a jti that is no text', { jti: 7 }],
    ['no audience', { aud: undefined }],
    ['two audiences', { aud: ['pod-1', 'pod-2'] }],
    ['no epoch', { epoch: undefined }],
    ['an epoch that is a text', { epoch: '3' }],
    ['an epoch below zero', { epoch: -1 }],
    ['an epoch that is no whole number', { epoch: 3.5 }],
    ['no request', { req: undefined }],
    ['no body', { body: undefined }],
    ['a boot id that is no text', { boot: ['boot-1'] }],
    ['a time before which it does not hold', { nbf: NOW / 1000 + 60 }],
    ['an exp far beyond its 30 s, made long ago', { iat: NOW / 1000 - 3600, exp: NOW / 1000 + 3600 }],
  ])('a token with %s', async (_, claims) => {
    expect(await refusal(authenticator(), await oddToken(claims))).toBe('Unauthenticated');
  });

  test('a token without a signature (alg none)', async () => {
    const [, claims] = (await bearer()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    for (const signature of ['', 'AAAA']) {
      const token = `Bearer ${header}.${claims}.${signature}`;
      expect(await refusal(authenticator(), token)).toBe('Unauthenticated');
    }
  });

  test('a token signed with the public key as a shared secret (HS256)', async () => {
    const [, claims] = (await bearer()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url');
    for (const secret of [JSON.stringify(publicKey), publicKey.x ?? '', Buffer.from(publicKey.x ?? '', 'base64url')]) {
      const signature = createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url');
      expect(await refusal(authenticator(), `Bearer ${header}.${claims}.${signature}`)).toBe('Unauthenticated');
    }
  });

  test('a token that brings its own key', async () => {
    const pair = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    const [, claims] = (await bearer()).split('.');
    const token = await new SignJWT(JSON.parse(Buffer.from(claims as string, 'base64url').toString()))
      .setProtectedHeader({ alg: 'EdDSA', jwk })
      .sign(pair.privateKey);
    expect(await refusal(authenticator(), `Bearer ${token}`)).toBe('Unauthenticated');
  });

  test('a token of which a single character is another', async () => {
    const token = await makeToken(privateKey, RUN, NOW);
    for (let at = 0; at < token.length - 1; at += 7) {
      if (token[at] === '.') continue;
      const other = token[at] === 'A' ? 'B' : 'A';
      const tampered = `Bearer ${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      expect(await refusal(authenticator(), tampered)).toBe('Unauthenticated');
    }
  });

  test('a token that was used before, also where its first use was refused for its body', async () => {
    const auth = authenticator();
    const [used, misused] = [await bearer(), await bearer()];
    expect(await refusal(auth, used)).toBeUndefined();
    expect(await refusal(auth, used)).toBe('Unauthenticated');
    expect(await refusal(auth, misused, { body: 'x' })).toBe('Unauthenticated');
    expect(await refusal(auth, misused)).toBe('Unauthenticated');
  });
});

describe('the time of a token', () => {
  const skew = MAX_CLOCK_SKEW_S * 1000;
  const age = MAX_TOKEN_AGE_S * 1000;

  test.each<[string, number, boolean]>([
    ['is its own', 0, true],
    ['may be its last second', age - 1000, true],
    ['may be over by the skew of two clocks', age + skew - 1000, true],
    ['may not be over by more', age + skew + 1000, false],
    ['may be yet to come, by the skew of two clocks', -skew, true],
    ['may not be yet to come by more', -skew - 1000, false],
  ])('%s', async (_, afterMs, isIn) => {
    expect(
      await refusal(
        authenticator(() => NOW + afterMs),
        await bearer(),
      ),
    ).toBe(isIn ? undefined : 'Unauthenticated');
  });

  test('never outlasts the memory of its use', async () => {
    for (let madeMs = -skew; madeMs <= 0; madeMs += 2500) {
      let now = NOW;
      const auth = authenticator(() => now);
      const token = await bearer({}, NOW - madeMs);
      expect(await refusal(auth, token)).toBeUndefined();
      for (; now < NOW + age + 3 * skew; now += 500) {
        // Other requests are what makes it forget.
        await refusal(auth, await bearer({}, now));
        expect(await refusal(auth, token)).toBe('Unauthenticated');
      }
    }
  });
});

describe('the life of the pod that a request is meant for', () => {
  test.each<[string, Partial<TokenClaims>, RefusalCode | undefined]>([
    ['is this one', {}, undefined],
    ['is another one', { bootID: 'boot-0' }, 'OtherBoot'],
    ['has to be named', { bootID: undefined }, 'OtherBoot'],
    ['has to be named in order to delete', { bootID: undefined, method: 'DELETE' }, 'OtherBoot'],
    ['can be left open in order to read', { bootID: undefined, method: 'GET' }, undefined],
    ['can be named in order to read', { bootID: 'boot-0', method: 'GET' }, 'OtherBoot'],
  ])('%s', async (_, claims, expected) => {
    const { method = 'POST' } = claims;
    expect(await refusal(authenticator(), await bearer(claims), { method })).toBe(expected);
  });
});

describe('an epoch', () => {
  test('older than the newest that was heard of is refused, and told which that is', async () => {
    const auth = authenticator();
    const say = async (epoch: number) => await refusal(auth, await bearer({ epoch }));
    expect([await say(3), await say(3), await say(5), await say(4), await say(3), await say(5)]).toEqual([
      undefined,
      undefined,
      undefined,
      'StaleEpoch',
      'StaleEpoch',
      undefined,
    ]);
    const head = { method: 'POST', path: RUN.path, authorization: await bearer({ epoch: 1 }) };
    await expect(auth.checkHead(head)).rejects.toMatchObject({ code: 'StaleEpoch', epoch: 5 });
  });

  test('is not believed to who cannot sign, or speaks to another life', async () => {
    const auth = authenticator();
    await refusal(auth, await bearer({ epoch: 9 }, NOW, foreignKey));
    await refusal(auth, await bearer({ epoch: 9, bootID: 'boot-0' }));
    await refusal(auth, await bearer({ epoch: 9, podUID: 'pod-2' }));
    expect(await refusal(auth, await bearer({ epoch: 3 }))).toBeUndefined();
  });

  test('that grows old while its body comes is refused', async () => {
    const auth = authenticator();
    const head = { method: RUN.method, path: RUN.path };
    const old = await auth.checkHead({ ...head, authorization: await bearer({ epoch: 3 }) });
    await auth.checkHead({ ...head, authorization: await bearer({ epoch: 4 }) });
    expect(() => auth.checkBody(old, Buffer.from('{}'))).toThrow(/epoch 3.*4/);
  });
});
