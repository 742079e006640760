/** The interface of executors as `@cloudflare/codemode` 0.5 declares it: the same shapes, so that it need not be installed. */

export interface ExecuteResult {
  readonly result: unknown;
  /** Why the code failed. */
  readonly error?: string;
  readonly logs?: string[];
}

export type ToolFunctions = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** Functions that the code can call, as `name.function(...)`. */
export interface ResolvedProvider {
  readonly name: string;
  readonly fns: ToolFunctions;
  /** Code to be run in the sandbox beforehand: not supported. */
  readonly prelude?: string;
}

export interface ExecutorOptions {
  /** Bindings of Workers: not supported. */
  readonly connectors?: readonly unknown[];
}

/** Runs code that a model has written. Never rejects: errors are results. */
export interface Executor {
  execute(
    code: string,
    providersOrFns: ResolvedProvider[] | ToolFunctions,
    options?: ExecutorOptions,
  ): Promise<ExecuteResult>;
}
