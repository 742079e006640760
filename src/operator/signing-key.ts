import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { isAlreadyExists } from './kube/api-error.ts';
import type { KubeClient } from './kube/client.ts';
import { SECRETS } from './kube/resources.ts';

/** Name of the Secret, in the operator's own namespace, that holds the key pair. */
export const KEY_SECRET = 'copepod-operator-key';
const KEY_FIELD = 'private.jwk';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  /** The public part as JWK text: what pods are given. */
  readonly publicKey: string;
}

/**
 * The key pair that requests to pods are signed with: read, or made where there is none. It is one for all replicas of the
 * operator and for its life: a new one would replace every runtime pod. Throws where the Secret holds something else.
 */
export async function loadSigningKey(client: KubeClient, namespace: string): Promise<SigningKey> {
  const ref = { namespace, name: KEY_SECRET };
  const found = await client.find(SECRETS, ref);
  if (found !== undefined) return await readKey(found.data?.[KEY_FIELD], namespace);
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const data = { [KEY_FIELD]: Buffer.from(JSON.stringify(await exportJWK(privateKey))).toString('base64') };
  const labels = { 'app.kubernetes.io/name': 'copepod', 'app.kubernetes.io/component': 'operator' };
  try {
    await client.create(SECRETS, { metadata: { ...ref, labels }, type: 'Opaque', data });
    return await readKey(data[KEY_FIELD], namespace);
  } catch (error) {
    // Another replica was faster: its key is everybody's.
    if (!isAlreadyExists(error)) throw error;
    return await loadSigningKey(client, namespace);
  }
}

async function readKey(encoded: string | undefined, namespace: string): Promise<SigningKey> {
  try {
    const jwk = JSON.parse(Buffer.from(encoded ?? '', 'base64').toString('utf8')) as JWK;
    const { kty, crv, x } = jwk;
    if (kty !== 'OKP' || crv !== 'Ed25519' || jwk.d === undefined) throw new TypeError('no private Ed25519 key');
    const privateKey = (await importJWK(jwk, 'EdDSA')) as CryptoKey;
    return { privateKey, publicKey: JSON.stringify({ kty, crv, x }) };
  } catch (cause) {
    throw new Error(
      `Secret ${namespace}/${KEY_SECRET} holds no private Ed25519 key in "${KEY_FIELD}": delete it, and a new one is made`,
      { cause },
    );
  }
}
