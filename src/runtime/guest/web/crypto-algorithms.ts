/** Web Cryptography's algorithms: which operations they have, and how the parameters of each are read. */

import { bytesOf } from './bytes-of.ts';
import { type CryptoKey, isKey } from './crypto-key.ts';
import { DOMException } from './dom-exception.ts';
import { primordials } from './kit.ts';

const { TypeError: SafeTypeError, trunc } = primordials;

const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
const AES = ['AES-CBC', 'AES-CTR', 'AES-GCM', 'AES-KW'] as const;
const RSA = ['RSA-OAEP', 'RSA-PSS', 'RSASSA-PKCS1-v1_5'] as const;
const EC = ['ECDH', 'ECDSA'] as const;
/** Curves that are an algorithm each, for signatures and for agreeing on a secret. Those of 448 bits: WICG Secure Curves. */
export const EDWARDS: readonly string[] = ['Ed25519', 'Ed448'];
export const MONTGOMERY: readonly string[] = ['X25519', 'X448'];

export type Operation = 'digest' | 'sign' | 'encrypt' | 'wrap' | 'derive' | 'generate' | 'import' | 'keyLength';

/** Parameters as they are read: bytes are copies. */
export interface Algorithm {
  readonly name: string;
  readonly hash?: string;
  readonly namedCurve?: string;
  readonly length?: number;
  readonly modulusLength?: number;
  readonly tagLength?: number;
  readonly saltLength?: number;
  readonly iterations?: number;
  readonly public?: CryptoKey;
  readonly bytes: Readonly<Record<string, Uint8Array>>;
}

type Kind = 'bytes' | 'number' | 'hash' | 'text' | 'key';
/** A member of a dictionary; one with a question mark may be missing. */
type Members = readonly (readonly [member: string, kind: Kind])[];

const NONE: Members = [];
const of = (names: readonly string[], members: Members): Readonly<Record<string, Members>> =>
  Object.fromEntries(names.map((name) => [name, members]));
type Table = Readonly<Record<string, Members>>;
const LENGTH: Members = [['length', 'number']];
const HMAC: Members = [
  ['hash', 'hash'],
  ['length?', 'number'],
];
const CURVE: Members = [['namedCurve', 'text']];

const TABLE: Readonly<Record<Operation, Table>> = {
  digest: of(HASHES, NONE),
  sign: {
    ...of(['HMAC', 'RSASSA-PKCS1-v1_5', 'Ed25519'], NONE),
    Ed448: [['context?', 'bytes']],
    'RSA-PSS': [['saltLength', 'number']],
    ECDSA: [['hash', 'hash']],
  },
  encrypt: {
    'AES-CBC': [['iv', 'bytes']],
    'AES-CTR': [
      ['counter', 'bytes'],
      ['length', 'number'],
    ],
    'AES-GCM': [
      ['iv', 'bytes'],
      ['additionalData?', 'bytes'],
      ['tagLength?', 'number'],
    ],
    'RSA-OAEP': [['label?', 'bytes']],
  },
  wrap: { 'AES-KW': NONE },
  derive: {
    HKDF: [
      ['hash', 'hash'],
      ['salt', 'bytes'],
      ['info', 'bytes'],
    ],
    PBKDF2: [
      ['hash', 'hash'],
      ['salt', 'bytes'],
      ['iterations', 'number'],
    ],
    ...of(['ECDH', ...MONTGOMERY], [['public', 'key']]),
  },
  generate: {
    ...of(AES, LENGTH),
    HMAC,
    ...of(RSA, [
      ['modulusLength', 'number'],
      ['publicExponent', 'bytes'],
      ['hash', 'hash'],
    ]),
    ...of(EC, CURVE),
    ...of([...EDWARDS, ...MONTGOMERY], NONE),
  },
  import: {
    ...of([...AES, 'HKDF', 'PBKDF2', ...EDWARDS, ...MONTGOMERY], NONE),
    HMAC,
    ...of(RSA, [['hash', 'hash']]),
    ...of(EC, CURVE),
  },
  keyLength: { ...of(AES, LENGTH), HMAC, ...of(['HKDF', 'PBKDF2'], NONE) },
};

/** Whether an algorithm has an operation, by its exact name. */
export const has = (operation: Operation, name: string): boolean => Object.hasOwn(TABLE[operation], name);

