import { bytesOf } from './bytes-of.ts';
import {
  type Algorithm,
  EDWARDS,
  has,
  jwkAlg,
  keyLengthOf,
  MONTGOMERY,
  normalize,
  usagesOf,
} from './crypto-algorithms.ts';
import { type CryptoKey, isKey, type KeyAlgorithm, type KeyType, makeKey, partsOfKey } from './crypto-key.ts';
import { DOMException } from './dom-exception.ts';
import { asInterface, oneOf, port, primordials } from './kit.ts';
import { cut, decodeUtf8, encodeUtf8, joined } from './utf8.ts';

const { iterator, parse, stringify, TypeError: SafeTypeError } = primordials;

const FORMATS = ['raw', 'spki', 'pkcs8', 'jwk'] as const;
type Format = (typeof FORMATS)[number];
const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'] as const;
type Usage = (typeof USAGES)[number];
const JWK_MEMBERS = ['kty', 'k', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'] as const;

type Bytes = Uint8Array<ArrayBuffer>;
type Jwk = Record<string, unknown>;

interface KeyFacts {
  readonly id: number;
  readonly type: KeyType;
  readonly length?: number;
  readonly modulusLength?: number;
  readonly publicExponent?: string;
}

let isOurs = true;

export class SubtleCrypto {
  readonly #isSubtle = true;

  constructor() {
    if (!isOurs) throw new SafeTypeError('Illegal constructor');
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#isSubtle;
    const { name } = normalize(algorithm, 'digest');
    return bytesFrom({ op: 'digest', hash: name }, { data: bytesOf(data) }).buffer;
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#isSubtle;
    const wanted = normalize(algorithm, 'sign');
    return bytesFrom({ op: 'sign', ...use(key, wanted, 'sign') }, { ...wanted.bytes, data: bytesOf(data) }).buffer;
  }

  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    void this.#isSubtle;
    const wanted = normalize(algorithm, 'sign');
    const parts = { ...wanted.bytes, signature: bytesOf(signature), data: bytesOf(data) };
    return ask({ op: 'verify', ...use(key, wanted, 'verify') }, parts) as boolean;
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#isSubtle;
    return crypt('encrypt', normalize(algorithm, 'encrypt'), key, 'encrypt', bytesOf(data)).buffer;
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#isSubtle;
    return crypt('decrypt', normalize(algorithm, 'encrypt'), key, 'decrypt', bytesOf(data)).buffer;
  }

  async deriveBits(algorithm: unknown, key: unknown, length: unknown = null): Promise<ArrayBuffer> {
    void this.#isSubtle;
    const bits = length === null ? null : +(length as number) >>> 0;
    return derive(normalize(algorithm, 'derive'), key, 'deriveBits', bits).buffer;
  }

  async deriveKey(
    algorithm: unknown,
    key: unknown,
    derived: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    void this.#isSubtle;
    const wanted = normalize(algorithm, 'derive');
    const made = normalize(derived, 'import');
    const list = usagesFrom(usages);
    const length = keyLengthOf(normalize(derived, 'keyLength'));
    const secret = derive(wanted, key, 'deriveKey', length);
    return importKey('raw', secret, made, !!extractable, list);
  }

  async generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<unknown> {
    void this.#isSubtle;
    const wanted = normalize(algorithm, 'generate');
    const list = usagesFrom(usages);
    const { name } = wanted;
    const allowed = [...usagesOf(name, 'private'), ...usagesOf(name, 'public')];
    requireUsages(list, allowed);
    const length = keyLengthOf(wanted);
    if (list.length === 0 && length !== null) throw noUsage();
    const [first, second] = ask(
      { op: 'generate', ...plain(wanted), ...(length === null ? {} : { length }) },
      wanted.bytes,
    ) as [KeyFacts, KeyFacts | undefined];
    if (second === undefined) return keyOf(first, wanted, !!extractable, list);
    const privateKey = keyOf(first, wanted, !!extractable, intersection(list, usagesOf(name, 'private')));
    if (privateKey.usages.length === 0) throw noUsage();
    return { publicKey: keyOf(second, wanted, true, intersection(list, usagesOf(name, 'public'))), privateKey };
  }

  async importKey(
    format: unknown,
    data: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    void this.#isSubtle;
    const kind = oneOf(format, FORMATS, 'importKey');
    const wanted = normalize(algorithm, 'import');
    const list = usagesFrom(usages);
    return importKey(kind, kind === 'jwk' ? jwkFrom(data) : bytesOf(data), wanted, !!extractable, list);
  }

  async exportKey(format: unknown, key: unknown): Promise<unknown> {
    void this.#isSubtle;
    const exported = exportKey(oneOf(format, FORMATS, 'exportKey'), key);
    return exported instanceof Uint8Array ? exported.buffer : exported;
  }

  async wrapKey(format: unknown, key: unknown, wrapping: unknown, algorithm: unknown): Promise<ArrayBuffer> {
    void this.#isSubtle;
    const kind = oneOf(format, FORMATS, 'wrapKey');
    const wanted = normalizeWrap(algorithm);
    use(wrapping, wanted, 'wrapKey');
    const exported = exportKey(kind, key);
    const bytes = exported instanceof Uint8Array ? (exported as Bytes) : encodeUtf8(stringify(exported));
    return crypt('encrypt', wanted, wrapping, 'wrapKey', bytes).buffer;
  }

  async unwrapKey(
    format: unknown,
    wrapped: unknown,
    wrapping: unknown,
    algorithm: unknown,
    unwrapped: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    void this.#isSubtle;
    const kind = oneOf(format, FORMATS, 'unwrapKey');
    const wanted = normalizeWrap(algorithm);
    const made = normalize(unwrapped, 'import');
    const list = usagesFrom(usages);
    const bytes = crypt('decrypt', wanted, wrapping, 'unwrapKey', bytesOf(wrapped));
    return importKey(kind, kind === 'jwk' ? jwkOfText(bytes) : bytes, made, !!extractable, list);
  }
}

