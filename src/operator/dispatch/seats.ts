import { Counts } from '../../cluster/counts.ts';
import type { Concurrency } from './adaptive-concurrency.ts';

/** A slower write does not count towards the limit: it may hang, and with a limit of one it would block all others. */
const SLOW_MS = 1000;
/** A namespace with this many slow writes gets no seat: an admission webhook that hangs may concern several namespaces. */
const MOST_SLOW = 4;

/**
 * Seats for writes in flight: as many as the concurrency limit, plus a reserved one. No namespace can hold all of them,
 * so another namespace always gets a seat at once.
 */
export class Seats {
  readonly #concurrency: Concurrency;
  readonly #onFree: () => void;
  /** Writes in flight per namespace. Each is quick until it has taken `SLOW_MS`. */
  readonly #quick = new Counts();
  readonly #slow = new Counts();

  /** @param onFree called when a seat becomes free */
  constructor(concurrency: Concurrency, onFree: () => void) {
    this.#concurrency = concurrency;
    this.#onFree = onFree;
  }

  get counts(): { readonly taken: number; readonly limit: number } {
    const { limit, reserved } = this.#concurrency;
    return { taken: this.#quick.total + this.#slow.total, limit: limit + reserved };
  }

  /** Whether a namespace may take another seat. */
  isFreeFor(namespace: string): boolean {
    const { limit, reserved, most } = this.#concurrency;
    const [quick, slow] = [this.#quick.of(namespace), this.#slow.of(namespace)];
    const isAnyFree = this.#quick.total < limit + reserved && this.counts.taken < most + reserved;
    return isAnyFree && quick < limit && quick + slow < most && slow < MOST_SLOW;
  }

  /** Takes a seat until it is disposed. */
  take(namespace: string): Disposable {
    let counts = this.#quick;
    counts.add(namespace, 1);
    const timer = setTimeout(() => {
      counts.add(namespace, -1);
      counts = this.#slow;
      counts.add(namespace, 1);
      this.#onFree();
    }, SLOW_MS);
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        counts.add(namespace, -1);
        this.#onFree();
      },
    };
  }
}
