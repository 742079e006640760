import type { JsonValue } from '../../api/json.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** A function that scripts can call, as it is declared to them. */
export interface ToolFunction {
  /** An identifier: the name in scripts. */
  readonly name: string;
  /** In the words of the server or the document. */
  readonly description: string;
  /** TypeScript type of the one argument; undefined: it takes none. */
  readonly input: string | undefined;
  /** The argument may be left out. */
  readonly isOptional: boolean;
  /** TypeScript type of what it gives. */
  readonly output: string;
}

/** The calls of one execution. */
export interface ToolSession {
  /**
   * Calls a function.
   * @throws HostError, whose message and code the script sees; FetchError
   */
  call(name: string, input: JsonValue | undefined, signal: AbortSignal): Promise<JsonValue | undefined>;
  /** The execution is over: its requests have ended. */
  close(): void;
}

/** The functions of a tool, as they were when it was loaded. */
export interface Catalog {
  readonly functions: ReadonlyMap<string, ToolFunction>;
  /**
   * @param fetch sends the requests of the execution
   * @param afterwards sends what ends a session of a server when the execution is over
   */
  open(fetch: GuardedFetch, afterwards: GuardedFetch): ToolSession;
}

/** Where the functions of an entry of `spec.tools` come from. */
export interface ToolSource {
  /** Name of the global object in scripts. */
  readonly name: string;
  /** Ids of the tenants that get it; empty: all. */
  readonly tenants: readonly string[];
  /** The request that loads it: its egress rule decides which credentials are sent. Undefined: it is loaded without a request. */
  readonly loadedFrom: { readonly url: URL; readonly method: string } | undefined;
  /** Maximum bytes of an answer while it is loaded; all answers together may have twice as many. */
  readonly maxAnswerBytes: number;
  /** Changes where it has to be loaded again; it is cheap. */
  version(): unknown;
  /** Loads the code that it needs, which may take its time on a busy machine. */
  prepare?(): Promise<unknown>;
  /** @throws HostError, FetchError: why it cannot be loaded, in words */
  load(fetch: GuardedFetch, signal: AbortSignal): Promise<Catalog>;
}

/** Functions of a tool at most. */
export const MAX_FUNCTIONS = 500;
/** Functions of a list that are compared with the wanted patterns; later ones are ignored. */
export const MAX_SEEN_FUNCTIONS = 10_000;
