import type { Concurrency } from './adaptive-concurrency.ts';
import { addCount } from './count.ts';

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
  /** Seats taken per namespace, and those that are not slow. */
  readonly #taken = new Map<string, number>();
  readonly #quick = new Map<string, number>();
  #total = { taken: 0, quick: 0 };

  /** @param onFree called when a seat becomes free */
  constructor(concurrency: Concurrency, onFree: () => void) {
    this.#concurrency = concurrency;
    this.#onFree = onFree;
  }

  get counts(): { readonly taken: number; readonly limit: number } {
    return { taken: this.#total.taken, limit: this.#concurrency.limit + this.#concurrency.reserved };
  }

  /** Whether a namespace may take another seat. */
  isFreeFor(namespace: string): boolean {
    const { limit, reserved, most } = this.#concurrency;
    const [taken, quick] = [this.#taken.get(namespace) ?? 0, this.#quick.get(namespace) ?? 0];
    const isAnyFree = this.#total.quick < limit + reserved && this.#total.taken < most + reserved;
    return isAnyFree && quick < limit && taken < most && taken - quick < MOST_SLOW;
  }

  /** Takes a seat until it is disposed. */
  take(namespace: string): Disposable {
    let isQuick = true;
    const count = (taken: number, quick: number): void => {
      addCount(this.#taken, namespace, taken);
      addCount(this.#quick, namespace, quick);
      this.#total = { taken: this.#total.taken + taken, quick: this.#total.quick + quick };
    };
    const becomeSlow = (): void => {
      isQuick = false;
      count(0, -1);
      this.#onFree();
    };
    count(1, 1);
    const timer = setTimeout(becomeSlow, SLOW_MS);
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        count(-1, isQuick ? -1 : 0);
        this.#onFree();
      },
    };
  }
}