asInterface(SubtleCrypto, 'SubtleCrypto');
export const subtle = new SubtleCrypto();
isOurs = false;

/** Has the sandbox process work. @throws DOMException as it says */
function ask(request: object, bytes: Readonly<Record<string, Uint8Array>>): unknown {
  const names = Object.keys(bytes);
  const parts: Record<string, number> = {};
  for (const name of names) parts[name] = (bytes[name] as Uint8Array).length;
  const all = joined(names.map((name) => bytes[name] as Uint8Array));
  const answer = port('platform', 'subtle', stringify({ ...request, parts }), all);
  if (answer === undefined) throw new DOMException('there are more than 16 MiB at once', 'OperationError');
  if (typeof answer !== 'string') return answer;
  const value = parse(answer) as { error?: [string, string] };
  if (value?.error !== undefined) throw new DOMException(value.error[1], value.error[0]);
  return value;
}

const bytesFrom = (request: object, bytes: Readonly<Record<string, Uint8Array>>): Bytes => ask(request, bytes) as Bytes;

/** An algorithm as the sandbox process takes it. */
function plain({ bytes: _, public: key, ...rest }: Algorithm): object {
  return key === undefined ? rest : { ...rest, publicKey: partsOfKey(key).id };
}

/** A request that uses a key. @throws DOMException InvalidAccessError where the key is not for that */
function use(key: unknown, algorithm: Algorithm, usage: Usage): object {
  if (!isKey(key)) throw new SafeTypeError('the key is not a CryptoKey');
  const { id, algorithm: own, usages } = partsOfKey(key);
  if (own.name !== algorithm.name) throw notAllowed(`the key is one of ${own.name}, not of ${algorithm.name}`);
  if (!usages.includes(usage)) throw notAllowed(`the key is not for ${usage}`);
  return { ...(own.hash === undefined ? {} : { hash: own.hash.name }), ...plain(algorithm), key: id };
}

const notAllowed = (message: string): Error => new DOMException(message, 'InvalidAccessError');
const noUsage = (): Error => new DOMException('the key would have no usage', 'SyntaxError');

function crypt(op: 'encrypt' | 'decrypt', algorithm: Algorithm, key: unknown, usage: Usage, data: Uint8Array): Bytes {
  const request = use(key, algorithm, usage);
  requireParameters(algorithm);
  if (isKey(key) && algorithm.name === 'RSA-OAEP' && key.type !== (op === 'encrypt' ? 'public' : 'private')) {
    throw notAllowed(`a ${key.type} key cannot ${op}`);
  }
  return bytesFrom({ op, ...request }, { ...algorithm.bytes, data });
}

const TAG_LENGTHS: readonly number[] = [32, 64, 96, 104, 112, 120, 128];

function requireParameters({ name, bytes, length = 0, tagLength = 128 }: Algorithm): void {
  const { iv, counter } = bytes;
  const isRight =
    name === 'AES-CBC'
      ? iv?.length === 16
      : name === 'AES-CTR'
        ? counter?.length === 16 && length >= 1 && length <= 128
        : name !== 'AES-GCM' || (TAG_LENGTHS.includes(tagLength) && (iv as Uint8Array).length > 0);
  if (!isRight) throw new DOMException(`a parameter of ${name} has a length that it cannot have`, 'OperationError');
}

