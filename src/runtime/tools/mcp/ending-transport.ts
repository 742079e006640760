import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

type Send = StreamableHTTPClientTransport['send'];

/** JSON-RPC code of a request whose stream has ended: of the reserved range, and used by nothing. */
export const STREAM_ENDED = -32_768;

/** Fails a request whose stream ends without its answer, as if the server had said so: the client alone would wait for ever. */
export class EndingTransport extends StreamableHTTPClientTransport {
  override async send(...[message, options]: Parameters<Send>): Promise<void> {
    const { id, method } = message as { id?: string | number; method?: string };
    if (id === undefined || method === undefined) return await super.send(message, options);
    // After an answer there is no such request, and this says nothing.
    const onRequestStreamEnd = (): void =>
      this.onmessage?.({
        jsonrpc: '2.0',
        id,
        error: { code: STREAM_ENDED, message: 'the server ended its stream, or it was too long, without an answer' },
      });
    return await super.send(message, { ...options, onRequestStreamEnd });
  }
}
