import { asInterface, bare, primordials } from './kit.ts';

const { Error: SafeError, defineProperty, keys } = primordials;

/** Names with the codes that the DOM once had for them. */
const CODES: Readonly<Record<string, readonly [constant: string, code: number]>> = bare({
  IndexSizeError: ['INDEX_SIZE_ERR', 1],
  HierarchyRequestError: ['HIERARCHY_REQUEST_ERR', 3],
  WrongDocumentError: ['WRONG_DOCUMENT_ERR', 4],
  InvalidCharacterError: ['INVALID_CHARACTER_ERR', 5],
  NoModificationAllowedError: ['NO_MODIFICATION_ALLOWED_ERR', 7],
  NotFoundError: ['NOT_FOUND_ERR', 8],
  NotSupportedError: ['NOT_SUPPORTED_ERR', 9],
  InUseAttributeError: ['INUSE_ATTRIBUTE_ERR', 10],
  InvalidStateError: ['INVALID_STATE_ERR', 11],
  SyntaxError: ['SYNTAX_ERR', 12],
  InvalidModificationError: ['INVALID_MODIFICATION_ERR', 13],
  NamespaceError: ['NAMESPACE_ERR', 14],
  InvalidAccessError: ['INVALID_ACCESS_ERR', 15],
  TypeMismatchError: ['TYPE_MISMATCH_ERR', 17],
  SecurityError: ['SECURITY_ERR', 18],
  NetworkError: ['NETWORK_ERR', 19],
  AbortError: ['ABORT_ERR', 20],
  URLMismatchError: ['URL_MISMATCH_ERR', 21],
  QuotaExceededError: ['QUOTA_EXCEEDED_ERR', 22],
  TimeoutError: ['TIMEOUT_ERR', 23],
  InvalidNodeTypeError: ['INVALID_NODE_TYPE_ERR', 24],
  DataCloneError: ['DATA_CLONE_ERR', 25],
});
/** Constants whose names no exception has any more. */
const PAST: Readonly<Record<string, number>> = bare({
  DOMSTRING_SIZE_ERR: 2,
  NO_DATA_ALLOWED_ERR: 6,
  VALIDATION_ERR: 16,
});

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
    return CODES[this.#name]?.[1] ?? 0;
  }
}

asInterface(DOMException, 'DOMException');
const names = keys(CODES);
for (let i = 0; i < names.length; i++) {
  const entry = CODES[names[i] as string] as readonly [string, number];
  defineConstant(entry[0], entry[1]);
}
const past = keys(PAST);
for (let i = 0; i < past.length; i++) defineConstant(past[i] as string, PAST[past[i] as string] as number);

function defineConstant(name: string, value: number): void {
  defineProperty(DOMException, name, bare({ value, enumerable: true }));
  defineProperty(DOMException.prototype, name, bare({ value, enumerable: true }));
}
