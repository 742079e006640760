import { asInterface, bare, dictionary, primordials } from './kit.ts';

const { Error: SafeError, RangeError: SafeRangeError, TypeError: SafeTypeError, defineProperty } = primordials;

/** The codes that the DOM once had, in their order, and the names of the exceptions that still have one. */
const CODES: readonly (readonly [constant: string, name: string | null])[] = bare([
  ['INDEX_SIZE_ERR', 'IndexSizeError'],
  ['DOMSTRING_SIZE_ERR', null],
  ['HIERARCHY_REQUEST_ERR', 'HierarchyRequestError'],
  ['WRONG_DOCUMENT_ERR', 'WrongDocumentError'],
  ['INVALID_CHARACTER_ERR', 'InvalidCharacterError'],
  ['NO_DATA_ALLOWED_ERR', null],
  ['NO_MODIFICATION_ALLOWED_ERR', 'NoModificationAllowedError'],
  ['NOT_FOUND_ERR', 'NotFoundError'],
  ['NOT_SUPPORTED_ERR', 'NotSupportedError'],
  ['INUSE_ATTRIBUTE_ERR', 'InUseAttributeError'],
  ['INVALID_STATE_ERR', 'InvalidStateError'],
  ['SYNTAX_ERR', 'SyntaxError'],
  ['INVALID_MODIFICATION_ERR', 'InvalidModificationError'],
  ['NAMESPACE_ERR', 'NamespaceError'],
  ['INVALID_ACCESS_ERR', 'InvalidAccessError'],
  ['VALIDATION_ERR', null],
  ['TYPE_MISMATCH_ERR', 'TypeMismatchError'],
  ['SECURITY_ERR', 'SecurityError'],
  ['NETWORK_ERR', 'NetworkError'],
  ['ABORT_ERR', 'AbortError'],
  ['URL_MISMATCH_ERR', 'URLMismatchError'],
  ['QUOTA_EXCEEDED_ERR', 'QuotaExceededError'],
  ['TIMEOUT_ERR', 'TimeoutError'],
  ['INVALID_NODE_TYPE_ERR', 'InvalidNodeTypeError'],
  ['DATA_CLONE_ERR', 'DataCloneError'],
]);

export class DOMException extends SafeError {
  readonly #name: string;
  readonly #message: string;

  constructor(message: unknown = '', options: unknown = 'Error') {
    super();
    this.#message = `${message as string}`;
    if (typeof options === 'object' && options !== null) {
      const { name = 'Error', cause } = options as { name?: unknown; cause?: unknown };
      this.#name = `${name as string}`;
      if ('cause' in options) {
        defineProperty(this, 'cause', bare({ value: cause, writable: true, configurable: true }));
      }
    } else {
      this.#name = `${options as string}`;
    }
  }

  override get name(): string {
    return this.#name;
  }

  override get message(): string {
    return this.#message;
  }

  get code(): number {
    for (let i = 0; i < CODES.length; i++) if (CODES[i]?.[1] === this.#name) return i + 1;
    return 0;
  }
}

asInterface(DOMException, 'DOMException');

/** What is thrown where more is asked for than there is room for. */
export class QuotaExceededError extends DOMException {
  readonly #quota: number | null;
  readonly #requested: number | null;

  constructor(message: unknown = '', options: unknown = undefined) {
    super(message, 'QuotaExceededError');
    const { quota, requested } = dictionary(options, 'QuotaExceededError');
    this.#quota = amount(quota, 'quota');
    this.#requested = amount(requested, 'requested');
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota)
      throw new SafeRangeError('QuotaExceededError: requested is less than quota');
  }

  get quota(): number | null {
    return this.#quota;
  }

  get requested(): number | null {
    return this.#requested;
  }
}

asInterface(QuotaExceededError, 'QuotaExceededError');

function amount(value: unknown, what: string): number | null {
  if (value === undefined) return null;
  const number = +(value as number);
  // Neither NaN nor an infinity.
  if (number - number !== 0) throw new SafeTypeError(`QuotaExceededError: ${what} is not a finite number`);
  if (number < 0) throw new SafeRangeError(`QuotaExceededError: ${what} is negative`);
  return number;
}

for (let i = 0; i < CODES.length; i++) {
  const constant = bare({ value: i + 1, enumerable: true });
  const name = CODES[i]?.[0] as string;
  defineProperty(DOMException, name, constant);
  defineProperty(DOMException.prototype, name, constant);
}
