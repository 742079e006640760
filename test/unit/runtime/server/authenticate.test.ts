import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { jwtVerify, SignJWT } from 'jose';
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

const pair = generateKeyPairSync('ed25519');
const { privateKey } = pair;
const publicKey = pair.publicKey.export({ format: 'jwk' });
const foreignKey = generateKeyPairSync('ed25519').privateKey;

function authenticator(now: () => number = () => NOW): Authenticator {
  return new Authenticator({ signer: 'operator', publicKey, podUID: 'pod-1', bootID: 'boot-1' }, now);
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

/** What an authenticator says to a request with this token: nothing if it lets it in. */
function refusal(
  auth: Authenticator,
  authorization: string | undefined,
  { method = RUN.method, path = RUN.path, body = '{}' }: Sent = {},
): RefusalCode | undefined {
  try {
    auth.checkBody(auth.checkHead({ method, path, authorization }), Buffer.from(body));
    return undefined;
  } catch (error) {
    return (error as RefusalError).code;
  }
}

const bearer = (claims: Partial<TokenClaims> = {}, now = NOW, key = privateKey): string =>
  `Bearer ${makeToken(key, { ...RUN, ...claims }, now)}`;

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
  test.each([0, 8000, -8000, 3_600_000, -3_600_000])('is told by what it signs, taken or not: %d ms', (aheadMs) => {
    const auth = authenticator();
    refusal(auth, bearer({}, NOW + aheadMs));
    expect(Math.abs(auth.clockSkewMs - aheadMs)).toBeLessThanOrEqual(1000);
  });

  test('is not told by what it has not signed', () => {
    const auth = authenticator();
    refusal(auth, bearer({}, NOW + 3_600_000, foreignKey));
    expect(auth.clockSkewMs).toBe(0);
  });
});

test('what the operator has signed for this pod, this life of it, this request and now is let in', () => {
  expect(refusal(authenticator(), bearer())).toBeUndefined();
});

test('a token is one to others who read JWT', async () => {
  const token = makeToken(privateKey, RUN, NOW);
  const options = { algorithms: ['EdDSA'], audience: 'pod-1', maxTokenAge: 30, currentDate: new Date(NOW) };
  const { payload } = await jwtVerify(token, pair.publicKey, options);
  expect(payload).toMatchObject({ req: 'POST /v1/runs/u.1.1', epoch: 3, boot: 'boot-1', body: bodyHash('{}') });
});

test('a request without a body is signed as one with an empty body', () => {
  const token = bearer({ method: 'GET', body: undefined });
  expect(refusal(authenticator(), token, { method: 'GET', body: '' })).toBeUndefined();
});

