import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { makeToken } from '../../../src/api/pod-token.ts';
import { KEY_SECRETS, loadSigningKey } from '../../../src/cluster/signing-key.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Secret } from '../../../src/kube/resources.ts';
import { Authenticator } from '../../../src/runtime/server/authenticate.ts';

/** An API server with one Secret. `rival` creates it while the code under test does. */
class Secrets {
  created = 0;
  stored: Secret | undefined;
  rival: Secret | undefined;
  trouble: Error | undefined;

  readonly client = {
    find: async () => this.stored,
    create: async (_resource: unknown, secret: Secret) => {
      if (this.trouble) throw this.trouble;
      if (this.rival) {
        this.stored = this.rival;
        this.rival = undefined;
        throw new ApiError(409, { reason: 'AlreadyExists' });
      }
      this.created += 1;
      this.stored = secret;
      return secret;
    },
  } as unknown as KubeClient;

  load() {
    return loadSigningKey(this.client, 'copepod-system', 'operator');
  }
}

const secretOf = (jwk: unknown): Secret => ({
  metadata: { name: KEY_SECRETS.operator, namespace: 'copepod-system' },
  data: { 'private.jwk': Buffer.from(JSON.stringify(jwk)).toString('base64') },
});
const keyPair = (): webcrypto.JsonWebKey => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });

describe('the signing key', () => {
  test('is created once, and then read', async () => {
    const secrets = new Secrets();
    const first = await secrets.load();
    expect(await secrets.load()).toMatchObject({ publicKey: first.publicKey });
    expect(secrets.created).toBe(1);
    expect(secrets.stored).toMatchObject({
      metadata: { name: KEY_SECRETS.operator, namespace: 'copepod-system' },
      type: 'Opaque',
    });
  });

  test('is that of the faster replica', async () => {
    const secrets = new Secrets();
    const jwk = keyPair();
    secrets.rival = secretOf(jwk);
    const { publicKey } = await secrets.load();
    expect(JSON.parse(publicKey)).toEqual({ kty: 'OKP', crv: 'Ed25519', x: jwk.x });
    expect(secrets.created).toBe(0);
  });

  test('is given to pods as a public key', async () => {
    const { publicKey } = await new Secrets().load();
    expect(Object.keys(JSON.parse(publicKey) as object).toSorted()).toEqual(['crv', 'kty', 'x']);
  });

  test('signs tokens that pods accept', async () => {
    const { privateKey, publicKey } = await new Secrets().load();
    const jwk = JSON.parse(publicKey) as webcrypto.JsonWebKey;
    const pod = new Authenticator({ signer: 'operator', publicKey: jwk, podUID: 'pod-1', bootID: 'boot-1' });
    const request = { method: 'GET', path: '/v1/stats' };
    const token = makeToken(privateKey, { podUID: 'pod-1', bootID: 'boot-1', epoch: 3, ...request });
    expect(pod.checkHead({ ...request, authorization: `Bearer ${token}` })).toMatchObject({ epoch: 3 });
  });
});

describe('a Secret with invalid content', () => {
  test.each<[string, () => Secret]>([
    ['nothing', () => ({ metadata: { name: KEY_SECRETS.operator } })],
    ['no JSON', () => ({ metadata: { name: KEY_SECRETS.operator }, data: { 'private.jwk': 'bm8=' } })],
    ['null', () => secretOf(null)],
    ['a public key', () => secretOf({ ...keyPair(), d: undefined })],
    ['a key of another type', () => secretOf({ ...keyPair(), crv: 'X25519' })],
    ['a truncated key', () => secretOf({ ...keyPair(), d: 'AAAA' })],
  ])('%s: is not changed, and the error says what to do', async (_, make) => {
    const secrets = new Secrets();
    const secret = make();
    secrets.stored = secret;
    await expect(secrets.load()).rejects.toThrow(
      /copepod-system\/copepod-operator-key contains no private Ed25519 key.*delete/,
    );
    expect([secrets.stored, secrets.created]).toEqual([secret, 0]);
  });
});

test('a key that cannot be stored is not used', async () => {
  const secrets = new Secrets();
  secrets.trouble = new ApiError(403, { reason: 'Forbidden', message: 'no right' });
  await expect(secrets.load()).rejects.toThrow('no right');
});
