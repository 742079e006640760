import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { hasMoreValues } from '../../../api/json-size.ts';
import { listOf, memberOf } from '../json-members.ts';

type Send = StreamableHTTPClientTransport['send'];

/** JSON-RPC code of a request whose stream has ended: of the reserved range, and used by nothing. */
export const STREAM_ENDED = -32_768;
/** That of a request whose answer is not looked at. */
export const TOO_MANY_VALUES = -32_767;
/** JSON values of an answer, its structured content aside; and items of its content. */
const MAX_VALUES = 20_000;
const MAX_ITEMS = 1000;

/**
 * Fails a request whose stream ends without its answer, as if the server had said so: the client alone would wait for ever. And one whose
 * answer has very many values: the client validates each, and writes kilobytes about one that does not fit.
 */
export class BoundedTransport extends StreamableHTTPClientTransport {
  constructor(...args: ConstructorParameters<typeof StreamableHTTPClientTransport>) {
    super(...args);
    // Finding out the version of the protocol and the client after it each set a listener of their own.
    let listener = this.onmessage;
    Object.defineProperty(this, 'onmessage', {
      get: () => listener,
      set: (next: typeof listener) => {
        listener = next && ((message: Message) => next(boundedMessage(message)));
      },
    });
  }

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

type Message = Parameters<NonNullable<StreamableHTTPClientTransport['onmessage']>>[0];

/** A message, or in place of one that is out of bounds an error for its request. */
function boundedMessage(message: Message): Message {
  const { id = 0, result, ...rest } = message as { id?: string | number; result?: JsonObject };
  const { structuredContent: _, ...others } = result ?? {};
  const items = listOf(memberOf(result, 'content') as JsonValue | undefined).length;
  if (items <= MAX_ITEMS && !hasMoreValues({ ...rest, others }, MAX_VALUES)) return message;
  return {
    jsonrpc: '2.0',
    id,
    error: { code: TOO_MANY_VALUES, message: 'the answer of the server has too many values' },
  };
}
