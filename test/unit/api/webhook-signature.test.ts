import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sign } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Replays } from '../../../src/api/endpoints/replays.ts';
import { authenticateBySecret } from '../../../src/api/endpoints/request-authentication.ts';
import { checkSignature, isToken, type WebhookFormat } from '../../../src/api/endpoints/webhook-signature.ts';
import type { HeaderPair } from '../../../src/api/web-exchange.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const BODY = JSON.stringify({ action: 'opened', text: 'grüße 🐣' });
const SECRETS = {
  StandardWebhooks: `whsec_${Buffer.from('0123456789abcdefghijklmn').toString('base64')}`,
  GitHub: 'a secret with spaces: ü',
  Stripe: 'whsec_0123456789',
} as const;

/** The headers that a sender's own library makes. */
async function signed(
  format: WebhookFormat,
  secret: string,
  { body = BODY, at = NOW, id = 'msg_1' } = {},
): Promise<HeaderPair[]> {
  switch (format) {
    case 'StandardWebhooks': {
      const timestamp = `${at / 1000}`;
      const signature = new Webhook(secret).sign(id, new Date(at), body);
      return [
        ['webhook-id', id],
        ['webhook-timestamp', timestamp],
        ['webhook-signature', signature],
      ];
    }
    case 'GitHub':
      return [
        ['x-github-event', 'issues'],
        ['X-Hub-Signature-256', await sign(secret, body)],
      ];
    case 'Stripe': {
      const { webhooks } = new Stripe('sk_test_x');
      const header = webhooks.generateTestHeaderString({ payload: body, secret, timestamp: at / 1000 });
      return [['Stripe-Signature', header]];
    }
  }
}

const check = (
  format: WebhookFormat,
  headers: readonly HeaderPair[],
  { body = BODY, secret = SECRETS[format] as string, nowMs = NOW } = {},
) => checkSignature(format, { headers, body: Buffer.from(body) }, { secret, toleranceSeconds: 300, nowMs });

const FORMATS = Object.keys(SECRETS) as WebhookFormat[];

describe.each(FORMATS)('a webhook as %s signs it', (format) => {
  const secret = SECRETS[format];

  test('is taken, and the same content has the same name', async () => {
    const first = check(format, await signed(format, secret));
    expect(first).toMatchObject({ ok: true });
    expect(check(format, await signed(format, secret))).toEqual(first);
    const other = await signed(format, secret, { body: '{}' });
    expect(check(format, other, { body: '{}' })).not.toEqual(first);
  });

  test('is refused with another body, another secret, without a signature, or with two headers of it', async () => {
    const headers = await signed(format, secret);
    expect(check(format, headers, { body: `${BODY} ` })).toMatchObject({ ok: false });
    const other = format === 'StandardWebhooks' ? `whsec_${randomBytes(24).toString('base64')}` : 'other';
    expect(check(format, headers, { secret: other })).toMatchObject({
      ok: false,
      why: 'the signature is not that of the secret',
    });
    expect(check(format, [])).toMatchObject({ ok: false });
    expect(check(format, [...headers, ...headers])).toMatchObject({ ok: false });
  });

  test('is refused where a header has been changed', async () => {
    const headers = await signed(format, secret);
    for (const [index, [name, value]] of headers.entries()) {
      if (name === 'x-github-event') continue; // GitHub does not sign it
      for (const changed of [
        '',
        value.slice(0, -2),
        value.replace(/[0-9]/, (digit) => `${(Number(digit) + 1) % 10}`),
      ]) {
        if (changed === value) continue;
        const tampered = headers.with(index, [name, changed]);
        expect({ changed, ...check(format, tampered) }).toMatchObject({ ok: false });
      }
    }
  });

  test('is taken by any of several secrets, as while one is replaced', async () => {
    const headers = await signed(format, secret);
    const old = format === 'StandardWebhooks' ? `whsec_${randomBytes(24).toString('base64')}` : 'old';
    expect(check(format, headers, { secret: `${old}\n${secret}\n` })).toMatchObject({ ok: true });
    expect(check(format, headers, { secret: '\n' })).toMatchObject({ ok: false });
  });

  test('is taken with clocks that differ by up to the tolerance', async () => {
    if (format === 'GitHub') return; // it signs no time
    const headers = await signed(format, secret);
    for (const [seconds, ok] of [
      [-300, true],
      [300, true],
      [-301, false],
      [301, false],
    ] as const) {
      expect(check(format, headers, { nowMs: NOW + seconds * 1000 })).toMatchObject({ ok });
    }
  });
});

