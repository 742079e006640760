import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { hashOf, SubtleError, type SubtleRequest } from './request.ts';

type Part = (name: string) => Buffer;

const BLOCK_BYTES = 16;
/** RFC 3394's initial value. */
const WRAP_IV = Buffer.alloc(8, 0xa6);

/** Encrypts or decrypts, or wraps or unwraps, with the algorithm of a key. */
export function cipher(request: SubtleRequest, key: KeyObject, part: Part, encrypts: boolean): Buffer {
  switch (request.name) {
    case 'AES-CBC':
      return simple(`aes-${bits(key)}-cbc`, key, part('iv'), part('data'), encrypts);
    case 'AES-CTR':
      return ctr(request, key, part);
    case 'AES-GCM':
      return gcm(request, key, part, encrypts);
    case 'AES-KW':
      return simple(`id-aes${bits(key)}-wrap`, key, WRAP_IV, part('data'), encrypts);
    case 'RSA-OAEP':
      return oaep(request, key, part, encrypts);
    default:
      throw new SubtleError('NotSupportedError', `${request.name} cannot encrypt`);
  }
}

const bits = (key: KeyObject): number => (key.symmetricKeySize as number) * 8;

function simple(name: string, key: KeyObject, iv: Buffer, data: Buffer, encrypts: boolean): Buffer {
  const made = encrypts ? createCipheriv(name, key, iv) : createDecipheriv(name, key, iv);
  return Buffer.concat([made.update(data), made.final()]);
}

function gcm({ tagLength = 128 }: SubtleRequest, key: KeyObject, part: Part, encrypts: boolean): Buffer {
  const authTagLength = tagLength / 8;
  const options = { authTagLength };
  const data = part('data');
  if (encrypts) {
    const made = createCipheriv(`aes-${bits(key)}-gcm` as 'aes-256-gcm', key, part('iv'), options);
    made.setAAD(part('additionalData'));
    return Buffer.concat([made.update(data), made.final(), made.getAuthTag()]);
  }
  if (data.length < authTagLength) throw new SubtleError('OperationError', 'the data is shorter than its tag');
  const made = createDecipheriv(`aes-${bits(key)}-gcm` as 'aes-256-gcm', key, part('iv'), options);
  made.setAAD(part('additionalData'));
  made.setAuthTag(data.subarray(data.length - authTagLength));
  return Buffer.concat([made.update(data.subarray(0, data.length - authTagLength)), made.final()]);
}

/** Only the last `length` bits of the block count up: past their end they begin again at zero, which OpenSSL's counter does not. */
function ctr({ length = 128 }: SubtleRequest, key: KeyObject, part: Part): Buffer {
  const name = `aes-${bits(key)}-ctr`;
  const counter = part('counter');
  const data = part('data');
  const mask = (1n << BigInt(length)) - 1n;
  const block = BigInt(`0x${counter.toString('hex')}`);
  const blocks = BigInt(Math.ceil(data.length / BLOCK_BYTES));
  if (blocks > mask + 1n) throw new SubtleError('OperationError', 'the data is longer than the counter can count');
  const untilZero = mask + 1n - (block & mask);
  if (blocks <= untilZero) return simple(name, key, counter, data, true);
  const first = Number(untilZero) * BLOCK_BYTES;
  const zero = Buffer.from((block & ~mask & ((1n << 128n) - 1n)).toString(16).padStart(32, '0'), 'hex');
  return Buffer.concat([
    simple(name, key, counter, data.subarray(0, first), true),
    simple(name, key, zero, data.subarray(first), true),
  ]);
}

function oaep(request: SubtleRequest, key: KeyObject, part: Part, encrypts: boolean): Buffer {
  const label = part('label');
  const options = {
    key,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: hashOf(request),
    ...(label.length === 0 ? {} : { oaepLabel: label }),
  };
  return encrypts ? publicEncrypt(options, part('data')) : privateDecrypt(options, part('data'));
}
