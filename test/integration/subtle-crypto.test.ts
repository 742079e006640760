/** crypto.subtle: scripts run in the sandbox and in this Node, whose answers must be the same; and one reads what the other has made. */
import { webcrypto } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';
import { caught, sameAsNode } from './support/same-as-node.ts';

const engine = engineForTests({ limits: { cpuTimeMs: 20_000, timeoutMs: 30_000 } });
const PRELUDE = `const s = crypto.subtle; const hex = (b) => [...new Uint8Array(b)].map((n) => n.toString(16).padStart(2, '0')).join('');
  const bytes = (n, from = 0) => Uint8Array.from({ length: n }, (_, i) => i + from); const text = (t) => new TextEncoder().encode(t);
  const named = ({ type, extractable, algorithm, usages }) => [type, extractable, algorithm.name, algorithm.hash?.name, algorithm.length, algorithm.namedCurve, algorithm.modulusLength, [...usages]];`;
const same = (body: string): Promise<void> => sameAsNode(engine, `${PRELUDE} ${body}`);

describe('digests and codes', () => {
  test.each([
    ...['SHA-1', 'sha-256', 'SHA-384', 'SHA-512'].map((name) => `return hex(await s.digest('${name}', text('abc')))`),
    `return hex(await s.digest({ name: 'SHA-256' }, bytes(10).subarray(2, 5)))`,
    `const k = await s.importKey('raw', bytes(20), { name: 'HMAC', hash: 'SHA-256' }, true, ['verify', 'sign']); const m = await s.sign('HMAC', k, text('a')); return [hex(m), await s.verify('HMAC', k, m, text('a')), await s.verify('HMAC', k, m, text('b')), named(k), await s.exportKey('jwk', k), hex(await s.exportKey('raw', k))]`,
    `const k = await s.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign']); return named(k)`,
    caught(`crypto.subtle.digest('MD5', new Uint8Array(1))`),
    caught(`crypto.subtle.digest('SHA-256', 'text')`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(0), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC' }, true, ['sign'])`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-1' }, true, ['encrypt'])`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-1' }, true, [])`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-1' }, true, ['nope'])`),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']); return crypto.subtle.exportKey('raw', k) })()`,
    ),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']); return crypto.subtle.verify('HMAC', k, new Uint8Array(1), new Uint8Array(1)) })()`,
    ),
    caught('new CryptoKey()'),
    caught('new SubtleCrypto()'),
  ])('%s', same);
});

describe('AES', () => {
  test.each([
    ...[128, 192, 256].flatMap((bits) => [
      `const k = await s.importKey('raw', bytes(${bits / 8}), 'AES-CBC', true, ['encrypt', 'decrypt']); const e = await s.encrypt({ name: 'AES-CBC', iv: bytes(16) }, k, text('hello')); return [hex(e), hex(await s.decrypt({ name: 'AES-CBC', iv: bytes(16) }, k, e)), await s.exportKey('jwk', k)]`,
      `const k = await s.importKey('raw', bytes(${bits / 8}), 'AES-GCM', true, ['encrypt', 'decrypt']); const a = { name: 'AES-GCM', iv: bytes(12), additionalData: text('more'), tagLength: 96 }; const e = await s.encrypt(a, k, text('hello')); return [hex(e), hex(await s.decrypt(a, k, e)), named(k)]`,
      `const k = await s.importKey('raw', bytes(${bits / 8}), 'AES-KW', true, ['wrapKey', 'unwrapKey']); const i = await s.importKey('raw', bytes(24, 5), 'AES-GCM', true, ['encrypt']); const w = await s.wrapKey('raw', i, k, 'AES-KW'); const u = await s.unwrapKey('raw', w, k, 'AES-KW', 'AES-GCM', true, ['encrypt']); return [hex(w), hex(await s.exportKey('raw', u))]`,
    ]),
    `const k = await s.importKey('raw', bytes(16), 'AES-CTR', true, ['encrypt', 'decrypt']); const out = []; for (const length of [128, 64, 8, 1]) for (const n of [0, 5, 32]) { const a = { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length }; const e = await s.encrypt(a, k, bytes(n)); out.push(hex(e), hex(await s.decrypt(a, k, e))) } return out`,
    `const k = await s.generateKey({ name: 'AES-GCM', length: 256 }, false, ['decrypt', 'encrypt']); return named(k)`,
    caught(`crypto.subtle.generateKey({ name: 'AES-GCM', length: 100 }, false, ['encrypt'])`),
    caught(`crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [])`),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(5), 'AES-GCM', false, ['encrypt'])`),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['decrypt']); return crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(20)) })()`,
    ),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']); return crypto.subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(12) }, k, new Uint8Array(20)) })()`,
    ),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']); return crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(20)) })()`,
    ),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']); return crypto.subtle.encrypt({ name: 'AES-CBC' }, k, new Uint8Array(20)) })()`,
    ),
  ])('%s', same);
});