/**
 * Reads an AlgorithmIdentifier for an operation.
 * @throws DOMException NotSupportedError where the algorithm does not have it
 * @throws TypeError where a parameter is missing or of another kind
 */
export function normalize(value: unknown, operation: Operation): Algorithm {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const given = (isObject ? value : {}) as Record<string, unknown>;
  const label = isObject ? given.name : value;
  if (isObject && label === undefined) throw new SafeTypeError('the algorithm has no name');
  const text = `${label as string}`;
  const name = Object.keys(TABLE[operation]).find((each) => each.toLowerCase() === text.toLowerCase());
  if (name === undefined) {
    throw new DOMException(`Unrecognized algorithm name: '${text.slice(0, 100)}'`, 'NotSupportedError');
  }
  const read: Record<string, unknown> & { bytes: Record<string, Uint8Array> } = { name, bytes: {} };
  for (const [each, kind] of TABLE[operation][name] as Members) {
    const member = each.replace('?', '');
    const parameter = given[member];
    if (parameter !== undefined) {
      if (kind === 'bytes') read.bytes[member] = bytesOf(parameter);
      else read[member] = parameterOf(parameter, kind, member);
    } else if (member === each) throw new SafeTypeError(`the algorithm ${name} needs '${member}'`);
  }
  return read as unknown as Algorithm;
}

function parameterOf(value: unknown, kind: Exclude<Kind, 'bytes'>, member: string): unknown {
  switch (kind) {
    case 'hash':
      return normalize(value, 'digest').name;
    case 'key':
      if (!isKey(value)) throw new SafeTypeError(`'${member}' is not a CryptoKey`);
      return value;
    case 'text':
      return `${value as string}`;
    case 'number': {
      const number = trunc(+(value as number));
      if (!(number >= 0 && number <= 0xffff_ffff)) throw new SafeTypeError(`'${member}' is out of its range`);
      return number;
    }
  }
}

/** What keys of an algorithm may be used for, by their type. */
export function usagesOf(name: string, type: string): readonly string[] {
  if (name === 'AES-KW') return ['wrapKey', 'unwrapKey'];
  if (name.startsWith('AES-')) return ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
  if (name === 'HMAC') return ['sign', 'verify'];
  if (name === 'HKDF' || name === 'PBKDF2') return ['deriveKey', 'deriveBits'];
  const isPrivate = type === 'private';
  if (name === 'RSA-OAEP') return isPrivate ? ['decrypt', 'unwrapKey'] : ['encrypt', 'wrapKey'];
  if (name === 'ECDH' || MONTGOMERY.includes(name)) return isPrivate ? ['deriveKey', 'deriveBits'] : [];
  return isPrivate ? ['sign'] : ['verify'];
}

const HASH_BLOCK_BITS: Readonly<Record<string, number>> = {
  'SHA-1': 512,
  'SHA-256': 512,
  'SHA-384': 1024,
  'SHA-512': 1024,
};

/** Bits of a key that is generated or derived; null for one that takes all there are. */
export function keyLengthOf({ name, hash = '', length }: Algorithm): number | null {
  if (name.startsWith('AES-')) {
    if (length !== 128 && length !== 192 && length !== 256) {
      throw new DOMException('AES keys have 128, 192 or 256 bits', 'OperationError');
    }
    return length;
  }
  if (name !== 'HMAC') return null;
  if (length === 0) throw new DOMException('an HMAC key has at least one bit', 'OperationError');
  return length ?? (HASH_BLOCK_BITS[hash] as number);
}

/** The `alg` of a JWK; none for curves that say it all. */
export function jwkAlg(name: string, hash: string, length: number): string | undefined {
  const bits = hash.slice(4);
  switch (name) {
    case 'HMAC':
      return `HS${bits}`;
    case 'RSASSA-PKCS1-v1_5':
      return `RS${bits}`;
    case 'RSA-PSS':
      return `PS${bits}`;
    case 'RSA-OAEP':
      return hash === 'SHA-1' ? 'RSA-OAEP' : `RSA-OAEP-${bits}`;
    case 'Ed25519':
    case 'Ed448':
      return name;
    default:
      return name.startsWith('AES-') ? `A${length}${name.slice(4)}` : undefined;
  }
}
