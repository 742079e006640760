import { asInterface, primordials } from './kit.ts';

const { TypeError: SafeTypeError } = primordials;

const OURS = {};

/** What a script sees of a key's algorithm. */
export interface KeyAlgorithm {
  readonly name: string;
  readonly hash?: { readonly name: string };
  readonly length?: number;
  readonly namedCurve?: string;
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array;
}

export type KeyType = 'secret' | 'private' | 'public';

export interface KeyParts {
  /** Its number in the sandbox process, which has the key itself. */
  readonly id: number;
  readonly type: KeyType;
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithm;
  readonly usages: readonly string[];
}

export let makeKey: (parts: KeyParts) => CryptoKey;
export let isKey: (value: unknown) => value is CryptoKey;
export let partsOfKey: (key: CryptoKey) => KeyParts;

export class CryptoKey {
  readonly #parts: KeyParts;
  readonly #usages: string[];

  static {
    makeKey = (parts) => new (CryptoKey as unknown as new (key: object, parts: KeyParts) => CryptoKey)(OURS, parts);
    isKey = (value): value is CryptoKey => typeof value === 'object' && value !== null && #parts in value;
    partsOfKey = (key) => key.#parts;
  }

  constructor(key: unknown = undefined, parts?: KeyParts) {
    if (key !== OURS || parts === undefined) throw new SafeTypeError('Illegal constructor');
    this.#parts = parts;
    this.#usages = [...parts.usages];
  }

  get type(): KeyType {
    return this.#parts.type;
  }

  get extractable(): boolean {
    return this.#parts.extractable;
  }

  get algorithm(): KeyAlgorithm {
    return this.#parts.algorithm;
  }

  get usages(): string[] {
    return this.#usages;
  }
}

asInterface(CryptoKey, 'CryptoKey');
