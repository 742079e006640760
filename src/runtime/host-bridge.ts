import type { JsonValue } from '../api/json.ts';
import type { ExecutionContext } from './context.ts';

/** The caller of a host function, from the host's own state and never from the script. */
export interface HostCall {
  readonly context: ExecutionContext;
  readonly tenantKey: string;
  /** Aborted when the execution finishes, in any way. */
  readonly signal: AbortSignal;
  /** W3C trace context of this call, for requests that the function sends; absent where the execution is not traced. */
  readonly traceparent?: string;
  /** Replaces the values of Secrets that the script has in `env`: for what a host function logs. */
  readonly redact: (text: string) => string;
}

/**
 * A function that scripts can call: runs in the supervisor, takes and returns JSON. An error reaches the script as a
 * plain Error; only a `HostError` passes on its message.
 */
export type HostFunction = (
  call: HostCall,
  ...args: JsonValue[]
) => JsonValue | undefined | Promise<JsonValue | undefined>;

/** Receives the host functions of a `setup` hook. */
export interface HostBridge {
  /**
   * Adds a global function. A dotted name (`prices.lookup`) creates frozen objects.
   * @throws TypeError if the name is not a dotted identifier or is already used
   */
  expose(name: string, fn: HostFunction): void;
}

/** An error of a host function whose message is visible to the script; `code` and `data` become properties of the error there. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** What kind of error it is, for code that handles it. */
  readonly code: string | undefined;
  readonly data: JsonValue | undefined;

  constructor(message: string, { code, data }: { readonly code?: string; readonly data?: JsonValue } = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
