import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  formatRunId,
  MAX_LISTED_RUNS,
  MAX_REQUEST_BYTES,
  type PodStats,
  parseRunId,
  REFUSAL_STATUS,
  type Refusal,
  type UnacknowledgedRuns,
} from '../../api/pod-protocol.ts';
import type { Authenticator } from './authenticate.ts';
import { readBody } from './body.ts';
import type { RunLedger } from './ledger.ts';
import { RefusalError } from './refusal.ts';
import type { Runner } from './runner.ts';

/** How long somebody unknown may take to read an answer. */
const STRANGER_TIMEOUT_MS = 10_000;
const TEXT = 'text/plain; charset=utf-8';
const JSON_TEXT = 'application/json; charset=utf-8';

export interface AppParts {
  readonly bootID: string;
  readonly ledger: RunLedger;
  readonly runner: Runner;
  readonly authenticator: Authenticator;
  readonly isReady: () => boolean;
  readonly stats: () => Promise<PodStats>;
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
  /** Sees each refusal, and for InternalError what it came from. */
  readonly onRefusal: (refusal: RefusalError, cause: unknown) => void;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer;
}

type Open = (parts: AppParts) => Answer | Promise<Answer>;
type Signed = (parts: AppParts, id: string, body: Buffer) => Answer | Promise<Answer>;

/** For everybody. */
const OPEN: ReadonlyMap<string, Open> = new Map<string, Open>([
  ['/healthz', () => ({ status: 200, type: TEXT, body: 'ok\n' })],
  [
    '/readyz',
    ({ isReady }) =>
      isReady() ? { status: 200, type: TEXT, body: 'ok\n' } : { status: 503, type: TEXT, body: 'not ready\n' },
  ],
  [
    '/metrics',
    async ({ metrics }) => {
      const { contentType, text } = await metrics();
      return { status: 200, type: contentType, body: text };
    },
  ],
]);

/** For the operator. `:id` stands for a run. */
const SIGNED: ReadonlyMap<string, Signed> = new Map<string, Signed>([
  ['GET /v1/stats', async ({ stats }) => json(await stats())],
  [
    'GET /v1/runs',
    ({ ledger }) => json({ runs: ledger.unacknowledgedIds(MAX_LISTED_RUNS) } satisfies UnacknowledgedRuns),
  ],
  [
    'POST /v1/runs/:id',
    async ({ ledger, runner }, id, body) => state(await ledger.start(id, () => runner.prepare(id, body))),
  ],
  ['GET /v1/runs/:id', ({ ledger }, id) => state(ledger.state(id))],
  [
    'POST /v1/runs/:id/cancel',
    ({ ledger }, id) => {
      ledger.cancel(id);
      return { status: 202 };
    },
  ],
  [
    'DELETE /v1/runs/:id',
    ({ ledger }, id) => {
      ledger.acknowledge(id);
      return { status: 204 };
    },
  ],
]);

/**
 * The pod's HTTP API. What it starts, keeps and forgets is decided by the ledger; here is only HTTP. Of no framework: a pod
 * starts while an execution waits for it, and loading one took a seventh of that time.
 */
export function createApp(parts: AppParts): RequestListener {
  return (request, response) => {
    answer(parts, request, response).then(
      (found) => send(response, found),
      (error: unknown) => refuse(parts, error, request, response),
    );
  };
}

async function answer(parts: AppParts, request: IncomingMessage, response: ServerResponse): Promise<Answer> {
  const { method = '', url = '', headers } = request;
  const [path = ''] = url.split('?', 1);
  const open = OPEN.get(path.replace(/\/$/, ''));
  if (open !== undefined && (method === 'GET' || method === 'HEAD')) {
    strange(request, response);
    return await open(parts);
  }
  const { authenticator } = parts;
  const claims = await authenticator.checkHead({ method, path: url, authorization: headers.authorization });
  // As it comes: what is signed is what is sent, and what is small can't become large.
  const body = await readBody(request, MAX_REQUEST_BYTES);
  authenticator.checkBody(claims, body);
  const [, id, action = ''] = /^\/v1\/runs\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
  const signed = SIGNED.get(`${method} ${id === undefined ? path : `/v1/runs/:id${action}`}`);
  if (signed === undefined) throw new RefusalError('BadRequest', 'no such path');
  return await signed(parts, id === undefined ? '' : runId(id), body);
}

/** Who is not the operator keeps no connection, and does not get to hold one open by reading slowly. */
function strange(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  response.setTimeout(STRANGER_TIMEOUT_MS, () => request.socket.destroy());
}

/** One spelling for each run: what parses is written anew. */
function runId(encoded: string): string {
  const text = decoded(encoded);
  const id = text === undefined ? undefined : parseRunId(text);
  if (id === undefined)
    throw new RefusalError('BadRequest', `'${encoded.slice(0, 100)}' is no run id: uid.run.attempt`);
  return formatRunId(id);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const json = (value: object): Answer => ({ status: 200, type: JSON_TEXT, body: JSON.stringify(value) });
const state = (body: Buffer): Answer => ({ status: 200, type: JSON_TEXT, body });

function send(response: ServerResponse, { status, type, body = '' }: Answer): void {
  response.statusCode = status;
  if (type !== undefined) {
    response.setHeader('content-type', type);
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  response.end(body);
}

function refuse(
  { bootID, onRefusal }: AppParts,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const refusal = toRefusal(error);
  onRefusal(refusal, error);
  const { code, message, epoch } = refusal;
  const body: Refusal = { code, message, bootID, ...(epoch === undefined ? {} : { epoch }) };
  const answer = (): void => send(response, { ...json(body), status: REFUSAL_STATUS[code] });
  if (code === 'Unauthenticated') strange(request, response);
  // A client that is still sending would miss an answer after which the connection closes.
  if (code !== 'Unauthenticated' || request.complete) answer();
  else request.once('end', answer).resume();
}

function toRefusal(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error;
  return new RefusalError('InternalError', 'a bug; the log of the pod has it');
}