describe('derived bits and keys', () => {
  test.each([
    `const k = await s.importKey('raw', text('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']); const a = { name: 'PBKDF2', hash: 'SHA-256', salt: text('salt'), iterations: 1000 }; const d = await s.deriveKey(a, k, { name: 'AES-GCM', length: 256 }, true, ['encrypt']); return [hex(await s.deriveBits(a, k, 256)), hex(await s.exportKey('raw', d)), named(k)]`,
    `const k = await s.importKey('raw', text('secret'), 'HKDF', false, ['deriveBits', 'deriveKey']); const a = { name: 'HKDF', hash: 'SHA-512', salt: bytes(4), info: text('info') }; const d = await s.deriveKey(a, k, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']); return [hex(await s.deriveBits(a, k, 128)), hex(await s.exportKey('raw', d)), named(d)]`,
    `const c = { name: 'ECDSA', namedCurve: 'P-256' }; const k = await s.generateKey(c, true, ['sign', 'verify']); const raw = new Uint8Array(await s.exportKey('raw', k.publicKey)); const point = [2 + (raw[64] & 1), ...raw.subarray(1, 33)]; const header = Uint8Array.fromHex('3039301306072a8648ce3d020106082a8648ce3d030107032200'); const out = []; for (const [format, data] of [['raw', point], ['spki', [...header, ...point]]]) { const i = await s.importKey(format, new Uint8Array(data), c, true, ['verify']); out.push(hex(await s.exportKey('raw', i)) === hex(raw), (await s.exportKey('spki', i)).byteLength) } return out`,
    `const out = []; for (const name of ['HKDF', 'PBKDF2']) { const k = await s.importKey('raw', text('x'), name, false, ['deriveBits']); out.push((await s.deriveBits({ name, hash: 'SHA-256', salt: text('salt'), info: text('i'), iterations: 10 }, k, 0)).byteLength) } return out`,
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']); return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(1), iterations: 0 }, k, 128) })()`,
    ),
    caught(
      `(async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(1), 'HKDF', false, ['deriveBits']); return crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(1), info: new Uint8Array(1) }, k, 5) })()`,
    ),
    caught(`crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', true, ['deriveBits'])`),
    ...['ECDH", namedCurve: "P-256', 'ECDH", namedCurve: "P-521', 'X25519', 'X448'].map(
      (name) =>
        `const a = { name: "${name}" }; const [x, y] = [await s.generateKey(a, true, ['deriveBits']), await s.generateKey(a, true, ['deriveBits'])]; const one = await s.deriveBits({ ...a, public: y.publicKey }, x.privateKey, null); const two = await s.deriveBits({ ...a, public: x.publicKey }, y.privateKey, null); return [hex(one) === hex(two), one.byteLength, (await s.deriveBits({ ...a, public: y.publicKey }, x.privateKey, 128)).byteLength, named(x.privateKey), named(x.publicKey)]`,
    ),
  ])('%s', same);
});

const PAIRS: [name: string, made: string, used: string][] = [
  ['RSASSA-PKCS1-v1_5', `modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256'`, ''],
  ['RSA-PSS', `modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-384'`, 'saltLength: 32'],
  ['ECDSA', `namedCurve: 'P-256'`, `hash: 'SHA-256'`],
  ['ECDSA', `namedCurve: 'P-384'`, `hash: 'SHA-512'`],
  ['Ed25519', '', ''],
  ['Ed448', '', ''],
  ['Ed448', '', 'context: new Uint8Array([1, 2])'],
];

