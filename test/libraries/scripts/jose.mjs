import * as jose from 'jose';

const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
const CLAIMS = { issuer: 'shop', audience: 'script', clockTolerance: 5 };

async function signedAndVerified(alg) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await jose.exportJWK(publicKey)), alg, kid: 'one' };
  const token = await new jose.SignJWT({ scope: 'orders' })
    .setProtectedHeader({ alg, kid: 'one' })
    .setIssuer('shop')
    .setAudience('script')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
  const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet({ keys: [jwk] }), CLAIMS);
  const pem = await jose.importPKCS8(await jose.exportPKCS8(privateKey), alg);
  const again = await jose.importSPKI(await jose.exportSPKI(publicKey), alg);
  const signed = await new jose.CompactSign(secret).setProtectedHeader({ alg }).sign(pem);
  const { payload: bytes } = await jose.compactVerify(signed, again);
  return { header: protectedHeader, scope: payload.scope, seconds: payload.exp - payload.iat, bytes: bytes.length };
}

async function encryptedAndDecrypted(alg, enc) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwe = await new jose.CompactEncrypt(secret).setProtectedHeader({ alg, enc }).encrypt(publicKey);
  const { plaintext, protectedHeader } = await jose.compactDecrypt(jwe, privateKey);
  return [protectedHeader.alg, protectedHeader.enc, plaintext.length];
}

const failure = (promise) =>
  promise.then(
    () => 'none',
    ({ name, code, message }) => ({ name, code, message }),
  );

export default async () => {
  const fixed = await new jose.SignJWT({ sub: 'acme' }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const expired = await new jose.SignJWT({ exp: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const direct = await new jose.EncryptJWT({ sub: 'acme' })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(secret);
  const password = await new jose.CompactEncrypt(secret)
    .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A128CBC-HS256' })
    .encrypt(secret);
  return {
    fixed,
    signatures: await Promise.all(['RS256', 'PS384', 'ES256', 'ES384', 'EdDSA', 'Ed25519'].map(signedAndVerified)),
    encryption: [
      await encryptedAndDecrypted('RSA-OAEP-256', 'A256GCM'),
      await encryptedAndDecrypted('ECDH-ES+A128KW', 'A128CBC-HS256'),
      await encryptedAndDecrypted('ECDH-ES', 'A192GCM'),
    ],
    direct: (await jose.jwtDecrypt(direct, secret)).payload,
    password: (await jose.compactDecrypt(password, secret, { keyManagementAlgorithms: ['PBES2-HS256+A128KW'] }))
      .plaintext.length,
    thumbprint: await jose.calculateJwkThumbprint({ kty: 'oct', k: jose.base64url.encode(secret) }),
    failures: [
      await failure(jose.jwtVerify(expired, secret)),
      await failure(jose.jwtVerify(`${fixed.slice(0, -4)}AAAA`, secret)),
      await failure(jose.jwtVerify(fixed, secret, { audience: 'other' })),
      await failure(jose.jwtVerify('not.a', secret)),
    ],
    decoded: [jose.decodeJwt(fixed), jose.decodeProtectedHeader(fixed)],
  };
};