/** AES-KW wraps and does nothing else; of another algorithm, wrapping is encrypting. */
function normalizeWrap(algorithm: unknown): Algorithm {
  try {
    return normalize(algorithm, 'wrap');
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return normalize(algorithm, 'encrypt');
  }
}

function derive(algorithm: Algorithm, key: unknown, usage: Usage, length: number | null): Bytes {
  const request = use(key, algorithm, usage);
  const { name, public: other } = algorithm;
  if (other === undefined) {
    if (length === null || length % 8 !== 0) {
      throw new DOMException('the length is no whole number of bytes', 'OperationError');
    }
    if (name === 'PBKDF2' && algorithm.iterations === 0)
      throw new DOMException('there are no iterations', 'OperationError');
    if (length === 0) return new Uint8Array(0);
    return bytesFrom({ op: 'derive', ...request, length }, algorithm.bytes);
  }
  const own = partsOfKey(key as CryptoKey);
  const theirs = partsOfKey(other);
  if (own.type !== 'private' || theirs.type !== 'public') throw notAllowed('a private and a public key are needed');
  if (theirs.algorithm.name !== name || theirs.algorithm.namedCurve !== own.algorithm.namedCurve) {
    throw notAllowed('the keys are not of the same curve');
  }
  const secret = bytesFrom({ op: 'derive', ...request }, {});
  if (length === null) return secret;
  if (length > secret.length * 8) throw new DOMException('the secret is shorter than that', 'OperationError');
  const bytes = joined([cut(secret, 0, Math.ceil(length / 8))]);
  if (length % 8 !== 0) bytes[bytes.length - 1] = (bytes.at(-1) as number) & (0xff00 >> (length % 8));
  return bytes;
}

function usagesFrom(value: unknown): Usage[] {
  if (typeof value !== 'object' || value === null || typeof (value as never)[iterator] !== 'function') {
    throw new SafeTypeError('the usages are not a sequence');
  }
  const wanted = [...(value as Iterable<unknown>)].map((each) => oneOf(each, USAGES, 'usages'));
  return USAGES.filter((each) => wanted.includes(each));
}

const intersection = (list: readonly Usage[], allowed: readonly string[]): Usage[] =>
  list.filter((each) => allowed.includes(each));

function requireUsages(list: readonly Usage[], allowed: readonly string[]): void {
  if (list.every((each) => allowed.includes(each))) return;
  throw new DOMException('the key cannot be used for all of that', 'SyntaxError');
}

function keyOf(facts: KeyFacts, algorithm: Algorithm, extractable: boolean, usages: readonly Usage[]): CryptoKey {
  const { id, type, length, modulusLength, publicExponent = '' } = facts;
  const { name, hash, namedCurve } = algorithm;
  const shown: KeyAlgorithm = {
    name,
    ...(modulusLength === undefined ? {} : { modulusLength, publicExponent: fromHex(publicExponent) }),
    ...(hash === undefined ? {} : { hash: { name: hash } }),
    ...(length === undefined || !has('keyLength', name) || name === 'HKDF' || name === 'PBKDF2'
      ? {}
      : { length: name === 'HMAC' ? (algorithm.length ?? length) : length }),
    ...(namedCurve === undefined ? {} : { namedCurve }),
  };
  return makeKey({ id, type, extractable, algorithm: shown, usages });
}

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));

const RAW = ['AES-CBC', 'AES-CTR', 'AES-GCM', 'AES-KW', 'HMAC', 'HKDF', 'PBKDF2'];
const RAW_PUBLIC = ['ECDH', 'ECDSA', ...EDWARDS, ...MONTGOMERY];

/** Whether keys of an algorithm have a format. */
function hasFormat(name: string, format: Format): boolean {
  if (format === 'raw') return RAW.includes(name) || RAW_PUBLIC.includes(name);
  if (format === 'jwk') return name !== 'HKDF' && name !== 'PBKDF2';
  return !RAW.includes(name);
}