describe('signatures and keys of two parts', () => {
  test.each(PAIRS)('%s %s: Node verifies what the sandbox signs, and the other way', async (name, made, used) => {
    const script = `const a = { name: '${name}', ${made} }; const u = { name: '${name}', ${used} };
      const data = new Uint8Array([1, 2, 3]); const s = crypto.subtle; const list = (b) => [...new Uint8Array(b)];
      const own = await s.generateKey(a, true, ['sign', 'verify']);
      const theirs = given && { key: await s.importKey('jwk', given.jwk, a, true, ['verify']), spki: await s.importKey('spki', new Uint8Array(given.spki), a, true, ['verify']) };
      const read = [];
      if (theirs) for (const key of [theirs.key, theirs.spki]) read.push(await s.verify(u, key, new Uint8Array(given.signature), data), await s.verify(u, key, new Uint8Array(given.signature), new Uint8Array(1)));
      const again = await s.importKey('pkcs8', await s.exportKey('pkcs8', own.privateKey), a, true, ['sign']);
      const jwk = await s.importKey('jwk', await s.exportKey('jwk', own.privateKey), a, true, ['sign']);
      const shown = ({ type, algorithm, usages }) => [type, algorithm.name, algorithm.hash?.name, algorithm.namedCurve, algorithm.modulusLength, algorithm.publicExponent && list(algorithm.publicExponent), [...usages]];
      return { read, shown: [own.publicKey, own.privateKey, again, jwk].map(shown), signature: list(await s.sign(u, again, data)), second: list(await s.sign(u, jwk, data)), jwk: await s.exportKey('jwk', own.publicKey), spki: list(await s.exportKey('spki', own.publicKey)) };`;
    type Made = { read: boolean[]; shown: unknown; jwk: Record<string, unknown> };
    const run = new Function('crypto', 'given', `return (async () => { ${script} })()`) as (
      crypto: typeof webcrypto,
      given: unknown,
    ) => Promise<Made>;
    const inNode = await run(webcrypto, null);
    const source = `(async (given) => { ${script} })(params.given)`;
    const inSandbox = (await engine.result(source, { params: { given: JSON.parse(JSON.stringify(inNode)) } })) as Made;
    expect(inSandbox.read).toEqual([true, false, true, false]);
    expect(inSandbox.shown).toEqual(JSON.parse(JSON.stringify(inNode.shown)));
    expect({ ...inSandbox.jwk, x: 0, y: 0, n: 0 }).toEqual({ ...inNode.jwk, x: 0, y: 0, n: 0 });
    const back = await run(webcrypto, inSandbox);
    expect(back.read).toEqual([true, false, true, false]);
  });

  test.each([
    `const k = await s.generateKey({ name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-1' }, false, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']); const e = await s.encrypt({ name: 'RSA-OAEP', label: text('l') }, k.publicKey, text('hi')); return [e.byteLength, hex(await s.decrypt({ name: 'RSA-OAEP', label: text('l') }, k.privateKey, e)), named(k.publicKey), named(k.privateKey)]`,
    `const k = await s.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); const r = await s.exportKey('raw', k.publicKey); const i = await s.importKey('raw', r, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']); return [r.byteLength, new Uint8Array(r)[0], named(i), hex(await s.exportKey('raw', i)) === hex(r)]`,
    `const k = await s.generateKey('Ed25519', true, ['sign', 'verify']); const r = await s.exportKey('raw', k.publicKey); const i = await s.importKey('raw', r, 'Ed25519', true, ['verify']); return [r.byteLength, named(i), named(k.privateKey)]`,
    `const k = await s.generateKey('Ed448', true, ['sign', 'verify']); const r = await s.exportKey('raw', k.publicKey); const i = await s.importKey('raw', r, 'Ed448', true, ['verify']); return [r.byteLength, named(i), (await s.exportKey('jwk', k.privateKey)).alg]`,
    `const k = await s.importKey('raw', bytes(16), 'AES-GCM', true, ['wrapKey', 'unwrapKey']); const p = await s.generateKey('Ed25519', true, ['sign', 'verify']); const a = { name: 'AES-GCM', iv: bytes(12) }; const w = await s.wrapKey('jwk', p.privateKey, k, a); const u = await s.unwrapKey('jwk', w, k, a, 'Ed25519', false, ['sign']); return named(u)`,
    caught(`crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'nope' }, true, ['sign'])`),
    caught(`crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])`),
    caught(
      `crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([2]), hash: 'SHA-256' }, true, ['sign'])`,
    ),
    caught(`crypto.subtle.importKey('spki', new Uint8Array(5), 'Ed25519', true, ['verify'])`),
    caught(`crypto.subtle.importKey('jwk', { kty: 'EC' }, 'Ed25519', true, ['verify'])`),
    caught(
      `crypto.subtle.importKey('jwk', { kty: 'oct', k: 'AAAA', alg: 'HS512' }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
    ),
    caught(
      `crypto.subtle.importKey('jwk', { kty: 'oct', k: 'AAAA', ext: false }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
    ),
    caught(
      `crypto.subtle.importKey('jwk', { kty: 'oct', k: 'AAAA', key_ops: ['verify'] }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
    ),
    caught(`crypto.subtle.importKey('pkcs8', new Uint8Array(5), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`),
    caught(`crypto.subtle.importKey('nope', new Uint8Array(5), 'Ed25519', true, ['sign'])`),
  ])('%s', same);
});
