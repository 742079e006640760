/**
 * Tells a listener of the embedding program something. What it throws becomes a warning of the process: it is a bug of
 * the listener's, and none of the execution's business.
 */
export function tell<T extends unknown[]>(listener: ((...event: T) => void) | undefined, ...event: T): void {
  try {
    listener?.(...event);
  } catch (error) {
    process.emitWarning(`a listener of the runtime threw: ${error}`);
  }
}
