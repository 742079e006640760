import { Callback } from './addon.ts';

/** What the guest calls; see guest/port.ts. The values are as hostile as the script. */
export type PortHandler = (op: unknown, a: unknown, b: unknown, c: unknown) => unknown;

/** One port for all contexts of an isolate, as each costs memory of this process. It hears the context whose turn it is, and no other. */
export class Port {
  #serial: number | undefined;
  #handler: PortHandler | undefined;
  /** What a context is given. The number is the one that the guest in it was given: it says it when it speaks. */
  readonly callback = new Callback((serial: unknown, op: unknown, a: unknown, b: unknown, c: unknown) => {
    try {
      return this.#serial === serial ? this.#handler?.(op, a, b, c) : undefined;
    } catch {
      return undefined; // nothing of the host's own errors reaches the script
    }
  });

  /** Leads the port to a handler, for the context with that number. */
  connect(serial: number, handler: PortHandler): void {
    this.#serial = serial;
    this.#handler = handler;
  }

  disconnect(): void {
    this.#serial = this.#handler = undefined;
  }
}
