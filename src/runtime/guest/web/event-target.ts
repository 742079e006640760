import { aborts } from './aborts.ts';
import { DOMException } from './dom-exception.ts';
import { dispatch, Event, trust } from './event.ts';
import { asInterface, bare, failures, primordials, report, requireArguments } from './kit.ts';

const { TypeError: SafeTypeError, apply } = primordials;

interface Listener {
  readonly type: string;
  readonly callback: unknown;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

/** Dispatches an event of the platform's own. @returns false where a listener has cancelled it */
export let dispatchTrusted: (target: EventTarget, event: Event) => boolean;
/** Dispatches an event of the platform's own that says no more than its type. */
export let fire: (target: EventTarget, type: string) => void;
/** Has a target's listeners see another object in its place. */
export let showAs: (target: EventTarget, object: object) => void;
export let handlerOf: (target: EventTarget, type: string) => unknown;
export let setHandler: (target: EventTarget, type: string, value: unknown) => void;

export class EventTarget {
  #listeners: Listener[] = bare([]);
  #shown: object = this;
  /** `onabort` and its like: a listener each, whose place in the order stays while its callback changes. */
  readonly #handlers: Record<string, { callback: unknown; listener: unknown }> = bare({});

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'addEventListener');
    const { capture, once, passive, signal } = listenerOptions(options);
    const name = `${type as string}`;
    requireCallback(callback);
    if (signal !== undefined && !aborts.isSignal(signal)) {
      throw new SafeTypeError('addEventListener: the signal is not an AbortSignal');
    }
    if (callback === null || callback === undefined || (signal !== undefined && aborts.isAborted(signal))) return;
    const listeners = this.#listeners;
    for (let i = 0; i < listeners.length; i++) {
      const each = listeners[i] as Listener;
      if (each.type === name && each.callback === callback && each.capture === capture) return;
    }
    const listener: Listener = { type: name, callback, capture, once, passive, removed: false };
    listeners[listeners.length] = listener;
    if (signal !== undefined) aborts.onAbort(signal, () => this.#remove(listener));
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'removeEventListener');
    const capture = captureOf(options);
    const name = `${type as string}`;
    requireCallback(callback);
    for (let i = 0; i < this.#listeners.length; i++) {
      const each = this.#listeners[i] as Listener;
      if (each.type === name && each.callback === callback && each.capture === capture) this.#remove(each);
    }
  }

  /** @returns false where a listener has cancelled the event */
  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, 1, 'dispatchEvent');
    if (!isEvent(event)) throw new SafeTypeError('dispatchEvent: the argument is not an Event');
    if (dispatch.isDispatching(event))
      throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    return this.#dispatch(event);
  }

  #dispatch(event: Event): boolean {
    dispatch.start(event, this.#shown);
    const { type } = event;
    // Those that are added meanwhile are not called; those that are removed meanwhile neither.
    const listeners = this.#listeners;
    const { length } = listeners;
    const now = bare([]) as Listener[];
    for (let i = 0; i < length; i++) now[i] = listeners[i] as Listener;
    // At the target itself, capturing listeners come first.
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < length && !dispatch.isStopped(event); i++) {
        const listener = now[i] as Listener;
        if (listener.removed || listener.type !== type || listener.capture !== (round === 0)) continue;
        if (listener.once) this.#remove(listener);
        dispatch.setPassive(event, listener.passive);
        this.#call(listener.callback, event);
        dispatch.setPassive(event, false);
      }
    }
    dispatch.end(event);
    return !event.defaultPrevented;
  }

  #call(callback: unknown, event: Event): void {
    try {
      if (typeof callback === 'function') apply(callback as () => void, this.#shown, [event]);
      else {
        const { handleEvent } = callback as { handleEvent: unknown };
        if (typeof handleEvent !== 'function') throw new SafeTypeError('the listener has no method handleEvent');
        apply(handleEvent as () => void, callback, [event]);
      }
    } catch (error) {
      if (!failures.error?.(error)) void report(error);
    }
  }

  #remove(listener: Listener): void {
    listener.removed = true;
    const kept = bare([]) as Listener[];
    for (let i = 0; i < this.#listeners.length; i++) {
      const each = this.#listeners[i] as Listener;
      if (each !== listener) kept[kept.length] = each;
    }
    this.#listeners = kept;
  }

  static {
    showAs = (target, object) => {
      target.#shown = object;
    };
    dispatchTrusted = (target, event) => {
      trust(event);
      return target.#dispatch(event);
    };
    fire = (target, type) => void dispatchTrusted(target, new Event(type));
    handlerOf = (target, type) => target.#handlers[type]?.callback ?? null;
    setHandler = (target, type, value) => {
      const callback = typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null;
      const handler = target.#handlers[type];
      if (handler !== undefined) {
        handler.callback = callback;
        if (callback === null) {
          delete target.#handlers[type];
          for (let i = 0; i < target.#listeners.length; i++) {
            const each = target.#listeners[i] as Listener;
            if (each.callback === handler.listener) target.#remove(each);
          }
        }
      } else if (callback !== null) {
        const made = { callback: callback as unknown, listener: undefined as unknown };
        made.listener = (event: Event): void => {
          if (typeof made.callback === 'function') apply(made.callback as () => void, target.#shown, [event]);
        };
        target.#handlers[type] = made;
        target.#listeners[target.#listeners.length] = {
          type,
          callback: made.listener,
          capture: false,
          once: false,
          passive: false,
          removed: false,
        };
      }
    };
  }
}

asInterface(EventTarget, 'EventTarget');

function listenerOptions(options: unknown): { capture: boolean; once: boolean; passive: boolean; signal: unknown } {
  const capture = captureOf(options);
  if (typeof options !== 'object' || options === null)
    return { capture, once: false, passive: false, signal: undefined };
  const { once, passive, signal } = options as Record<string, unknown>;
  return { capture, once: !!once, passive: !!passive, signal };
}

function captureOf(options: unknown): boolean {
  if (typeof options === 'object' && options !== null) return !!(options as { capture?: unknown }).capture;
  return typeof options === 'function' ? !!(options as { capture?: unknown }).capture : !!options;
}

function requireCallback(callback: unknown): void {
  if (callback === null || callback === undefined || typeof callback === 'function' || typeof callback === 'object')
    return;
  throw new SafeTypeError('the listener is neither a function nor an object');
}

function isEvent(value: unknown): value is Event {
  try {
    dispatch.isDispatching(value as Event);
    return true;
  } catch {
    return false;
  }
}
