import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Requests whose client waits to be asked for the body. */
const WAITING = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * `Expect` (RFC 9110, 10.1.1). A request with `100-continue` is handled as any other: what reads its body asks for it, and a
 * response that comes before, for example a refusal, closes the connection (Node does), so that nothing is taken for a body or
 * for a request that is not. Any other expectation is answered with 417.
 */
export function serveExpectations(server: Server): void {
  server.on('checkContinue', (request, response) => {
    WAITING.set(request, response);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (_request, response) => {
    response.shouldKeepAlive = false;
    response.writeHead(417).end();
  });
}

/** To be called before a body is read, once nothing but the body decides about its request: its client may wait for that. Idempotent. */
export function askForBody(request: IncomingMessage): void {
  const response = WAITING.get(request);
  if (response === undefined) return;
  WAITING.delete(request);
  if (!response.headersSent && !response.destroyed) response.writeContinue();
}
