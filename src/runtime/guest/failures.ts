/**
 * What the web platform does with failures that nothing has handled, once a script listens for them. Each is called with
 * what was thrown, and returns whether a listener has cancelled the event: then the execution goes on.
 */
export interface FailureHooks {
  /** Of a callback: of a timer, a listener or `queueMicrotask`; or given to `reportError`. */
  error?(thrown: unknown): boolean;
  rejection?(reason: unknown): boolean;
}
