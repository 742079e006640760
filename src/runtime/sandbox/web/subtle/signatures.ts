import {
  constants,
  createHmac,
  type KeyObject,
  sign as signOf,
  timingSafeEqual,
  verify as verifies,
} from 'node:crypto';
import { hashOf, SubtleError, type SubtleRequest } from './request.ts';

type Part = (name: string) => Buffer;

export function sign(request: SubtleRequest, key: KeyObject, part: Part): Buffer {
  if (request.name === 'HMAC') return createHmac(hashOf(request), key).update(part('data')).digest();
  return signOf(digestOf(request), part('data'), { key, ...optionsOf(request, part) });
}

export function verify(request: SubtleRequest, key: KeyObject, part: Part): boolean {
  const signature = part('signature');
  if (request.name === 'HMAC') {
    const expected = sign(request, key, part);
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  return verifies(digestOf(request), part('data'), { key, ...optionsOf(request, part) }, signature);
}

const digestOf = (request: SubtleRequest): string | null => (/^Ed/.test(request.name) ? null : hashOf(request));

function optionsOf({ name, saltLength = 0 }: SubtleRequest, part: Part): object {
  switch (name) {
    case 'RSASSA-PKCS1-v1_5':
      return { padding: constants.RSA_PKCS1_PADDING };
    case 'RSA-PSS':
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    case 'ECDSA':
      return { dsaEncoding: 'ieee-p1363' };
    case 'Ed25519':
      return {};
    case 'Ed448':
      return { context: part('context') };
    default:
      throw new SubtleError('NotSupportedError', `${name} cannot sign`);
  }
}
