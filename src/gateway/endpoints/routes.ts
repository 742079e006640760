import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '../http/handler.ts';
import type { EndpointHandler } from './endpoint-handler.ts';
import type { EndpointMatch, EndpointTable } from './endpoint-table.ts';

/** Finds what serves a request. */
export class EndpointRoutes {
  readonly #table: Pick<EndpointTable, 'byHost' | 'byPath'>;
  readonly #handler: Pick<EndpointHandler, 'handle'>;

  constructor(table: Pick<EndpointTable, 'byHost' | 'byPath'>, handler: Pick<EndpointHandler, 'handle'>) {
    this.#table = table;
    this.#handler = handler;
  }

  /** By its hostname: before any path of the gateway itself. @throws Refusal BadRequest */
  byHost({ headers, url = '' }: IncomingMessage): RequestHandler | undefined {
    return this.#handlerOf(this.#table.byHost(headers.host ?? '', url));
  }

  /** By `/NAMESPACE/NAME`. @throws Refusal BadRequest */
  byPath({ headers, url = '' }: IncomingMessage): RequestHandler | undefined {
    return this.#handlerOf(this.#table.byPath(headers.host ?? '', url));
  }

  #handlerOf(match: EndpointMatch | undefined): RequestHandler | undefined {
    if (match === undefined) return undefined;
    return { handle: (request, response, exchange) => this.#handler.handle(match, request, response, exchange) };
  }
}
