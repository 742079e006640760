import { asInterface, bare, dictionary, primordials, requireArguments } from './kit.ts';

const { defineProperty, getOwnPropertyDescriptor, now } = primordials;
let isTrusted: () => boolean;

/** What only EventTarget may do with an event. */
export interface Dispatch {
  isDispatching(event: Event): boolean;
  start(event: Event, target: object): void;
  end(event: Event): void;
  isStopped(event: Event): boolean;
  setPassive(event: Event, isPassive: boolean): void;
}
export let dispatch: Dispatch;
/** Marks an event as the platform's own. */
export let trust: (event: Event) => void;

const NONE = 0;
const AT_TARGET = 2;

export class Event {
  #type: string;
  #bubbles: boolean;
  #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = now();
  #target: object | null = null;
  #currentTarget: object | null = null;
  #phase = NONE;
  #isDispatching = false;
  #isInitialized = true;
  #isPropagationStopped = false;
  #isStopped = false;
  #isCanceled = false;
  #isPassive = false;
  #isTrusted = false;

  static {
    // One function for all events, as WebIDL's LegacyUnforgeable wants it.
    const holder = {
      get isTrusted(): boolean {
        return (this as unknown as Event).#isTrusted;
      },
    };
    isTrusted = (getOwnPropertyDescriptor(holder, 'isTrusted') as { get(): boolean }).get;
    trust = (event) => {
      event.#isTrusted = true;
    };
    dispatch = {
      isDispatching: (event) => event.#isDispatching || !event.#isInitialized,
      start(event, target) {
        event.#isDispatching = true;
        event.#target = target;
        event.#currentTarget = target;
        event.#phase = AT_TARGET;
      },
      end(event) {
        event.#isDispatching = false;
        event.#currentTarget = null;
        event.#phase = NONE;
        event.#isPropagationStopped = false;
        event.#isStopped = false;
      },
      isStopped: (event) => event.#isStopped,
      setPassive(event, isPassive) {
        event.#isPassive = isPassive;
      },
    };
  }

  constructor(type: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Event');
    this.#type = `${type as string}`;
    const { bubbles, cancelable, composed } = dictionary(options, 'Event');
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
    this.#composed = !!composed;
    defineProperty(this, 'isTrusted', bare({ get: isTrusted, enumerable: true }));
  }

  get type(): string {
    return this.#type;
  }

  get target(): object | null {
    return this.#target;
  }

  get srcElement(): object | null {
    return this.#target;
  }

  get currentTarget(): object | null {
    return this.#currentTarget;
  }

  composedPath(): object[] {
    return this.#currentTarget === null ? [] : [this.#currentTarget];
  }

  get eventPhase(): number {
    return this.#phase;
  }

  stopPropagation(): void {
    this.#isPropagationStopped = true;
  }

  get cancelBubble(): boolean {
    return this.#isPropagationStopped;
  }

  set cancelBubble(value: unknown) {
    if (value) this.#isPropagationStopped = true;
  }

  stopImmediatePropagation(): void {
    this.#isPropagationStopped = true;
    this.#isStopped = true;
  }

  get bubbles(): boolean {
    return this.#bubbles;
  }

  get cancelable(): boolean {
    return this.#cancelable;
  }

  get returnValue(): boolean {
    return !this.#isCanceled;
  }

  set returnValue(value: unknown) {
    if (!value) this.preventDefault();
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#isPassive) this.#isCanceled = true;
  }

  get defaultPrevented(): boolean {
    return this.#isCanceled;
  }

  get composed(): boolean {
    return this.#composed;
  }

  get timeStamp(): number {
    return this.#timeStamp;
  }

  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, 'initEvent');
    if (this.#isDispatching) return;
    this.#isPropagationStopped = false;
    this.#isStopped = false;
    this.#isCanceled = false;
    this.#isTrusted = false;
    this.#target = null;
    this.#type = `${type as string}`;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
  }
}

export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent');
    super(type, options);
    const { detail } = dictionary(options, 'CustomEvent');
    this.#detail = detail === undefined ? null : detail;
  }

  get detail(): unknown {
    return this.#detail;
  }

  initCustomEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false, detail: unknown = null): void {
    requireArguments(arguments.length, 1, 'initCustomEvent');
    if (dispatch.isDispatching(this)) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

asInterface(Event, 'Event');
asInterface(CustomEvent, 'CustomEvent');
const PHASES = bare({ NONE, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 }) as Record<string, number>;
for (const name in PHASES) {
  const constant = bare({ value: PHASES[name], enumerable: true });
  defineProperty(Event, name, constant);
  defineProperty(Event.prototype, name, constant);
}
