import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { hasMoreValues } from '../../api/json-size.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { checkOrigin } from '../access/origin.ts';
import type { RequestAccess } from '../execute/execute-handler.ts';
import type { ScriptRequests } from '../execute/script-requests.ts';
import { BODIES, type BodyHold } from '../http/body-budget.ts';
import type { Exchange, RequestHandler } from '../http/handler.ts';
import { readJson } from '../http/read-body.ts';
import { Refusal } from '../refusal.ts';
import { Calls } from './calls.ts';
import { executeCode } from './execute-code.ts';
import type { ExecuteTool } from './execute-tool.ts';
import { type McpRoute, mcpRouteOf } from './route.ts';
import { toolDescription } from './tool-description.ts';
import { sendWebResponse, webRequest } from './web-http.ts';

export interface McpHandlerParts {
  readonly requests: ScriptRequests;
  readonly access: RequestAccess;
  readonly runtime: (namespace: string, name: string) => ScriptRuntime | undefined;
  /** TypeScript declarations of a runtime's host functions and of a tenant's tools; empty: none, or they are not known. */
  readonly hostTypes: (runtime: ScriptRuntime, tenant: string) => Promise<string>;
  /** Version of this program. */
  readonly version: string;
  readonly onBug: (error: unknown) => void;
}

/** One request, after it is authorised. */
interface Served {
  readonly route: McpRoute;
  readonly runtime: ScriptRuntime;
  readonly username: string;
  /** The session that request ids are of; undefined where the client has named none. */
  readonly session: string | undefined;
  readonly exchange: Exchange;
}

/** Messages of one request (JSON-RPC batches of revision 2025-03-26). */
const MAX_BATCH = 16;
/** JSON values of one request. The SDK writes much about each that does not fit, and a call needs a few. */
const MAX_VALUES = 2000;
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
/** What the SDK answers where HTTP itself refuses. */
const REFUSED = -32_000;

/** MCP over Streamable HTTP, without sessions: each request is authorised and answered by itself. */
export class McpHandler implements RequestHandler {
  readonly #parts: McpHandlerParts;
  readonly #calls = new Calls();

  constructor(parts: McpHandlerParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    const { trace, notes, trust, signal } = exchange;
    checkOrigin(request.headers);
    const route = mcpRouteOf(request.url ?? '');
    const { namespace, runtime: name } = route;
    const { username } = await this.#parts.access.check(request.headers, namespace);
    trust();
    notes.username = username;
    const runtime = this.#parts.runtime(namespace, name);
    if (runtime === undefined) {
      throw new Refusal('NotFound', `there is no ScriptRuntime "${name}" in namespace "${namespace}"`);
    }
    Object.assign(notes, { namespace, runtime: name });
    this.#parts.requests.checkRecord(route.record);
    using hold = BODIES.hold(namespace);
    const body = request.method === 'POST' ? await readMessage(request, hold) : undefined;
    const messages = [body].flat().filter(isObject);
    const methods = messages.map(({ method }) => method).filter((method) => typeof method === 'string');
    if (methods.length > 0) notes.rpcMethod = methods.join(' ').slice(0, 100);
    if (methods.includes('subscriptions/listen')) throw noSubscriptions();
    const session = sessionOf(request, route, username);
    for (const { method, params } of messages) {
      if (method === 'notifications/cancelled' && isObject(params)) this.#calls.cancel(session, params.requestId);
    }
    const tool = await this.#tool({ route, runtime, username, session, exchange });
    const { answerMessage } = await import('./execute-server.ts');
    const answer = await answerMessage(tool, webRequest(request, signal), body);
    const isOpening = methods.includes('initialize') && answer.ok;
    await sendWebResponse(answer, response, {
      'x-request-id': trace.requestID,
      ...(isOpening ? { 'mcp-session-id': randomUUID() } : {}),
    });
    if (response.writableFinished) notes.code = answer.status;
    else notes.reason ??= 'Cancelled';
  }

  refusalText(refusal: Refusal): string {
    const { reason, message, details } = refusal;
    const code = details.rpcCode ?? (reason === 'BadRequest' ? INVALID_REQUEST : REFUSED);
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message, data: refusal } });
  }

  /** The tool, for one request. */
  async #tool({ route, runtime, username, session, exchange }: Served): Promise<ExecuteTool> {
    const { requests, hostTypes, version, onBug } = this.#parts;
    const { namespace, runtime: name, tenant, record } = route;
    const context = tenant === undefined ? undefined : { tenant: { id: tenant } };
    const { trace, notes, signal } = exchange;
    return {
      version,
      description: toolDescription(runtime, tenant ?? namespace, await hostTypes(runtime, tenant ?? namespace)),
      execute: async (code, call) => {
        using begun = this.#calls.begin(session, call.id);
        const cancelled = AbortSignal.any([signal, call.signal, begun.signal]);
        const request = { namespace, runtime: name, context, record, username, trace };
        const executed = await executeCode(requests, code, request, { ...call, signal: cancelled }, onBug);
        Object.assign(notes, executed.notes);
        return executed.outcome;
      },
    };
  }
}

/** @throws Refusal */
async function readMessage(request: IncomingMessage, hold: BodyHold): Promise<JsonValue> {
  const body = await readJson(request, 'a JSON-RPC message', hold).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.reason !== 'BadRequest') throw error;
    throw new Refusal('BadRequest', error.message, { rpcCode: PARSE_ERROR });
  });
  if (Array.isArray(body) && body.length > MAX_BATCH) {
    throw new Refusal('BadRequest', `a batch may have ${MAX_BATCH} messages at most`);
  }
  if (hasMoreValues(body, MAX_VALUES)) {
    throw new Refusal('BadRequest', `a request may have ${MAX_VALUES} JSON values at most`);
  }
  return body;
}

/** Request ids are of one user's session with one server: others use the same ids. */
function sessionOf(
  { headers }: IncomingMessage,
  { namespace, runtime }: McpRoute,
  username: string,
): string | undefined {
  const id = headers['mcp-session-id'];
  return id === undefined ? undefined : JSON.stringify([username, namespace, runtime, id]);
}

/** The list of tools never changes while a client looks, and a stream without end would be all that it gets. */
const noSubscriptions = (): Refusal =>
  new Refusal('NotFound', 'this server has no subscriptions: nothing of it changes', { rpcCode: METHOD_NOT_FOUND });

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
