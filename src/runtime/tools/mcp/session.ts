import type { JsonObject, JsonValue } from '../../../api/json.ts';
import type { GuardedFetch } from '../guarded-fetch.ts';
import { isObject } from '../json-members.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolFunction, ToolSession } from '../tool-source.ts';
import type { Connected, PriorDiscovery } from './client.ts';
import { valueOfResult } from './result.ts';

/** A tool of a server. */
export interface ListedTool {
  /** Its name there. */
  readonly original: string;
  /** What its call needs to know of it; undefined: nothing. */
  readonly definition: JsonObject | undefined;
  readonly function: ToolFunction;
}

export interface McpSessionOptions {
  readonly url: URL;
  readonly prior: PriorDiscovery;
  readonly tools: ReadonlyMap<string, ListedTool>;
  readonly fetch: GuardedFetch;
  readonly afterwards: GuardedFetch;
}

/** For a server to end its session. */
const LAST_MS = 2000;

/** The calls of one execution: a client of its own, so that what a server keeps of a session is of one execution. */
export class McpSession implements ToolSession {
  readonly #options: McpSessionOptions;
  #connected: Promise<Connected> | undefined;
  #isOver = false;

  constructor(options: McpSessionOptions) {
    this.#options = options;
  }

  async call(name: string, input: JsonValue | undefined, signal: AbortSignal): Promise<JsonValue | undefined> {
    const { original, definition } = this.#options.tools.get(name) as ListedTool;
    const given = argumentsOf(input);
    const { mcpError, requestOptions } = await import('./client.ts');
    this.#connected ??= this.#connect(signal);
    const connected = this.#connected;
    // The next call tries it again.
    connected.catch(() => (this.#connected = undefined));
    const { client } = await connected;
    try {
      const options = {
        ...requestOptions(signal),
        ...(definition === undefined ? {} : { toolDefinition: definition as never }),
      };
      const result = await client.callTool({ name: original, arguments: given }, options);
      return valueOfResult(result as unknown as JsonObject);
    } catch (error) {
      throw mcpError(error);
    }
  }

  close(): void {
    this.#isOver = true;
    this.#connected?.then(end, () => {});
  }

  async #connect(signal: AbortSignal): Promise<Connected> {
    const { url, prior, fetch, afterwards } = this.#options;
    const { connect } = await import('./client.ts');
    const sending: GuardedFetch = (url, init) =>
      this.#isOver ? afterwards(url, { ...init, signal: AbortSignal.timeout(LAST_MS) }) : fetch(url, init);
    return await connect(url, sending, { prior, signal });
  }
}

async function end({ client, transport }: Connected): Promise<void> {
  await transport.terminateSession().catch(() => {});
  await client.close().catch(() => {});
}

/** @throws ToolError where it is no object */
function argumentsOf(input: JsonValue | undefined): JsonObject {
  if (input === undefined || input === null) return {};
  if (!isObject(input)) throw new ToolError('InvalidArguments', 'the argument must be an object');
  return input;
}