function importKey(
  format: Format,
  data: Uint8Array | Jwk,
  algorithm: Algorithm,
  extractable: boolean,
  usages: readonly Usage[],
): CryptoKey {
  const { name, hash = '', length } = algorithm;
  if (!hasFormat(name, format)) throw new DOMException(`${name} has no keys of format ${format}`, 'NotSupportedError');
  if (name === 'HKDF' || name === 'PBKDF2') {
    requireUsages(usages, usagesOf(name, 'secret'));
    if (extractable) throw new DOMException(`keys of ${name} are never extractable`, 'SyntaxError');
  }
  const isJwk = format === 'jwk';
  const type = isJwk
    ? (data as Jwk).kty === 'oct'
      ? 'secret'
      : (data as Jwk).d === undefined
        ? 'public'
        : 'private'
    : format === 'pkcs8'
      ? 'private'
      : format === 'spki' || RAW_PUBLIC.includes(name)
        ? 'public'
        : 'secret';
  requireUsages(usages, usagesOf(name, type));
  if (isJwk) requireJwk(data as Jwk, algorithm, extractable, usages);
  const request = { op: 'import', format, ...plain(algorithm) };
  const facts = (isJwk ? ask({ ...request, jwk: data }, {}) : ask(request, { data: data as Uint8Array })) as KeyFacts;
  if (name.startsWith('AES-') && ![128, 192, 256].includes(facts.length ?? 0)) {
    throw new DOMException('AES keys have 128, 192 or 256 bits', 'DataError');
  }
  if (name === 'HMAC') {
    const bits = facts.length ?? 0;
    if (bits === 0 || (length !== undefined && (length > bits || length <= bits - 8))) {
      throw new DOMException('the key has not that many bits', 'DataError');
    }
  }
  const alg = isJwk ? (data as Jwk).alg : undefined;
  const expected = jwkAlg(name, hash, facts.length ?? 0);
  if (alg !== undefined && expected !== undefined && alg !== expected && !(EDWARDS.includes(name) && alg === 'EdDSA')) {
    throw new DOMException(`the alg of the JWK is not ${expected}`, 'DataError');
  }
  if (usages.length === 0 && facts.type !== 'public') throw noUsage();
  return keyOf(facts, algorithm, extractable, usages);
}

function jwkFrom(value: unknown): Jwk {
  if (typeof value !== 'object' || value === null || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    throw new SafeTypeError('the key is not a JWK');
  }
  const jwk: Jwk = {};
  const given = value as Jwk;
  for (const member of [...JWK_MEMBERS, 'alg', 'use']) {
    if (given[member] !== undefined) jwk[member] = `${given[member] as string}`;
  }
  if (given.ext !== undefined) jwk.ext = !!given.ext;
  if (given.key_ops !== undefined)
    jwk.key_ops = [...(given.key_ops as Iterable<unknown>)].map((each) => `${each as string}`);
  return jwk;
}

function jwkOfText(bytes: Uint8Array): Jwk {
  let value: unknown;
  try {
    value = parse(decodeUtf8(bytes));
  } catch {
    throw new DOMException('what was wrapped is not a JWK', 'DataError');
  }
  return jwkFrom(value);
}

const USE: Readonly<Record<string, 'sig' | 'enc'>> = {
  HMAC: 'sig',
  'RSASSA-PKCS1-v1_5': 'sig',
  'RSA-PSS': 'sig',
  ECDSA: 'sig',
  Ed25519: 'sig',
  Ed448: 'sig',
};

function requireJwk(jwk: Jwk, { name, namedCurve }: Algorithm, extractable: boolean, usages: readonly Usage[]): void {
  const kty = RAW.includes(name) ? 'oct' : name.startsWith('RS') ? 'RSA' : name.startsWith('EC') ? 'EC' : 'OKP';
  const crv = kty === 'EC' ? namedCurve : kty === 'OKP' ? name : undefined;
  const ops = jwk.key_ops as string[] | undefined;
  const isRight =
    jwk.kty === kty &&
    (kty !== 'oct' || jwk.k !== undefined) &&
    (crv === undefined || jwk.crv === crv) &&
    (jwk.ext !== false || !extractable) &&
    (usages.length === 0 || jwk.use === undefined || jwk.use === (USE[name] ?? 'enc')) &&
    (ops === undefined || (new Set(ops).size === ops.length && usages.every((each) => ops.includes(each))));
  if (!isRight) throw new DOMException('the JWK is not one of that algorithm and for that use', 'DataError');
}

function exportKey(format: Format, key: unknown): Uint8Array | object {
  if (!isKey(key)) throw new SafeTypeError('the key is not a CryptoKey');
  const { id, type, extractable, algorithm, usages } = partsOfKey(key);
  const { name, hash, length = 0 } = algorithm;
  if (!hasFormat(name, format)) throw new DOMException(`${name} has no keys of format ${format}`, 'NotSupportedError');
  if (!extractable) throw notAllowed('the key is not extractable');
  const wanted = format === 'spki' ? 'public' : format === 'pkcs8' ? 'private' : undefined;
  if ((wanted !== undefined && type !== wanted) || (format === 'raw' && type === 'private')) {
    throw notAllowed(`a ${type} key has no format ${format}`);
  }
  const exported = ask({ op: 'export', name, key: id, format }, {});
  if (format !== 'jwk') return exported as Uint8Array;
  const alg = jwkAlg(name, hash?.name ?? '', length);
  return { ...(exported as object), ...(alg === undefined ? {} : { alg }), key_ops: [...usages], ext: extractable };
}
