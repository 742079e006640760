/**
 * Calls a listener of the embedding program. An error becomes a process warning: it is a bug of the listener and must
 * not affect the execution.
 */
export function tell<T extends unknown[]>(listener: ((...event: T) => void) | undefined, ...event: T): void {
  try {
    listener?.(...event);
  } catch (error) {
    process.emitWarning(`a listener of the runtime threw: ${error}`);
  }
}
