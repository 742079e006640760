/** What the guest's SubtleCrypto asks for. It is as hostile as the script: what is used of it is checked where it is used. */
export interface SubtleRequest {
  readonly op: string;
  /** Numbers of keys. */
  readonly key?: number;
  readonly publicKey?: number;
  readonly name: string;
  readonly hash?: string;
  readonly namedCurve?: string;
  readonly format?: string;
  readonly jwk?: Readonly<Record<string, string>>;
  /** Bits. */
  readonly length?: number;
  readonly modulusLength?: number;
  readonly tagLength?: number;
  /** Bytes. */
  readonly saltLength?: number;
  readonly iterations?: number;
  /** Lengths of the byte strings that stand one after the other in the request's bytes, by name. */
  readonly parts: Readonly<Record<string, number>>;
}

/** An error that the script gets as a DOMException. */
export class SubtleError extends Error {
  constructor(name: 'OperationError' | 'DataError' | 'NotSupportedError', message: string) {
    super(message);
    this.name = name;
  }
}

const HASHES: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Node's name of a hash. */
export function hashOf({ hash }: SubtleRequest): string {
  const name = HASHES[hash ?? ''];
  if (name === undefined) throw new SubtleError('NotSupportedError', 'the hash is not supported');
  return name;
}

/** The byte strings of a request. */
export function partsOf(request: SubtleRequest, bytes: Uint8Array): (name: string) => Buffer {
  let at = 0;
  const parts = new Map<string, Buffer>();
  for (const [name, length] of Object.entries(request.parts)) {
    parts.set(name, Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, length));
    at += length;
  }
  return (name) => parts.get(name) ?? Buffer.alloc(0);
}
