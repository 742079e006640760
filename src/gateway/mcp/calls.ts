/**
 * Calls of the tool in progress, by session and request: `notifications/cancelled` comes as a request of its own. A session
 * is an id that its client repeats; nothing is kept for it.
 */
export class Calls {
  readonly #running = new Map<string, AbortController>();

  /**
   * Notes a call, until it is disposed.
   * @param session undefined: nothing can cancel the call but its own connection, as others use the same ids
   * @returns a signal that is aborted when the call is cancelled
   */
  begin(session: string | undefined, id: string | number): Disposable & { readonly signal: AbortSignal } {
    const cancelled = new AbortController();
    const key = session === undefined ? '' : keyOf(session, id);
    if (session !== undefined) this.#running.set(key, cancelled);
    return {
      signal: cancelled.signal,
      [Symbol.dispose]: () => {
        if (this.#running.get(key) === cancelled) this.#running.delete(key);
      },
    };
  }

  /** Cancels a call, if it is in progress here. */
  cancel(session: string | undefined, id: unknown): void {
    if (session === undefined || (typeof id !== 'string' && typeof id !== 'number')) return;
    this.#running.get(keyOf(session, id))?.abort(new Error('the client has cancelled the call'));
  }

  /** Calls in progress. */
  get size(): number {
    return this.#running.size;
  }
}

const keyOf = (session: string, id: string | number): string => JSON.stringify([session, id]);
