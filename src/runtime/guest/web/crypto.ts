import { DOMException, QuotaExceededError } from './dom-exception.ts';
import { asInterface, port, primordials, requireArguments } from './kit.ts';

const { TypeError: SafeTypeError, Uint8Array: SafeUint8Array, apply, isView } = primordials;
const { typedBuffer, typedByteLength, typedByteOffset, typedName, typedSet } = primordials;

const MAX_BYTES = 65_536;
let isOurs = true;

export class Crypto {
  readonly #isCrypto = true;

  constructor() {
    if (!isOurs) throw new SafeTypeError('Illegal constructor');
  }

  getRandomValues(array: unknown): unknown {
    void this.#isCrypto;
    requireArguments(arguments.length, 1, 'getRandomValues');
    if (!isView(array)) throw new SafeTypeError('getRandomValues: the argument is not a view of a buffer');
    const name = apply(typedName, array, []);
    if (name === undefined || name === 'Float16Array' || name === 'Float32Array' || name === 'Float64Array') {
      throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    }
    const length = apply(typedByteLength as () => number, array, []);
    if (length > MAX_BYTES) {
      throw new QuotaExceededError(`The requested length exceeds ${MAX_BYTES} bytes`);
    }
    const buffer = apply(typedBuffer as () => ArrayBuffer, array, []);
    const bytes = new SafeUint8Array(buffer, apply(typedByteOffset as () => number, array, []), length);
    apply(typedSet as never, bytes, [port('platform', 'random', length)] as never);
    return array;
  }

  get subtle(): unknown {
    void this.#isCrypto;
    return (require('./subtle-crypto.ts') as typeof import('./subtle-crypto.ts')).subtle;
  }

  randomUUID(): string {
    void this.#isCrypto;
    return port('platform', 'uuid', '') as string;
  }
}

asInterface(Crypto, 'Crypto');
export const crypto = new Crypto();
isOurs = false;
