/** Clients of MCP servers, by the official SDK, which is loaded with this module: it is imported where a server is used, and not before. */
import {
  Client,
  type PriorDiscovery,
  ProtocolError,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { commentText } from '../comment-text.ts';
import type { GuardedFetch } from '../guarded-fetch.ts';
import { toolError } from '../guarded-fetch.ts';
import { ToolError } from '../tool-error.ts';
import { BoundedTransport, STREAM_ENDED, TOO_MANY_VALUES } from './bounded-transport.ts';

/** What a server says of itself, so that the next client need not ask. */
export type { PriorDiscovery };

/** The signal of the execution, or of loading, ends a request before. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const MAX_SAID = 500;

/** A client of one server, connected. */
export interface Connected {
  readonly client: Client;
  readonly transport: BoundedTransport;
}

/**
 * Connects to a server, of revision 2026-07-28 or an earlier one.
 * @param prior what an earlier client has found out
 */
export async function connect(
  url: URL,
  fetch: GuardedFetch,
  { prior, signal }: { readonly prior?: PriorDiscovery | undefined; readonly signal: AbortSignal },
): Promise<Connected> {
  const client = new Client(
    { name: 'copepod', version: '1' },
    {
      capabilities: {},
      versionNegotiation: { mode: 'auto' },
      // A script runs without a user that could be asked.
      inputRequired: { autoFulfill: false },
      // A server's schemas are not run: patterns can be made that take for ever. What a tool gives is JSON of whatever shape.
      jsonSchemaValidator: {
        getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
      },
    },
  );
  const transport = new BoundedTransport(url, {
    // A script hears answers alone: no stream is opened for other messages.
    fetch: async (url, init) => (init?.method === 'GET' ? new Response(null, { status: 405 }) : await fetch(url, init)),
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1000,
      maxReconnectionDelay: 1000,
      reconnectionDelayGrowFactor: 1,
    },
  });
  try {
    await client.connect(transport, { signal, timeout: REQUEST_TIMEOUT_MS, ...(prior === undefined ? {} : { prior }) });
  } catch (error) {
    await client.close().catch(() => {});
    throw mcpError(error);
  }
  return { client, transport };
}

export const requestOptions = (signal: AbortSignal) => ({
  signal,
  timeout: REQUEST_TIMEOUT_MS,
  resetTimeoutOnProgress: true,
});

/** What an error of the client says to a script. */
export function mcpError(error: unknown): Error {
  const known = toolError(error);
  if (known !== undefined) return known;
  if (error instanceof UnauthorizedError) {
    return new ToolError('HTTPError', 'the server answered with status 401', { status: 401 });
  }
  if (error instanceof SdkHttpError) {
    const { status = 0 } = error as { status?: number };
    return new ToolError('HTTPError', `the server answered with status ${status}`, { status });
  }
  const said = commentText(error instanceof Error ? error.message : String(error), MAX_SAID);
  const isOfServer = error instanceof ProtocolError && error.code !== STREAM_ENDED && error.code !== TOO_MANY_VALUES;
  return new ToolError(isOfServer ? 'ToolError' : 'InvalidAnswer', said);
}
