import type ivm from 'isolated-vm';
import type { GivenToGuest } from '../guest/port.ts';
import type { Port, PortHandler } from './port.ts';

const REFERENCE = { result: { reference: true } } as const;

/** The context of one run, with the guest's code in it. */
export class RunContext {
  readonly context: ivm.Context;
  readonly #port: Port;
  readonly #serial: number;
  /** The guest; before it is started, the function that does that. */
  #guest: ivm.Reference;

  /**
   * @param boot starts the guest (guest/port.ts)
   * @param serial number of the context, which no other one has had
   */
  constructor(context: ivm.Context, boot: ivm.Reference, port: Port, serial: number) {
    this.context = context;
    this.#guest = boot;
    this.#port = port;
    this.#serial = serial;
  }

  /** Starts the guest, which makes the run's globals. The port leads to the handler until the context is released. */
  start(handler: PortHandler, given: GivenToGuest): void {
    this.#port.connect(this.#serial, handler);
    const boot = this.#guest;
    this.#guest = boot.applySync(undefined, [this.#port.callback as never, this.#serial, ...given], REFERENCE) as never;
    boot.release();
  }

  /** Has the guest do something; see `Guest` of guest/port.ts. */
  call(...args: unknown[]): unknown {
    return this.#guest.applySync(undefined, args);
  }

  /** Lets go of everything in the context, so that it can be collected. */
  release(): void {
    this.#port.disconnect();
    this.#guest.release();
    this.context.release();
  }
}
