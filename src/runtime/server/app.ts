import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import {
  formatRunId,
  MAX_LISTED_RUNS,
  MAX_REQUEST_BYTES,
  MAX_TOOL_TYPES,
  type PodStats,
  type PodToolTypes,
  parseRunId,
  REFUSAL_STATUS,
  type Refusal,
  type RequestClaims,
  type UnacknowledgedRuns,
} from '../../api/pod-protocol.ts';
import { MAX_SERVE_BYTES } from '../../api/serve-protocol.ts';
import { askForBody } from '../../http/expect-continue.ts';
import type { Authenticator, Signer } from './authenticate.ts';
import type { RunLedger, Work } from './ledger.ts';
import { RefusalError } from './refusal.ts';
import type { Runner } from './runner.ts';
import { ServeAnswer } from './serve-answer.ts';
import { StreamedBodies } from './streamed-bodies.ts';

export interface AppParts {
  readonly bootID: string;
  readonly ledger: RunLedger;
  readonly runner: Runner;
  /** Of those that may send requests; a pod without a gateway's key takes none of gateways. */
  readonly authenticators: Readonly<Record<Signer, Authenticator | undefined>>;
  /** Active runs, of whomever, above which runs of gateways are refused. */
  readonly maxActiveForGateways: number;
  /** Called for each signed request: its connection is kept open. */
  readonly onSigned: (request: Request, response: Response) => void;
  readonly isReady: () => boolean;
  readonly stats: (reader: Signer) => Promise<PodStats>;
  /** TypeScript declarations of a tenant's tools. */
  readonly toolTypes: (tenant: string) => Promise<string>;
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
  /** Called for each refusal, with the cause of an InternalError. */
  readonly onRefusal: (refusal: RefusalError, cause: unknown) => void;
}

/** The pod's HTTP API. The ledger holds the state; this file only maps it to HTTP. */
export function createApp(parts: AppParts): Express {
  const { ledger, runner, isReady, stats, metrics } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);

  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const ready = isReady();
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ok\n' : 'not ready\n');
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics();
    response.set('content-type', contentType).send(text);
  });

  // The path says which key a request must be signed with.
  app.use('/v1/gateway', ...signedBy('gateway', parts), gatewayRoutes(parts));
  app.use(...signedBy('operator', parts));

  app.get('/v1/stats', async (_request, response) => void response.json(await stats('operator')));
  app.get('/v1/runs', (_request, response) => {
    response.json({ runs: ledger.unacknowledgedIds(MAX_LISTED_RUNS) } satisfies UnacknowledgedRuns);
  });
  app.post('/v1/compilations', async (request, response) => void response.json(await runner.compile(request.body)));
  app.post('/v1/runs/:id', async (request, response) => {
    const id = runId(request.params.id);
    sendJson(response, await ledger.start(id, () => runner.prepare(id, request.body)));
  });
  app.get('/v1/runs/:id', (request, response) => sendJson(response, ledger.state(runId(request.params.id))));
  app.post('/v1/runs/:id/cancel', (request, response) => {
    ledger.cancel(runId(request.params.id));
    response.status(202).end();
  });
  app.delete('/v1/runs/:id', (request, response) => {
    ledger.acknowledge(runId(request.params.id));
    response.status(204).end();
  });

  app.use(noSuchPath);
  app.use(refuse(parts));
  return app;
}

