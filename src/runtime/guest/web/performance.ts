import { EventTarget } from './event-target.ts';
import { asInterface, port, primordials } from './kit.ts';

const { TypeError: SafeTypeError } = primordials;

let isOurs = true;

/** Tells whole milliseconds: nothing finer than `Date` does. */
export class Performance extends EventTarget {
  readonly #timeOrigin: number;

  constructor() {
    if (!isOurs) throw new SafeTypeError('Illegal constructor');
    super();
    this.#timeOrigin = port('platform', 'time-origin', '') as number;
  }

  /** Milliseconds since the execution started. */
  now(): number {
    void this.#timeOrigin;
    return port('platform', 'now', '') as number;
  }

  get timeOrigin(): number {
    return this.#timeOrigin;
  }

  toJSON(): object {
    return { timeOrigin: this.#timeOrigin };
  }
}

asInterface(Performance, 'Performance');
export const performance = new Performance();
isOurs = false;
