import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BodyBudget } from '../../../../src/gateway/http/body-budget.ts';
import { readBytes } from '../../../../src/gateway/http/read-body.ts';
import type { Refusal } from '../../../../src/gateway/refusal.ts';
import { until } from '../../../support/until.ts';

const MAX = 1 << 20;
/** A namespace has room for one body of 200 KiB, which takes 256 KiB, and two namespaces for one each. */
const BUDGET = 900 << 10;

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
/** Bytes of bodies that the server has read whole, and whose answers are held back. */
let taken: number;

beforeEach(async () => {
  const budget = new BodyBudget(BUDGET);
  [answers, refusals] = [Promise.resolve(), Promise.resolve()];
  [open, ended, refused, taken, withinMs] = [0, 0, 0, 0, undefined];
  before = async () => {};
  server = createServer(async (asked, response) => {
    using hold = budget.hold(asked.url ?? '');
    open += 1;
    asked.once('end', () => (ended += 1));
    try {
      await before(asked);
      const body = await readBytes(asked, MAX, hold, withinMs);
      taken += body.length;
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

function send(chunks: readonly Buffer[], { ends = true, namespace = 'acme' } = {}) {
  const { port } = server.address() as { port: number };
  const asking = request({ host: '127.0.0.1', port, path: `/${namespace}`, method: 'POST', agent: false });
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
    const second = send([kilobytes(200)], { namespace: 'globex' });
    await until('both', () => taken === 400 << 10);
    expect(await send([kilobytes(200)], { namespace: 'initech' }).answer).toEqual([503, '1', '']);
    held.resolve();
    expect([(await first.answer)[0], (await second.answer)[0]]).toEqual([200, 200]);
    expect((await send([kilobytes(200)], { namespace: 'initech' }).answer)[0]).toBe(200);
  });

  test('of one namespace leave room for those of others', async () => {
    const held = Promise.withResolvers<void>();
    answers = held.promise;
    const first = send([kilobytes(200)]);
    await until('the first', () => taken === 200 << 10);
    expect(await send([kilobytes(200)]).answer).toEqual([429, '1', '']);
    const other = send([kilobytes(200)], { namespace: 'globex' });
    await until('that of another namespace', () => taken === 400 << 10);
    held.resolve();
    expect([(await first.answer)[0], (await other.answer)[0]]).toEqual([200, 200]);
  });

  test('that never arrive whole take no room once their clients are gone', async () => {
    const stalled = Array.from({ length: 40 }, () => send([kilobytes(20)], { ends: false }));
    await until('all but those with room to be refused', () => open < 40 && open > 0);
    expect((await send([kilobytes(200)]).answer)[0]).toBe(429);
    expect((await send([]).answer)[0]).toBe(200);
    expect((await send([kilobytes(100)], { namespace: 'globex' }).answer)[0]).toBe(200);
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

describe('a budget', () => {
  const refusalOf = (take: () => void): { code: number; limit: string | undefined } | undefined => {
    try {
      take();
      return undefined;
    } catch (error) {
      const { code, details } = error as Refusal;
      return { code, limit: details.bodyLimit };
    }
  };

  test('gives one namespace a half, two a third each, three a quarter', () => {
    for (const count of [1, 2, 3]) {
      const budget = new BodyBudget(1200);
      const holds = Array.from({ length: count }, (_, index) => budget.hold(`n-${index}`));
      const taken = holds.map(() => 0);
      // By turns, until each is refused.
      for (let turn = 0; turn < 1200; turn += 1) {
        holds.forEach((hold, index) => {
          if (refusalOf(() => hold.take(1)) === undefined) taken[index] = (taken[index] ?? 0) + 1;
        });
      }
      for (const each of taken) expect(Math.abs(each - 1200 / (count + 1))).toBeLessThanOrEqual(1);
    }
  });

  test('tells whether the bodies of the namespace or those of others take the room', () => {
    const budget = new BodyBudget(1200);
    using mine = budget.hold('acme');
    mine.take(600);
    expect(refusalOf(() => budget.hold('acme').take(1))).toEqual({ code: 429, limit: 'namespace' });
    expect(refusalOf(() => budget.hold('globex').take(301))).toEqual({ code: 503, limit: 'gateway' });
    expect(refusalOf(() => budget.hold('globex').take(300))).toBeUndefined();
  });

  test('has its room back once a request has its answer', () => {
    const budget = new BodyBudget(1200);
    for (let count = 0; count < 10; count += 1) {
      using hold = budget.hold('acme');
      hold.take(600);
    }
  });
});
