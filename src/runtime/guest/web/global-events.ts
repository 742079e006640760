/** The global object as a target of events, and the events of failures that nothing has handled. */
import { DOMException } from './dom-exception.ts';
import { Event } from './event.ts';
import { dispatchTrusted, EventTarget, setHandler, showAs } from './event-target.ts';
import { asInterface, dictionary, failures, primordials, requireArguments } from './kit.ts';

const { apply, isError, TypeError: SafeTypeError } = primordials;

export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent');
    super(type, options);
    const { message = '', filename = '', lineno = 0, colno = 0, error } = dictionary(options, 'ErrorEvent');
    this.#message = `${message as string}`;
    this.#filename = `${filename as string}`;
    this.#lineno = +(lineno as number) >>> 0;
    this.#colno = +(colno as number) >>> 0;
    this.#error = error;
  }

  get message(): string {
    return this.#message;
  }

  get filename(): string {
    return this.#filename;
  }

  get lineno(): number {
    return this.#lineno;
  }

  get colno(): number {
    return this.#colno;
  }

  get error(): unknown {
    return this.#error;
  }
}

export class PromiseRejectionEvent extends Event {
  readonly #promise: unknown;
  readonly #reason: unknown;

  constructor(type: unknown, options: unknown) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, options);
    const { promise, reason } = dictionary(options, 'PromiseRejectionEvent');
    if (typeof promise !== 'object' || promise === null) {
      throw new SafeTypeError('PromiseRejectionEvent: the promise is not an object');
    }
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise(): unknown {
    return this.#promise;
  }

  get reason(): unknown {
    return this.#reason;
  }
}

asInterface(ErrorEvent, 'ErrorEvent');
asInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');

const target = new EventTarget();
showAs(target, globalThis);
const { prototype } = EventTarget;
const { addEventListener: add, dispatchEvent: dispatchTo, removeEventListener: remove } = prototype;

const methods = {
  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'addEventListener');
    apply(add, target, [type, callback, options]);
  },
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'removeEventListener');
    apply(remove, target, [type, callback, options]);
  },
  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, 1, 'dispatchEvent');
    return apply(dispatchTo, target, [event]);
  },
};

/** The methods of EventTarget, as those of the global object. */
export const { addEventListener, dispatchEvent, removeEventListener } = methods;

/** A handler's property of the global object, such as `onerror`. */
export function globalHandler(name: string): { get(): unknown; set(value: unknown): void } {
  const type = name.slice(2);
  let callback: unknown = null;
  return {
    get: () => callback,
    set(value) {
      callback = typeof value === 'function' ? value : null;
      setHandler(target, type, callback === null ? null : (event: Event) => callHandler(callback, event));
    },
  };
}

/** HTML's event handler processing: what a handler returns can cancel the event. */
function callHandler(callback: unknown, event: Event): void {
  if (event instanceof ErrorEvent) {
    const { message, filename, lineno, colno, error } = event;
    const returned = apply(callback as () => unknown, globalThis, [message, filename, lineno, colno, error]);
    if (returned === true) event.preventDefault();
  } else if (apply(callback as () => unknown, globalThis, [event]) === false) event.preventDefault();
}

/** An error of a listener of these events is not another event: it would have no end. */
let isDispatching = false;

function isCancelled(event: Event): boolean {
  if (isDispatching) return false;
  isDispatching = true;
  try {
    return !dispatchTrusted(target, event);
  } finally {
    isDispatching = false;
  }
}

failures.error = (error) => isCancelled(new ErrorEvent('error', { cancelable: true, error, ...placeOf(error) }));

failures.rejection = (reason) => {
  // V8 does not say which promise it was: this one is rejected with the same reason.
  const promise = Promise.reject(reason);
  promise.catch(() => undefined);
  return isCancelled(new PromiseRejectionEvent('unhandledrejection', { cancelable: true, promise, reason }));
};

/** The first place of an error's stack, and what the error says. */
function placeOf(error: unknown): { message: string; filename: string; lineno: number; colno: number } {
  const place = { message: 'Uncaught exception', filename: '', lineno: 0, colno: 0 };
  try {
    if (!isError(error) && !(error instanceof DOMException)) {
      place.message = `Uncaught ${error as string}`;
      return place;
    }
    const { name, message, stack } = error as Error;
    place.message = `Uncaught ${name}: ${message}`;
    const [, filename, line, column] = /\n {4}at (?:.*\()?([^()\n]*):(\d+):(\d+)\)?(?:\n|$)/.exec(`${stack}`) ?? [];
    if (filename !== undefined) return { ...place, filename, lineno: Number(line), colno: Number(column) };
  } catch {
    // a getter of the script's
  }
  return place;
}
