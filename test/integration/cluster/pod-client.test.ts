import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeFrame } from '../../../src/api/frame.ts';
import { MAX_REQUEST_BYTES, REFUSAL_STATUS, type RefusalCode } from '../../../src/api/pod-protocol.ts';
import { type PodAddress, PodClient } from '../../../src/cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable, PodUnreadable } from '../../../src/cluster/pods/pod-errors.ts';
import { until } from '../../support/until.ts';
import { POD_UID, PodProcess, runRequest } from '../server/pod-process.ts';

const FOREVER = 'for (;;);';
const body = (changes: Parameters<typeof runRequest>[0] = {}): string => JSON.stringify(runRequest(changes));

/** The code of the refusal, or the name of the error, of a request. */
async function ends(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PodRefusal) return error.code;
  if (error instanceof PodUnreachable) return 'unreachable';
  throw new Error(`not refused: ${String(error)}`);
}

let privateKey: KeyObject;
const clients: PodClient[] = [];
function clientOf(epoch: number, key = privateKey): PodClient {
  const client = new PodClient({ privateKey: key, epoch });
  clients.push(client);
  return client;
}
afterAll(() => {
  for (const client of clients) client.close();
});

describe('a runtime pod', () => {
  let process: PodProcess;
  let pod: PodAddress;
  let client: PodClient;
  let epoch = 5;

  beforeAll(async () => {
    const pair = generateKeyPairSync('ed25519');
    privateKey = pair.privateKey;
    process = await PodProcess.serving({
      config: { pool: { size: 2 }, limits: { cpuTime: '20s' } },
      env: { COPEPOD_PUBLIC_KEY: JSON.stringify(pair.publicKey.export({ format: 'jwk' })) },
    });
    pod = { podUID: POD_UID, bootID: process.bootID, address: `127.0.0.1:${process.port}` };
    client = clientOf(epoch);
  });
  afterAll(async () => await process[Symbol.asyncDispose]());

  test('reports its stats, with or without a boot id in the request', async () => {
    const { bootID: _, ...anyLife } = pod;
    expect(await client.stats(anyLife)).toMatchObject({
      bootID: process.bootID,
      capacity: 2,
      ready: true,
      draining: false,
    });
  });

  test('runs a script and returns its outcome until it is acknowledged', async () => {
    const source = 'export default ({ a }) => a + 1';
    const outcome = await client.run(pod, 'a.1.1', body({ source, params: { a: 41 } }));
    expect(outcome).toMatchObject({ reason: 'Completed', result: 42 });
    expect(await client.run(pod, 'a.1.1', body())).toEqual(outcome);
    expect(await client.state(pod, 'a.1.1')).toEqual({ state: 'finished', outcome });
    expect(await client.unacknowledged(pod)).toEqual(['a.1.1']);
    await client.acknowledge(pod, 'a.1.1');
    await client.acknowledge(pod, 'a.1.1');
    expect(await client.unacknowledged(pod)).toEqual([]);
    const requests = [client.run(pod, 'a.1.1', body()), client.state(pod, 'a.1.1'), client.cancel(pod, 'a.1.1')];
    expect(await Promise.all(requests.map(ends))).toEqual(['Acknowledged', 'Acknowledged', 'Acknowledged']);
  });

  test('distinguishes a null result from no result', async () => {
    expect(await client.run(pod, 'b.1.1', body({ source: 'null' }))).toHaveProperty('result', null);
    expect(await client.run(pod, 'b.2.1', body({ source: 'undefined' }))).not.toHaveProperty('result');
  });

  test('reports a running state, and finishes a cancelled run', async () => {
    const running = client.run(pod, 'c.1.1', body({ source: FOREVER }));
    await until('the run to start', async () => (await client.stats(pod)).executions.running === 1);
    expect(await client.state(pod, 'c.1.1')).toEqual({ state: 'running' });
    expect(await ends(client.acknowledge(pod, 'c.1.1'))).toBe('StillRunning');
    await client.cancel(pod, 'c.1.1');
    expect(await running).toMatchObject({ reason: 'Cancelled' });
  });

  test('continues a run after its client disconnects', async () => {
    const gone = new AbortController();
    const running = client.run(pod, 'd.1.1', body({ source: FOREVER }), gone.signal);
    await until('the run to start', async () => (await client.stats(pod)).executions.running === 1);
    gone.abort(new Error('not the leader any more'));
    await expect(running).rejects.toThrow('not the leader any more');
    expect(await client.state(pod, 'd.1.1')).toEqual({ state: 'running' });
    await client.cancel(pod, 'd.1.1');
    expect(await client.run(pod, 'd.1.1', body())).toMatchObject({ reason: 'Cancelled' });
  });

  test('gets no request if the signal is already aborted', async () => {
    const reason = new Error('over');
    await expect(client.run(pod, 'e.1.1', body(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await ends(client.state(pod, 'e.1.1'))).toBe('UnknownRun');
  });

  test('answers a run that takes longer than the time-out of other requests, on a reused connection', async () => {
    await client.stats(pod);
    const source = 'const end = Date.now() + 6000; while (Date.now() < end); "slow"';
    expect(await client.run(pod, 'f.1.1', body({ source }))).toMatchObject({ result: 'slow' });
  });

  test.each<[RefusalCode, () => Promise<unknown>]>([
    ['UnknownRun', () => client.state(pod, 'z.1.1')],
    ['BadRequest', () => client.run(pod, 'no-id', body())],
    ['BadRequest', () => client.run(pod, 'z.1.1', '{}')],
    ['OtherBoot', () => client.run({ ...pod, bootID: 'boot-0' }, 'z.1.1', body())],
    ['OtherBoot', () => client.cancel({ ...pod, bootID: undefined }, 'z.1.1')],
    ['Unauthenticated', () => client.run({ ...pod, podUID: 'another' }, 'z.1.1', body())],
    ['Unauthenticated', async () => clientOf(5, generateKeyPairSync('ed25519').privateKey).run(pod, 'z.1.1', body())],
    ['StaleEpoch', () => clientOf(4).stats(pod)],
  ])('refuses with %s', async (code, request) => {
    const refused = request();
    await expect(refused).rejects.toMatchObject({ name: 'PodRefusal', code, bootID: process.bootID });
    await expect(refused).rejects.toThrow(/\w{3}/);
  });

  test('is not sent a request that is too large', async () => {
    const tooLarge = 'x'.repeat(MAX_REQUEST_BYTES + 1);
    expect(await ends(client.run(pod, 'g.1.1', tooLarge))).toBe('TooLarge');
    expect(await ends(client.state(pod, 'g.1.1'))).toBe('UnknownRun');
  });

  test('accepts a new leader, and refuses the previous one', async () => {
    const before = clientOf(epoch);
    epoch += 1;
    client = clientOf(epoch);
    await client.stats(pod);
    const requests = [before.run(pod, 'h.1.1', body()), before.acknowledge(pod, 'b.1.1'), before.stats(pod)];
    expect(await Promise.all(requests.map(ends))).toEqual(['StaleEpoch', 'StaleEpoch', 'StaleEpoch']);
    expect(await client.unacknowledged(pod)).toContain('b.1.1');
  });

  test('refuses runs while draining, and returns its outcomes', async () => {
    process.child.kill('SIGTERM');
    await process.logged(({ message }) => message === 'draining');
    expect(await ends(client.run(pod, 'i.1.1', body()))).toBe('Draining');
    expect(await client.stats(pod)).toMatchObject({ draining: true, ready: false });
    expect(await client.run(pod, 'b.1.1', body())).toHaveProperty('result', null);
    for (const id of await client.unacknowledged(pod)) await client.acknowledge(pod, id);
    await process.exited;
    expect(await ends(client.stats(pod))).toBe('unreachable');
  });
});

describe('an answer of another server', () => {
  let server: Server | undefined;
  const told: string[] = [];
  let client: PodClient;

  beforeAll(async () => {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    client = new PodClient({
      privateKey: key,
      epoch: 1,
      onRequest: ({ method, code, durationMs }) => told.push(`${method} ${code} ${durationMs >= 0}`),
    });
    clients.push(client);
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    told.length = 0;
  });

  async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<PodAddress> {
    server = createServer(listener);
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, host, resolve));
    const { port } = listening.address() as AddressInfo;
    return { podUID: 'pod-1', bootID: 'boot-1', address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` };
  }
  const answers =
    (status: number, text: string): RequestListener =>
    (_request, response) =>
      void response.writeHead(status).end(text);

  test.each(Object.entries(REFUSAL_STATUS).filter(([code]) => code !== 'InternalError'))(
    'is a refusal %s with status %d',
    async (code, status) => {
      const pod = await serve(answers(status, JSON.stringify({ code, message: 'no', bootID: 'boot-9' })));
      await expect(client.run(pod, 'a.1.1', '{}')).rejects.toMatchObject({ code, message: 'no', bootID: 'boot-9' });
      expect(told).toEqual([`POST ${status} true`]);
    },
  );

  test('that switches protocols is an error', async () => {
    const pod = await serve((request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n');
    });
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toThrow('without an answer');
    await expect(client.stats(pod)).rejects.toThrow('without an answer');
  });

  test('with a long list of runs is limited to a thousand valid ids', async () => {
    const runs = ['no run', ...Array.from({ length: 1500 }, (_, index) => `run-${index}.1.1`)];
    const pod = await serve(answers(200, JSON.stringify({ runs })));
    expect(await client.unacknowledged(pod)).toHaveLength(999);
  });

  test.each<[string, number, string]>([
    ['nothing', 200, ''],
    ['no JSON', 200, '<html>'],
    ['half of it', 200, '{"state":"fini'],
    ['a redirect', 302, ''],
    ['a refusal without a code', 429, '{}'],
    ['a refusal that is null', 429, 'null'],
    ['an unknown code', 429, '{"code":"NoRoom"}'],
    ['a code named like an Object.prototype member', 429, '{"code":"constructor"}'],
    ['a code with the status of another', 429, '{"code":"Draining","message":"","bootID":""}'],
    ['an internal error', 500, '{"code":"InternalError","message":"","bootID":""}'],
    ['an invalid boot id', 429, '{"code":"Busy","message":"","bootID":{"toString":1}}'],
  ])('that is %s leaves the result unknown', async (_, status, text) => {
    const pod = await serve(answers(status, text));
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toMatchObject({ name: 'PodUnreachable' });
  });

  test.each([['null'], ['"fine"'], ['[]'], ['{"outcome":{"result":[}}']])(
    'with %s as the state of a run is unreadable',
    async (text) => {
      await expect(client.run(await serve(answers(200, text)), 'a.1.1', '{}')).rejects.toBeInstanceOf(PodUnreadable);
    },
  );

  test('with an outcome that is no object has no outcome', async () => {
    expect(await client.run(await serve(answers(200, '{"outcome":7}')), 'a.1.1', '{}')).toBeUndefined();
  });

  const kinds: [string, (pod: PodAddress) => Promise<unknown>, number, number][] = [
    ['statistics', (pod) => client.stats(pod), 200, 17 << 10],
    ['a refusal', (pod) => client.run(pod, 'a.1.1', '{}'), 429, 17 << 10],
    ['a list', (pod) => client.unacknowledged(pod), 200, 128 << 10],
    ['an outcome', (pod) => client.run(pod, 'a.1.1', '{}'), 200, 3 << 20],
    ['a state', (pod) => client.state(pod, 'a.1.1'), 200, 3 << 20],
  ];
  test.each(kinds)('with more bytes than %s can have is not read', async (_, ask, status, bytes) => {
    const pod = await serve((_request, response) => {
      response.writeHead(status).write('[[],'.repeat(bytes / 4));
      // It never ends: only one that is given up for its size ends before its time.
    });
    const startedAt = performance.now();
    await expect(ask(pod)).rejects.toBeInstanceOf(PodUnreadable);
    expect(performance.now() - startedAt).toBeLessThan(4500);
  });

  test('after an informational answer is not awaited', async () => {
    const pod = await serve((request) => {
      request.socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(10));
    });
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toThrow('the pod sent an informational response');
  });

  test('to a run that begins and does not end is given up', async () => {
    const pod = await serve((_request, response) => void response.writeHead(200).write('{"outcome":'));
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toThrow('the answer did not end in time');
  });

  test.each([['null'], ['{}'], ['{"runs":7}'], ['{"runs":{"length":2}}']])(
    'with the list %s contains no runs',
    async (text) => {
      expect(await client.unacknowledged(await serve(answers(200, text)))).toEqual([]);
    },
  );

  test('with invalid ids in a list is filtered', async () => {
    expect(await client.unacknowledged(await serve(answers(200, '{"runs":["a.1.1",7,null]}')))).toEqual(['a.1.1']);
  });

  test.each([['null'], ['{}'], ['{"bootID":"x","capacity":1}'], ['[]'], ['7']])(
    'with the stats %s is not a pod of this version',
    async (text) => {
      expect(await ends(client.stats(await serve(answers(200, text))))).toBe('unreachable');
    },
  );

  test('without end is aborted', async () => {
    let sent = 0;
    const pod = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1 << 16))) sent += 1 << 16;
      };
      response.on('drain', more);
      more();
    });
    expect(await ends(client.run(pod, 'a.1.1', '{}'))).toBe('unreachable');
    expect(sent).toBeLessThan(64 << 20);
    expect(told).toEqual(['POST <error> true']);
  });

  test('that breaks off leaves the result unknown', async () => {
    const pod = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"outcome":');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await ends(client.run(pod, 'a.1.1', '{}'))).toBe('unreachable');
  });

  test.each<[string, RequestListener]>([
    ['does not answer a question', () => {}],
    [
      'answers it a character at a time',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 500);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('from a server that %s times out', async (_, listener) => {
    const pod = await serve(listener);
    const startedAt = performance.now();
    expect(await ends(client.stats(pod))).toBe('unreachable');
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });

  test('that is whole, with a reader that takes no more of it, is given up as soon as it is aborted', async () => {
    const head = { status: 200, statusText: '', headers: [] };
    const pod = await serve((_request, response) => {
      response.write(encodeFrame({ part: 'response', head, isLast: false }, Buffer.from('first')));
      response.write(encodeFrame({ part: 'response', isLast: true }, Buffer.from('last')));
      response.end(encodeFrame({ part: 'outcome' }, Buffer.from('{"outcome":{"reason":"Completed"}}')));
    });
    const abort = new AbortController();
    let takes = (): void => {};
    const taking = new Promise<void>((resolve) => (takes = resolve));
    const never = new Promise<void>(() => {});
    const onPart = (): Promise<void> => {
      takes();
      return never;
    };
    const serving = client.serve(pod, 'a.1.1', Buffer.from('{}'), { onPart }, abort.signal);
    await taking;
    // The rest of the answer arrives meanwhile: nothing of the connection is left to fail.
    await sleep(50);
    const reason = new Error('over');
    abort.abort(reason);
    await expect(Promise.race([serving, sleep(1000)])).rejects.toBe(reason);
  });

  test('to a run is awaited without a time-out', async () => {
    const pod = await serve((_request, response) => {
      setTimeout(() => response.end('{"outcome":{"reason":"late"}}'), 6000);
    });
    expect(await client.run(pod, 'a.1.1', '{}')).toMatchObject({ reason: 'late' });
  });

  test('belongs to a request signed once for its method and path', async () => {
    const tokens = new Set<string | undefined>();
    const pod = await serve((request, response) => {
      tokens.add(request.headers.authorization);
      response.end('{"outcome":1}');
    });
    await client.run(pod, 'a.1.1', '{}');
    await client.run(pod, 'a.1.1', '{}');
    expect(tokens.size).toBe(2);
  });

  test('from an IPv6 address is accepted', async () => {
    expect(await client.run(await serve(answers(200, '{"outcome":{"result":6}}'), '::1'), 'a.1.1', '{}')).toMatchObject(
      {
        result: 6,
      },
    );
  });

  test('from a refused connection: nothing was sent', async () => {
    const pod = await serve(answers(200, ''));
    server?.close();
    await sleep(20);
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toMatchObject({ name: 'PodUnreachable', neverSent: true });
  });

  test('from a reused connection that closes: the request may have been received', async () => {
    let requests = 0;
    const pod = await serve((request, response) => {
      requests += 1;
      if (requests === 1) response.end('{"outcome":1}');
      else request.socket.destroy();
    });
    await client.run(pod, 'a.1.1', '{}');
    await expect(client.run(pod, 'a.1.1', '{}')).rejects.toMatchObject({ name: 'PodUnreachable', neverSent: false });
  });
});

test('closing a client fails its open requests', async () => {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const client = new PodClient({ privateKey: key, epoch: 1 });
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const running = client.run({ podUID: 'p', bootID: 'b', address: `127.0.0.1:${port}` }, 'a.1.1', '{}');
  await new Promise((resolve) => server.once('request', resolve));
  client.close();
  expect(await ends(running)).toBe('unreachable');
  server.closeAllConnections();
  server.close();
});
