/** A reason to wait is written once it has lasted this long: most pass sooner. */
const DEBOUNCE_MS = 1000;

/** Debounces status updates that only change the reason to wait. */
export class DebouncedUpdates {
  readonly #updates = new Map<string, { readonly text: string; readonly dueAt: number }>();

  /** Milliseconds until this text is due for an execution; 0: it is due. */
  dueInMs(key: string, text: string): number {
    const now = performance.now();
    const known = this.#updates.get(key);
    const update = known?.text === text ? known : { text, dueAt: now + DEBOUNCE_MS };
    this.#updates.set(key, update);
    return Math.max(0, update.dueAt - now);
  }

  /** It is written, or the execution does not wait any more. */
  forget(key: string): void {
    this.#updates.delete(key);
  }
}
