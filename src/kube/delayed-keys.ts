/** Maximum delay of a Node timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Keys that become due after a delay. */
export class DelayedKeys<K> {
  readonly #timers = new Map<K, { readonly dueAt: number; readonly timer: NodeJS.Timeout }>();
  readonly #onDue: (key: K) => void;

  constructor(onDue: (key: K) => void) {
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#timers.size;
  }

  /** A key that is already delayed becomes due at the earlier time. */
  add(key: K, delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    const waiting = this.#timers.get(key);
    if (waiting && waiting.dueAt <= dueAt) return;
    clearTimeout(waiting?.timer);
    this.#wait(key, dueAt, delayMs);
  }

  clear(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #wait(key: K, dueAt: number, delayMs: number): void {
    const timer = setTimeout(
      () => {
        if (delayMs > MAX_TIMER_MS) {
          this.#wait(key, dueAt, delayMs - MAX_TIMER_MS);
          return;
        }
        this.#timers.delete(key);
        this.#onDue(key);
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
    this.#timers.set(key, { dueAt, timer });
  }
}
