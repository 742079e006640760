import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { User } from '../access/reviews.ts';
import { BODIES } from '../http/body-budget.ts';
import type { Exchange, RequestHandler } from '../http/handler.ts';
import { readJson } from '../http/read-body.ts';
import { routeOf } from '../http/routes.ts';
import { sendJson } from '../http/server.ts';
import type { ScriptRequests } from './script-requests.ts';

export interface RequestAccess {
  /** The user of a request. @throws Refusal if it may not execute in the namespace */
  check(headers: IncomingHttpHeaders, namespace: string): Promise<User>;
}

export interface ExecuteHandlerParts {
  readonly requests: ScriptRequests;
  /** Decides who may execute, by the head of a request. */
  readonly access: RequestAccess;
  /** Whether there is a ScriptRuntime. */
  readonly hasRuntime: (namespace: string, name: string) => boolean;
}

/** Execute: one request, one execution, one answer, which is its status. */
export class ExecuteHandler implements RequestHandler {
  readonly #parts: ExecuteHandlerParts;

  constructor(parts: ExecuteHandlerParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    const { requests, access, hasRuntime } = this.#parts;
    const { trace, notes, trust, signal } = exchange;
    const { namespace, runtime, record } = routeOf(request.method ?? '', request.url ?? '');
    const { username } = await access.check(request.headers, namespace);
    trust();
    notes.username = username;
    if (hasRuntime(namespace, runtime)) Object.assign(notes, { namespace, runtime });
    requests.checkRecord(record);
    using hold = BODIES.hold(namespace);
    const spec = await readJson(request, 'the spec of a ScriptExecution', hold);
    const { status, pod, waitMs, reason, recordedAs } = await requests.run(
      { namespace, runtime, spec, record, username, trace },
      signal,
    );
    Object.assign(notes, { pod, waitMs, reason, recordedAs, code: 200 });
    sendJson(response, 200, JSON.stringify(status), {
      'x-request-id': trace.requestID,
      ...(recordedAs === undefined ? {} : { 'copepod-execution': recordedAs }),
    });
  }
}