describe('is not let in', () => {
  test.each<[string, string | undefined]>([
    ['a request without a token', undefined],
    ['an empty token', 'Bearer '],
    ['another scheme', 'Basic dTpw'],
    ['what is no token', 'Bearer a.b.c'],
    ['a token of one part', 'Bearer abc'],
    ['a token that is JSON', 'Bearer {"alg":"none"}'],
  ])('%s', (_, authorization) => {
    expect(refusal(authenticator(), authorization)).toBe('Unauthenticated');
  });

  test('a token of another key', () => {
    expect(refusal(authenticator(), bearer({}, NOW, foreignKey))).toBe('Unauthenticated');
  });

  test.each<[string, Partial<TokenClaims>, Sent]>([
    ['for another pod', { podUID: 'pod-2' }, {}],
    ['for another path', {}, { path: '/v1/runs/u.1.2' }],
    ['for the path without its query', {}, { path: '/v1/runs/u.1.1?a' }],
    ['for another method', {}, { method: 'DELETE' }],
    ['for another body', {}, { body: '{ }' }],
    ['for a body where there is none', {}, { body: '' }],
    ['for no body where there is one', { body: '' }, {}],
  ])('a token %s', (_, claims, sent) => {
    expect(refusal(authenticator(), bearer(claims), sent)).toBe('Unauthenticated');
  });

  test.each(['', 'null', '[]', '"text"', '{', '\u0000', `${'['.repeat(20_000)}${']'.repeat(20_000)}`])(
    'what is signed and holds no claims: %.20s',
    (claims) => {
      const start = `${makeToken(privateKey, RUN, NOW).split('.')[0]}.${Buffer.from(claims).toString('base64url')}`;
      const signature = sign(null, Buffer.from(start), privateKey).toString('base64url');
      expect(refusal(authenticator(), `Bearer ${start}.${signature}`)).toBe('Unauthenticated');
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['a time that nests', { nbf: JSON.parse('['.repeat(2000) + ']'.repeat(2000)) }],
    ['a time without end', { iat: 1e308 }],
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
    expect(refusal(authenticator(), await oddToken(claims))).toBe('Unauthenticated');
  });

  test('a token without a signature (alg none)', () => {
    const [, claims] = bearer().split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    for (const signature of ['', 'AAAA']) {
      const token = `Bearer ${header}.${claims}.${signature}`;
      expect(refusal(authenticator(), token)).toBe('Unauthenticated');
    }
  });

  test('a token signed with the public key as a shared secret (HS256)', () => {
    const [, claims] = bearer().split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url');
    for (const secret of [JSON.stringify(publicKey), publicKey.x ?? '', Buffer.from(publicKey.x ?? '', 'base64url')]) {
      const signature = createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url');
      expect(refusal(authenticator(), `Bearer ${header}.${claims}.${signature}`)).toBe('Unauthenticated');
    }
  });

  test('a token that brings its own key', async () => {
    const own = generateKeyPairSync('ed25519');
    const jwk = own.publicKey.export({ format: 'jwk' });
    const [, claims] = bearer().split('.');
    const token = await new SignJWT(JSON.parse(Buffer.from(claims as string, 'base64url').toString()))
      .setProtectedHeader({ alg: 'EdDSA', jwk })
      .sign(own.privateKey);
    expect(refusal(authenticator(), `Bearer ${token}`)).toBe('Unauthenticated');
  });

  test('a token of which a single character is another', () => {
    const token = makeToken(privateKey, RUN, NOW);
    for (let at = 0; at < token.length - 1; at += 7) {
      if (token[at] === '.') continue;
      const other = token[at] === 'A' ? 'B' : 'A';
      const tampered = `Bearer ${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      expect(refusal(authenticator(), tampered)).toBe('Unauthenticated');
    }
  });

  test('a token that was used before, also where its first use was refused for its body', () => {
    const auth = authenticator();
    const [used, misused] = [bearer(), bearer()];
    expect(refusal(auth, used)).toBeUndefined();
    expect(refusal(auth, used)).toBe('Unauthenticated');
    expect(refusal(auth, misused, { body: 'x' })).toBe('Unauthenticated');
    expect(refusal(auth, misused)).toBe('Unauthenticated');
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
  ])('%s', (_, afterMs, isIn) => {
    expect(
      refusal(
        authenticator(() => NOW + afterMs),
        bearer(),
      ),
    ).toBe(isIn ? undefined : 'Unauthenticated');
  });

  test('never outlasts the memory of its use', () => {
    for (let madeMs = -skew; madeMs <= 0; madeMs += 2500) {
      let now = NOW;
      const auth = authenticator(() => now);
      const token = bearer({}, NOW - madeMs);
      expect(refusal(auth, token)).toBeUndefined();
      for (; now < NOW + age + 3 * skew; now += 500) {
        // Other requests are what makes it forget.
        refusal(auth, bearer({}, now));
        expect(refusal(auth, token)).toBe('Unauthenticated');
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
  ])('%s', (_, claims, expected) => {
    const { method = 'POST' } = claims;
    expect(refusal(authenticator(), bearer(claims), { method })).toBe(expected);
  });
});

describe('an epoch', () => {
  test('older than the newest that was heard of is refused, and told which that is', () => {
    const auth = authenticator();
    const say = (epoch: number) => refusal(auth, bearer({ epoch }));
    expect([say(3), say(3), say(5), say(4), say(3), say(5)]).toEqual([
      undefined,
      undefined,
      undefined,
      'StaleEpoch',
      'StaleEpoch',
      undefined,
    ]);
    const head = { method: 'POST', path: RUN.path, authorization: bearer({ epoch: 1 }) };
    expect(() => auth.checkHead(head)).toThrow(expect.objectContaining({ code: 'StaleEpoch', epoch: 5 }));
  });

  test('is not believed to who cannot sign, or speaks to another life', () => {
    const auth = authenticator();
    refusal(auth, bearer({ epoch: 9 }, NOW, foreignKey));
    refusal(auth, bearer({ epoch: 9, bootID: 'boot-0' }));
    refusal(auth, bearer({ epoch: 9, podUID: 'pod-2' }));
    expect(refusal(auth, bearer({ epoch: 3 }))).toBeUndefined();
  });

  test('that grows old while its body comes is refused', () => {
    const auth = authenticator();
    const head = { method: RUN.method, path: RUN.path };
    const old = auth.checkHead({ ...head, authorization: bearer({ epoch: 3 }) });
    auth.checkHead({ ...head, authorization: bearer({ epoch: 4 }) });
    expect(() => auth.checkBody(old, Buffer.from('{}'))).toThrow(/epoch 3.*4/);
  });
});

describe('requests of gateways', () => {
  const gateways = new Authenticator({ signer: 'gateway', publicKey, podUID: 'pod-1', bootID: 'boot-1' }, () => NOW);

  test('have no epochs: none is fenced by another', () => {
    expect(refusal(gateways, bearer({ epoch: 5 }))).toBeUndefined();
    expect(refusal(gateways, bearer({ epoch: 0 }))).toBeUndefined();
  });

  test('are valid once, and with their own key alone', () => {
    const token = bearer({ epoch: 0 });
    expect(refusal(gateways, token)).toBeUndefined();
    expect(refusal(gateways, token)).toBe('Unauthenticated');
    expect(refusal(gateways, bearer({ epoch: 0 }, NOW, foreignKey))).toBe('Unauthenticated');
  });
});
