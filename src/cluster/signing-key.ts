import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, type webcrypto } from 'node:crypto';
import { isAlreadyExists } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ObjectRef } from '../kube/object.ts';
import { SECRETS } from '../kube/resources.ts';

/** Names of the Secrets with the key pairs that sign requests to pods, in the operator's namespace. */
export const KEY_SECRETS = { operator: 'copepod-operator-key', gateway: 'copepod-gateway-key' } as const;
type Signer = keyof typeof KEY_SECRETS;
const KEY_FIELD = 'private.jwk';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The public key as JWK text, for pods. */
  readonly publicKey: string;
}

/**
 * Loads the key pair with which operators or gateways sign requests to pods, and creates it if it does not exist. All
 * replicas share it permanently: a new key would replace every runtime pod. Throws if the Secret has other content.
 */
export async function loadSigningKey(client: KubeClient, namespace: string, signer: Signer): Promise<SigningKey> {
  const ref = { namespace, name: KEY_SECRETS[signer] };
  const found = await client.find(SECRETS, ref);
  if (found !== undefined) return readKey(found.data?.[KEY_FIELD], ref);
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const data = { [KEY_FIELD]: Buffer.from(JSON.stringify(jwk)).toString('base64') };
  const labels = { 'app.kubernetes.io/name': 'copepod', 'app.kubernetes.io/component': signer };
  try {
    await client.create(SECRETS, { metadata: { ...ref, labels }, type: 'Opaque', data });
    return readKey(data[KEY_FIELD], ref);
  } catch (error) {
    // Another replica was faster: all use its key.
    if (!isAlreadyExists(error)) throw error;
    return await loadSigningKey(client, namespace, signer);
  }
}

/** Loads a key pair that another process creates. Throws a 404 until it has. */
export async function readSigningKey(client: KubeClient, namespace: string, signer: Signer): Promise<SigningKey> {
  const ref = { namespace, name: KEY_SECRETS[signer] };
  return readKey((await client.get(SECRETS, ref)).data?.[KEY_FIELD], ref);
}

function readKey(encoded: string | undefined, { namespace, name }: ObjectRef): SigningKey {
  try {
    const jwk = JSON.parse(Buffer.from(encoded ?? '', 'base64').toString('utf8')) as webcrypto.JsonWebKey;
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('another kind of key');
    const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
    return { privateKey, publicKey: JSON.stringify({ kty, crv, x }) };
  } catch (cause) {
    throw new Error(
      `Secret ${namespace}/${name} contains no private Ed25519 key in "${KEY_FIELD}": delete it, and a new one is created`,
      { cause },
    );
  }
}
