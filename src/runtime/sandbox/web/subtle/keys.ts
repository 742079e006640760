import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  ECDH,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { SubtleError, type SubtleRequest } from './request.ts';

/** Keys that one run may have at once. */
const MAX_KEYS = 10_000;
/** Longest secret key, in bits: one that HMAC takes. */
const MAX_SECRET_BITS = 1 << 20;
const MAX_MODULUS_BITS = 16_384;
const CURVES: Readonly<Record<string, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

/** Algorithms that are a curve each, whose keys are strings of bytes (RFC 8037), by Node's names. */
const OCTET_KEYS = { Ed25519: 'ed25519', Ed448: 'ed448', X25519: 'x25519', X448: 'x448' } as const;
const isOctetKey = (name: string): name is keyof typeof OCTET_KEYS => Object.hasOwn(OCTET_KEYS, name);

/** What the guest is told of a key. */
export interface KeyFacts {
  readonly id: number;
  readonly type: string;
  /** Bits of a secret key. */
  readonly length?: number;
  readonly modulusLength?: number;
  /** Hexadecimal. */
  readonly publicExponent?: string;
}

/** The keys of one run: scripts have their numbers. They are gone with the run. */
export class Keys {
  readonly #keys = new Map<number, KeyObject>();
  #last = 0;

  get(id: number | undefined): KeyObject {
    const key = this.#keys.get(id as number);
    if (key === undefined) throw new SubtleError('OperationError', 'there is no such key');
    return key;
  }

  add(key: KeyObject): KeyFacts {
    if (this.#keys.size >= MAX_KEYS)
      throw new SubtleError('OperationError', `an execution has ${MAX_KEYS} keys at most`);
    const id = ++this.#last;
    this.#keys.set(id, key);
    const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
    return {
      id,
      type: key.type,
      ...(key.symmetricKeySize === undefined ? {} : { length: key.symmetricKeySize * 8 }),
      ...(modulusLength === undefined ? {} : { modulusLength }),
      ...(publicExponent === undefined ? {} : { publicExponent: hexOf(publicExponent) }),
    };
  }
}

const hexOf = (number: bigint): string => {
  const text = number.toString(16);
  return text.length % 2 === 0 ? text : `0${text}`;
};

/** @returns a secret key, or a private and a public one */
export function generate(request: SubtleRequest, part: (name: string) => Buffer): readonly KeyObject[] {
  const { name, length = 0, modulusLength = 0 } = request;
  if (name.startsWith('AES-') || name === 'HMAC') {
    if (length <= 0 || length > MAX_SECRET_BITS)
      throw new SubtleError('OperationError', 'the length of the key is not allowed');
    return [createSecretKey(masked(randomBytes(Math.ceil(length / 8)), length))];
  }
  const { privateKey, publicKey } = name.startsWith('RS')
    ? rsaPair(modulusLength, part('publicExponent'))
    : isOctetKey(name)
      ? generateKeyPairSync(OCTET_KEYS[name] as 'ed25519')
      : generateKeyPairSync('ec', { namedCurve: curveOf(request) });
  return [privateKey, publicKey];
}

function rsaPair(modulusLength: number, exponent: Buffer): { privateKey: KeyObject; publicKey: KeyObject } {
  const publicExponent = Number(`0x${exponent.toString('hex') || '0'}`);
  if ((publicExponent !== 3 && publicExponent !== 65_537) || modulusLength < 256 || modulusLength > MAX_MODULUS_BITS) {
    throw new SubtleError('OperationError', 'the length of the modulus, or the public exponent, is not allowed');
  }
  return generateKeyPairSync('rsa', { modulusLength, publicExponent });
}

/** The bits of a secret key that is no whole number of bytes long are the first of them. */
function masked(bytes: Buffer, length: number): Buffer {
  const rest = length % 8;
  if (rest !== 0) bytes[bytes.length - 1] = (bytes.at(-1) as number) & (0xff00 >> rest);
  return bytes;
}

export function curveOf({ namedCurve }: SubtleRequest): string {
  const curve = CURVES[namedCurve ?? ''];
  if (curve === undefined) throw new SubtleError('NotSupportedError', 'the curve is not supported');
  return curve;
}

/** @throws SubtleError DataError where the data is no key of the algorithm */
export function importKey(request: SubtleRequest, data: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = keyOf(request, data);
  } catch (error) {
    if (error instanceof SubtleError) throw error;
    throw new SubtleError('DataError', 'the data is not a key of the format');
  }
  if (!isOf(key, request)) throw new SubtleError('DataError', `the key is not one of ${request.name}`);
  return key;
}

