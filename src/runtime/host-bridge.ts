import type { JsonValue } from '../api/json.ts';
import type { ExecutionContext } from './context.ts';

/** What a host function learns of its caller, from the host's own state and never from the script. */
export interface HostCall {
  readonly context: ExecutionContext;
  readonly tenantKey: string;
  /** Aborts when the execution ends, however it ends. */
  readonly signal: AbortSignal;
}

/**
 * A function that scripts can call: runs in the supervisor, takes and gives JSON. What it throws reaches the script as
 * a plain Error; only a `HostError` carries its message over.
 */
export type HostFunction = (
  call: HostCall,
  ...args: JsonValue[]
) => JsonValue | undefined | Promise<JsonValue | undefined>;

/** Where a `setup` hook puts its host functions. */
export interface HostBridge {
  /**
   * Adds a global function. A dotted name (`prices.lookup`) makes frozen objects on the way.
   * @throws TypeError if the name is no dotted identifier or is already taken.
   */
  expose(name: string, fn: HostFunction): void;
}

/** An error of a host function whose message the script may read. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
