import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BodyBudget } from '../../../../src/gateway/http/body-budget.ts';
import { readBytes } from '../../../../src/gateway/http/read-body.ts';
import type { Refusal } from '../../../../src/gateway/refusal.ts';
import { until } from '../../../support/until.ts';

const MAX = 1 << 20;
const BUDGET = 256 << 10;

let server: Server;
let open: number;
/** Hold answers back. */
let answers: Promise<void>;
let refusals: Promise<void>;
/** What the server does before it reads a body. */
let before: (asked: IncomingMessage) => Promise<void>;
/** How long a body may take to arrive; undefined: as in a gateway. */
let withinMs: number | undefined;
/** Requests that the server has read to their end. */
let ended: number;
let refused: number;

beforeEach(async () => {
  const budget = new BodyBudget(BUDGET);
  [answers, refusals] = [Promise.resolve(), Promise.resolve()];
  [open, ended, refused, withinMs] = [0, 0, 0, undefined];
  before = async () => {};
  server = createServer(async (asked, response) => {
    using hold = budget.hold();
    open += 1;
    asked.once('end', () => (ended += 1));
    try {
      await before(asked);
      const body = await readBytes(asked, MAX, hold, withinMs);
      await answers;
      response.end(`${body.length} ${body.subarray(0, 3)}`);
    } catch (error) {
      const { code, headers } = error as Refusal;
      asked.resume();
      refused += 1;
      await refusals;
      response.writeHead(code, headers).end();
    } finally {
      open -= 1;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function send(chunks: readonly Buffer[], { ends = true } = {}) {
  const { port } = server.address() as { port: number };
  const asking = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
  const answer = new Promise<[number | undefined, string | undefined, string]>((resolve) => {
    asking.on('error', () => resolve([undefined, undefined, '']));
    asking.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve([response.statusCode, response.headers['retry-after'], text]));
    });
  });
  for (const chunk of chunks) asking.write(chunk);
  if (ends) asking.end();
  return { answer, finish: (chunk: Buffer) => asking.end(chunk), stop: () => asking.destroy() };
}

const kilobytes = (count: number): Buffer => Buffer.alloc(count << 10, 'x');

describe('the bodies of all requests', () => {
  test('are read while they have room together, however they are sent', async () => {
    expect(await send([kilobytes(200)]).answer).toEqual([200, undefined, '204800 xxx']);
    const bytes = Array.from({ length: 2000 }, (_, index) => Buffer.from(`${index % 10}`));
    expect(await send(bytes).answer).toEqual([200, undefined, '2000 012']);
    expect(await send([]).answer).toEqual([200, undefined, '0 ']);
  });

  test('are refused beyond that, until others have their answers', async () => {
    const held = Promise.withResolvers<void>();
    answers = held.promise;
    const first = send([kilobytes(200)]);
    await until('the first', () => open === 1);
    expect(await send([kilobytes(200)]).answer).toEqual([503, '1', '']);
    held.resolve();
    expect((await first.answer)[0]).toBe(200);
    expect((await send([kilobytes(200)]).answer)[0]).toBe(200);
  });

  test('that never arrive whole take no room once their clients are gone', async () => {
    const stalled = Array.from({ length: 20 }, () => send([kilobytes(20)], { ends: false }));
    await until('all but those with room to be refused', () => open < 20 && open > 0);
    expect((await send([kilobytes(200)]).answer)[0]).toBe(503);
    expect((await send([]).answer)[0]).toBe(200);
    for (const { stop } of stalled) stop();
    await until('none to be under way', () => open === 0);
    expect((await send([kilobytes(200)]).answer)[0]).toBe(200);
  });

  test('that come too late take no room any more', async () => {
    const held = Promise.withResolvers<void>();
    refusals = held.promise;
    withinMs = 50;
    const late = Array.from({ length: 4 }, () => send([kilobytes(1)], { ends: false }));
    await until('all to be too late', () => refused === late.length);
    for (const { finish } of late) finish(kilobytes(100));
    await until('the rest to be read', () => ended === late.length);
    held.resolve();
    for (const { answer } of late) expect((await answer)[0]).toBe(408);
    withinMs = undefined;
    expect((await send([kilobytes(200)]).answer)[0]).toBe(200);
  });

  test('of clients that have gone before they are read end all the same', async () => {
    let waiting = 0;
    before = async (asked) => {
      waiting += 1;
      await until('the client to be gone', () => asked.destroyed);
    };
    const sent = [send([kilobytes(1)]), send([kilobytes(1)], { ends: false })];
    await until('both to wait', () => waiting === 2);
    for (const { stop } of sent) stop();
    await until('none to be under way', () => open === 0);
  });
});