/** What gateways may ask. Their runs are bound to their connection: they end with it, and nothing of them is kept. */
function gatewayRoutes({ ledger, runner, stats, toolTypes, maxActiveForGateways: maxActive }: AppParts): Router {
  const routes = express.Router();
  routes.get('/stats', async (_request, response) => void response.json(await stats('gateway')));
  routes.get('/tools/:tenant', async (request, response) => {
    const types = (await toolTypes(request.params.tenant)).slice(0, MAX_TOOL_TYPES);
    response.json({ types } satisfies PodToolTypes);
  });
  routes.post('/runs/:id', async (request, response) => {
    const id = runId(request.params.id);
    const disconnected = new AbortController();
    response.once('close', () => disconnected.abort());
    const { signal } = disconnected;
    sendJson(response, await ledger.startUnkept(id, () => runner.prepare(id, request.body), { signal, maxActive }));
  });
  const bodies = new StreamedBodies();
  routes.post('/requests/:id', async (request, response) => {
    const id = runId(request.params.id);
    const disconnected = new AbortController();
    response.once('close', () => disconnected.abort());
    const { signal } = disconnected;
    const answer = new ServeAnswer(response);
    const { respond, pull } = answer;
    const prepare = (): Work => runner.prepareServe(id, request.body, { respond, streamed: bodies.body(id, pull) });
    answer.end(await ledger.startUnkept(id, prepare, { signal, maxActive }));
  });
  routes.post('/requests/:id/body', (request, response) => {
    bodies.give(runId(request.params.id), request.body);
    response.status(204).end();
  });
  routes.delete('/requests/:id/body', (request, response) => {
    bodies.break(runId(request.params.id));
    response.status(204).end();
  });
  routes.use(noSuchPath);
  return routes;
}

const noSuchPath: RequestHandler = () => {
  throw new RefusalError('BadRequest', 'no such path');
};

/** A gateway's request may have the body of another request in it. */
const MAX_BODY_BYTES: Readonly<Record<Signer, number>> = { operator: MAX_REQUEST_BYTES, gateway: MAX_SERVE_BYTES };

/** Lets through what this signer has signed. Express has bodies whole after it. */
function signedBy(signer: Signer, { authenticators, onSigned }: AppParts): [RequestHandler, ...RequestHandler[]] {
  const authenticator = authenticators[signer];
  if (authenticator === undefined) {
    const refuseAll: RequestHandler = () => {
      throw new RefusalError('Unauthenticated', `this pod has no key of a ${signer}`);
    };
    return [refuseAll];
  }
  return [
    signedHead(authenticator, onSigned),
    // Unmodified: the signature covers the bytes as sent, and compressed bodies are not accepted.
    express.raw({ type: () => true, limit: MAX_BODY_BYTES[signer], inflate: false }),
    signedBody(authenticator),
  ];
}

function signedHead(authenticator: Authenticator, onSigned: AppParts['onSigned']): RequestHandler {
  return (request, response, next) => {
    const { method, originalUrl, headers } = request;
    response.locals.claims = authenticator.checkHead({
      method,
      path: originalUrl,
      authorization: headers.authorization,
    });
    onSigned(request, response);
    askForBody(request);
    next();
  };
}

function signedBody(authenticator: Authenticator): RequestHandler {
  return (request, response, next) => {
    request.body ??= Buffer.alloc(0);
    authenticator.checkBody(response.locals.claims as RequestClaims, request.body);
    next();
  };
}

/** One spelling per run: ids are parsed and formatted again. */
function runId(text: string): string {
  const id = parseRunId(text);
  if (id === undefined)
    throw new RefusalError('BadRequest', `'${text.slice(0, 100)}' is not a run id (uid.run.attempt)`);
  return formatRunId(id);
}

function sendJson(response: Response, json: Buffer): void {
  response.set('content-type', 'application/json; charset=utf-8').send(json);
}

function refuse({ bootID, onRefusal }: AppParts): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const refusal = toRefusal(error);
    onRefusal(refusal, error);
    if (response.headersSent) return next(error);
    const { code, message, epoch } = refusal;
    const body: Refusal = { code, message, bootID, ...(epoch === undefined ? {} : { epoch }) };
    if (code === 'Unauthenticated') response.set('connection', 'close');
    response.status(REFUSAL_STATUS[code]).json(body);
  };
}

function toRefusal(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error;
  const { status, type, message } = (error ?? {}) as { status?: number; type?: string; message?: string };
  if (type === 'entity.too.large') return new RefusalError('TooLarge', 'the body exceeds the limit of its kind');
  if (status === undefined || status >= 500)
    return new RefusalError('InternalError', 'internal error; see the log of the pod');
  return new RefusalError('BadRequest', message ?? 'the request cannot be read');
}
