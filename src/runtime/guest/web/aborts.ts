/** What a signal offers to a listener that ends with it. */
export interface AbortAlgorithms {
  isSignal(value: unknown): boolean;
  isAborted(signal: unknown): boolean;
  reasonOf(signal: unknown): unknown;
  /** Has a function called once the signal is aborted. @returns takes it back */
  onAbort(signal: unknown, algorithm: () => void): () => void;
}

/** Signals give their own (abort.ts). Before their code is evaluated, no value is a signal. */
export const aborts = {
  __proto__: null,
  isSignal: () => false,
  isAborted: () => false,
  reasonOf: () => undefined,
  onAbort: () => () => undefined,
} as unknown as AbortAlgorithms;