test.each(['A', 'whsec_A', 'A=='])('with %j for a secret, nobody can sign: it is an empty key', (secret) => {
  const hmac = createHmac('sha256', '')
    .update(`msg_1.${NOW / 1000}.${BODY}`)
    .digest('base64');
  const headers: HeaderPair[] = [
    ['webhook-id', 'msg_1'],
    ['webhook-timestamp', `${NOW / 1000}`],
    ['webhook-signature', `v1,${hmac}`],
  ];
  expect(check('StandardWebhooks', headers, { secret })).toMatchObject({ ok: false });
});

test('what the libraries take is what is taken, and the other way round', async () => {
  const headers = await signed('StandardWebhooks', SECRETS.StandardWebhooks, {
    at: Math.floor(Date.now() / 1000) * 1000,
  });
  const webhook = new Webhook(SECRETS.StandardWebhooks);
  expect(webhook.verify(BODY, Object.fromEntries(headers))).toEqual(JSON.parse(BODY));
  expect(check('StandardWebhooks', headers, { nowMs: Date.now() })).toMatchObject({ ok: true });
});

describe('a delivery', () => {
  const how = {
    endpoint: 'uid-1',
    type: 'Webhook',
    format: 'GitHub',
    toleranceSeconds: 300,
    secretKeyRef: { name: 'a', key: 'b' },
  } as const;

  test('is taken once, unless it fails; each endpoint has its own', async () => {
    let now = 0;
    const replays = new Replays(() => now);
    const headers = await signed('GitHub', SECRETS.GitHub);
    const deliver = (endpoint = 'uid-1') =>
      authenticateBySecret(
        { ...how, endpoint },
        { headers, body: Buffer.from(BODY) },
        { secret: SECRETS.GitHub, replays, nowMs: NOW },
      );
    const first = deliver();
    expect(first).toMatchObject({ ok: true });
    expect(deliver()).toMatchObject({ ok: false, code: 'Replayed' });
    expect(deliver('uid-2')).toMatchObject({ ok: true });
    if (first.ok) first.failed();
    expect(deliver()).toMatchObject({ ok: true });
    now = 600_001;
    expect(deliver()).toMatchObject({ ok: true });
  });

  test('that is not signed is not remembered', async () => {
    const replays = new Replays();
    const request = { headers: await signed('GitHub', 'wrong'), body: Buffer.from(BODY) };
    const options = { secret: SECRETS.GitHub, replays, nowMs: NOW };
    expect(authenticateBySecret(how, request, options)).toMatchObject({ ok: false, code: 'Denied' });
    const well = { headers: await signed('GitHub', SECRETS.GitHub), body: Buffer.from(BODY) };
    expect(authenticateBySecret(how, well, options)).toMatchObject({ ok: true });
  });

  test('is forgotten when too many are remembered, the oldest first', () => {
    const replays = new Replays(() => 0);
    for (let i = 0; i <= 100_000; i++) replays.take(`${i}`, 1000);
    expect([replays.take('0', 1000), replays.take('100000', 1000)]).toEqual([true, false]);
  });
});

describe('a token', () => {
  test.each([
    ['sesame', 'sesame', true],
    ['sesame', 'sesame\n', true],
    ['new', 'old\nnew\n', true],
    ['sesam', 'sesame', false],
    ['', '', false],
    ['', '\n', false],
  ])('%j is that of %j: %s', (token, secret, expected) => {
    expect(isToken(token, secret)).toBe(expected);
  });
});
