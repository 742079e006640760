import { DOMException } from './dom-exception.ts';
import { Event } from './event.ts';
import { dispatchTrusted, EventTarget, handlerOf, setHandler } from './event-target.ts';
import { asInterface, dictionary, primordials, requireArguments, setTimeout } from './kit.ts';
import { clone, setPorts, transferList } from './structured-clone.ts';

const { isArray, TypeError: SafeTypeError } = primordials;

export class MessageEvent extends Event {
  readonly #data: unknown;
  readonly #origin: string;
  readonly #lastEventId: string;
  readonly #source: unknown;
  readonly #ports: readonly MessagePort[];

  constructor(type: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent');
    super(type, options);
    const {
      data = null,
      origin = '',
      lastEventId = '',
      source = null,
      ports = [],
    } = dictionary(options, 'MessageEvent');
    this.#data = data;
    this.#origin = `${origin as string}`;
    this.#lastEventId = `${lastEventId as string}`;
    if (source !== null && !isMessagePort(source))
      throw new SafeTypeError('MessageEvent: the source is not a MessagePort');
    this.#source = source;
    const list = [...(ports as Iterable<unknown>)];
    if (!list.every(isMessagePort)) throw new SafeTypeError('MessageEvent: a port is not a MessagePort');
    this.#ports = Object.freeze(list) as readonly MessagePort[];
  }

  get data(): unknown {
    return this.#data;
  }

  get origin(): string {
    return this.#origin;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  get source(): unknown {
    return this.#source;
  }

  get ports(): readonly MessagePort[] {
    return this.#ports;
  }
}

/** What two ports hand to each other: it stays where one of them is transferred. */
interface End {
  /** Messages that have arrived and have not been handed on. */
  readonly queue: { readonly data: unknown; readonly ports: unknown[] }[];
  /** The other end, until one is closed. */
  other: End | undefined;
  port: MessagePort | undefined;
  isStarted: boolean;
  isDue: boolean;
}

const OURS = {};
let isMessagePort: (value: unknown) => value is MessagePort;
let portOf: (end: End) => MessagePort;

export class MessagePort extends EventTarget {
  /** Not there once the port has been transferred. */
  #end: End | undefined;
  #isClosed = false;

  static {
    isMessagePort = (value): value is MessagePort => typeof value === 'object' && value !== null && #end in value;
    portOf = (end) => {
      const port = new (MessagePort as unknown as new (key: object) => MessagePort)(OURS);
      port.#end = end;
      end.port = port;
      return port;
    };
    setPorts({
      isPort: isMessagePort,
      isDetached: (port) => (port as MessagePort).#end === undefined || (port as MessagePort).#isClosed,
      // What the port has received, and will, goes to a new one.
      move(port) {
        const end = (port as MessagePort).#end as End;
        (port as MessagePort).#end = undefined;
        end.isStarted = false;
        return portOf(end);
      },
    });
  }

  constructor(key: unknown = undefined) {
    if (key !== OURS) throw new SafeTypeError('Illegal constructor');
    super();
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'postMessage');
    const transfer = isArray(options) ? options : (dictionary(options, 'postMessage').transfer ?? []);
    const list = transferList(transfer);
    if (list.includes(this)) throw new DOMException('postMessage: a port cannot transfer itself', 'DataCloneError');
    const { value, transferred } = clone(message, list);
    const other = this.#end?.other;
    if (other === undefined) return;
    other.queue.push({ data: value, ports: transferred.filter(isMessagePort) });
    deliverSoon(other);
  }

  start(): void {
    if (this.#end === undefined) return;
    this.#end.isStarted = true;
    deliverSoon(this.#end);
  }

  close(): void {
    this.#isClosed = true;
    const end = this.#end;
    if (end?.other === undefined) return;
    end.other.other = undefined;
    end.other = undefined;
  }

  get onmessage(): unknown {
    return handlerOf(this, 'message');
  }

  set onmessage(value: unknown) {
    setHandler(this, 'message', value);
    this.start();
  }

  get onmessageerror(): unknown {
    return handlerOf(this, 'messageerror');
  }

  set onmessageerror(value: unknown) {
    setHandler(this, 'messageerror', value);
  }
}

const newEnd = (): End => ({ queue: [], other: undefined, port: undefined, isStarted: false, isDue: false });

export class MessageChannel {
  readonly #port1: MessagePort;
  readonly #port2: MessagePort;

  constructor() {
    const one = newEnd();
    const two = newEnd();
    one.other = two;
    two.other = one;
    this.#port1 = portOf(one);
    this.#port2 = portOf(two);
  }

  get port1(): MessagePort {
    return this.#port1;
  }

  get port2(): MessagePort {
    return this.#port2;
  }
}

asInterface(MessageEvent, 'MessageEvent');
asInterface(MessagePort, 'MessagePort');
asInterface(MessageChannel, 'MessageChannel');

/** Each message is a task of its own, as a timer is. */
function deliverSoon(end: End): void {
  if (end.isDue || !end.isStarted || end.queue.length === 0) return;
  end.isDue = true;
  setTimeout(() => {
    end.isDue = false;
    const message = end.isStarted ? end.queue.shift() : undefined;
    if (message === undefined || end.port === undefined) return;
    deliverSoon(end);
    const event = new MessageEvent('message', message);
    dispatchTrusted(end.port, event);
  }, 0);
}
