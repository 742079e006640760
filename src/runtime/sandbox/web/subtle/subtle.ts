/**
 * crypto.subtle outside the isolate: Node's synchronous functions, which need neither its event loop nor its thread pool. What takes long
 * runs in the thread that the supervisor watches, and ends with the process when the execution passes a limit.
 */
import { createHash, diffieHellman, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { cipher } from './ciphers.ts';
import { exportKey, generate, importKey, Keys } from './keys.ts';
import { hashOf, partsOf, SubtleError, type SubtleRequest } from './request.ts';
import { sign, verify } from './signatures.ts';

/** Most bits that can be derived at once. */
const MAX_BITS = 1 << 24;

export class Subtle {
  readonly #keys = new Keys();

  /** @returns bytes, or the JSON text of an answer: of what failed, `{ error: [name, message] }` */
  handle(json: string, bytes: Uint8Array): Uint8Array | string {
    try {
      const answer = this.#answer(JSON.parse(json) as SubtleRequest, bytes);
      return answer instanceof Uint8Array ? new Uint8Array(answer) : JSON.stringify(answer);
    } catch (error) {
      const isOurs = error instanceof SubtleError;
      return JSON.stringify({
        error: [isOurs ? error.name : 'OperationError', isOurs ? error.message : 'the operation failed'],
      });
    }
  }

  #answer(request: SubtleRequest, bytes: Uint8Array): Uint8Array | object | boolean {
    const part = partsOf(request, bytes);
    const key = () => this.#keys.get(request.key);
    switch (request.op) {
      case 'digest':
        return createHash(hashOf(request)).update(part('data')).digest();
      case 'sign':
        return sign(request, key(), part);
      case 'verify':
        return verify(request, key(), part);
      case 'encrypt':
        return cipher(request, key(), part, true);
      case 'decrypt':
        return cipher(request, key(), part, false);
      case 'derive':
        return this.#derive(request, part);
      case 'generate':
        return generate(request, part).map((each) => this.#keys.add(each));
      case 'import':
        return this.#keys.add(importKey(request, part('data')));
      case 'export':
        return exportKey(key(), request);
      default:
        throw new SubtleError('NotSupportedError', 'the operation is not supported');
    }
  }

  #derive(request: SubtleRequest, part: (name: string) => Buffer): Uint8Array {
    const { name, length = 0, iterations = 0 } = request;
    const key = this.#keys.get(request.key);
    if (length > MAX_BITS)
      throw new SubtleError('OperationError', `more than ${MAX_BITS} bits cannot be derived at once`);
    switch (name) {
      case 'HKDF':
        return new Uint8Array(hkdfSync(hashOf(request), key, part('salt'), part('info'), length / 8));
      case 'PBKDF2':
        return pbkdf2Sync(key.export(), part('salt'), iterations, length / 8, hashOf(request));
      default:
        return diffieHellman({ privateKey: key, publicKey: this.#keys.get(request.publicKey) });
    }
  }
}