function keyOf(request: SubtleRequest, data: Buffer): KeyObject {
  const { format, jwk = {}, name } = request;
  switch (format) {
    case 'raw':
      return isAsymmetric(name) ? publicOf(request, data) : createSecretKey(data);
    case 'spki':
      return uncompressed(createPublicKey({ key: data, format: 'der', type: 'spki' }));
    case 'pkcs8':
      return createPrivateKey({ key: data, format: 'der', type: 'pkcs8' });
    case 'jwk':
      if (jwk.kty === 'oct') return createSecretKey(Buffer.from(jwk.k ?? '', 'base64url'));
      return jwk.d === undefined
        ? createPublicKey({ key: jwk, format: 'jwk' })
        : createPrivateKey({ key: jwk, format: 'jwk' });
    default:
      throw new SubtleError('NotSupportedError', 'the format is not supported');
  }
}

/** Keys of curves are exported with both coordinates of their point, however they were imported. */
const uncompressed = (key: KeyObject): KeyObject =>
  key.asymmetricKeyType === 'ec' ? createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' }) : key;

const isAsymmetric = (name: string): boolean => /^(RS|EC|Ed|X)/.test(name);

function publicOf(request: SubtleRequest, data: Buffer): KeyObject {
  const { name, namedCurve } = request;
  if (isOctetKey(name)) {
    return createPublicKey({ key: { kty: 'OKP', crv: name, x: data.toString('base64url') }, format: 'jwk' });
  }
  // A point: the two coordinates after a byte that says so, or the first one alone.
  const size = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }[namedCurve ?? ''] ?? 0;
  const isCompressed = (data[0] === 2 || data[0] === 3) && data.length === 1 + size;
  if (!isCompressed && (data[0] !== 4 || data.length !== 1 + 2 * size))
    throw new SubtleError('DataError', 'the data is not a point of the curve');
  const point = isCompressed
    ? (ECDH.convertKey(data, curveOf(request), undefined, undefined, 'uncompressed') as Buffer)
    : data;
  const x = point.toString('base64url', 1, 1 + size);
  const y = point.toString('base64url', 1 + size);
  return createPublicKey({ key: { kty: 'EC', crv: namedCurve as string, x, y }, format: 'jwk' });
}

function isOf(key: KeyObject, request: SubtleRequest): boolean {
  const { name } = request;
  if (!isAsymmetric(name)) return key.type === 'secret';
  if (name.startsWith('RS')) return key.asymmetricKeyType === 'rsa';
  if (name.startsWith('EC')) {
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curveOf(request);
  }
  return key.asymmetricKeyType === name.toLowerCase();
}

/** @returns bytes, or the members of a JWK */
export function exportKey(key: KeyObject, { format }: SubtleRequest): Buffer | object {
  switch (format) {
    case 'raw':
      return key.type === 'secret' ? key.export() : rawPublic(key);
    case 'spki':
      return key.export({ format: 'der', type: 'spki' });
    case 'pkcs8':
      return key.export({ format: 'der', type: 'pkcs8' });
    default:
      return key.export({ format: 'jwk' });
  }
}

function rawPublic(key: KeyObject): Buffer {
  const { x = '', y } = key.export({ format: 'jwk' }) as { x?: string; y?: string };
  const first = Buffer.from(x, 'base64url');
  return y === undefined ? first : Buffer.concat([Buffer.of(4), first, Buffer.from(y, 'base64url')]);
}
