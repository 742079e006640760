import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { JwtAccess } from '../../../src/gateway/access/jwt-access.ts';
import type { Refusal } from '../../../src/gateway/refusal.ts';

const ISSUER = 'https://issuer.example';
const { publicKey, privateKey } = await generateKeyPair('ES256');
const KEYS = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] });
const signed = async (kid: string): Promise<string> => {
  const token = new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).setIssuer(ISSUER).setAudience('us');
  return await token.setSubject('ann').setExpirationTime('1h').sign(privateKey);
};

let server: Server;
let asked: number;
let answer: { status: number; body: string };
let now: number;
let access: JwtAccess;

beforeEach(async () => {
  [asked, now, answer] = [0, Date.now(), { status: 200, body: KEYS }];
  access = new JwtAccess(['127.0.0.1'], { now: () => now });
  server = createServer((_, response) => {
    asked += 1;
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

async function check(kid = 'a'): Promise<string | number> {
  const { port } = server.address() as { port: number };
  const jwt = { issuer: ISSUER, audiences: ['us'], jwksURI: `http://127.0.0.1:${port}/keys` };
  return access.check(`Bearer ${await signed(kid)}`, jwt).then(
    ({ username }) => username,
    (error: Refusal) => error.code,
  );
}

describe('the keys of JWT', () => {
  test('are read once', async () => {
    expect([await check(), await check(), await check('other'), asked]).toEqual(['ann', 'ann', 401, 1]);
  });

  test.each([
    ['that fails', { status: 500, body: KEYS }],
    ['without JSON', { status: 200, body: 'keys' }],
    ['with other JSON', { status: 200, body: '{"keys":7}' }],
    ['that is too long', { status: 200, body: KEYS.padEnd((64 << 10) + 1) }],
  ])('are asked for again after half a minute, and not before, of a server %s', async (_, failing) => {
    answer = failing;
    expect([await check(), await check(), await check('other'), asked]).toEqual([503, 503, 503, 1]);
    answer = { status: 200, body: KEYS };
    now += 29_000;
    expect([await check(), asked]).toEqual([503, 1]);
    now += 2000;
    expect([await check(), asked]).toEqual(['ann', 2]);
  });
});
