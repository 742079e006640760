import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { encodeFrame } from '../../../src/api/frame.ts';
import { PodClient } from '../../../src/cluster/pods/pod-client.ts';
import type { ServingPod } from '../../../src/cluster/pods/serving-pod.ts';
import { PodRuns } from '../../../src/gateway/cluster/pod-runs.ts';
import type { Run } from '../../../src/gateway/execute/runtime-executor.ts';
import { Places } from '../../../src/gateway/routing/places.ts';
import { LIMITS } from '../../support/limits.ts';
import { until } from '../../support/until.ts';
import { runRequest } from '../runtime/server/run-requests.ts';

/** Time-outs of runs have this added, for the pod. */
const ANSWER_MS = 30_000;
const HEAD = { status: 200, statusText: '', headers: [] };

test.each([
  ['its client is gone', 0, 'gone'],
  ['its time is over', 300 - ANSWER_MS, undefined],
])('a run whose client does not read gives its place back when %s', async (_, timeoutMs, thrown) => {
  // It sends all that it has: the connection to it has nothing left to fail.
  const server = createServer((_request, response) => {
    response.write(encodeFrame({ part: 'response', head: HEAD, isLast: false }, Buffer.from('first')));
    response.write(encodeFrame({ part: 'response', isLast: true }, Buffer.from('last')));
    response.end(encodeFrame({ part: 'outcome' }, Buffer.from('{"outcome":{"reason":"Completed"}}')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pod: ServingPod = {
    runtime: 'acme/web',
    name: 'a',
    uid: 'a',
    address,
    bootID: 'boot-1',
    capacity: 1,
    limits: LIMITS,
  };
  const places = new Places({ serving: () => [pod] });
  const client = new PodClient({
    privateKey: generateKeyPairSync('ed25519').privateKey,
    epoch: 0,
    base: '/v1/gateway',
  });
  const suspected: string[] = [];
  const runs = new PodRuns({ client, places, suspect: (uid) => suspected.push(uid) });
  const gone = new AbortController();
  let takes = (): void => {};
  const taking = new Promise<void>((resolve) => (takes = resolve));
  const run: Run = {
    runtime: 'acme/web',
    request: runRequest(),
    body: '',
    limits: { ...LIMITS, timeoutMs },
    values: undefined,
    uid: 'u',
    waitMs: 1000,
    signal: gone.signal,
    serve: {
      request: { method: 'GET', url: 'http://x/', headers: [], body: Buffer.alloc(0) },
      respond: async () => {
        takes();
        await new Promise(() => {});
      },
    },
  };
  const inFlight = (): number => [...places.demand()].reduce((sum, each) => sum + each.inFlight, 0);
  const ended = runs.run(run).then(
    ({ outcome }) => outcome,
    (error: Error) => error.message,
  );
  await taking;
  expect(inFlight()).toBe(1);
  if (thrown !== undefined) gone.abort(new Error(thrown));
  await until('the place to be free', async () => inFlight() === 0);
  if (thrown === undefined) expect(await ended).toMatchObject({ reason: 'PodLost' });
  else expect(await ended).toBe(thrown);
  // Slow clients say nothing of the pod.
  expect(suspected).toEqual([]);
  client.close();
  server.closeAllConnections();
  server.close();
});

describe('a streamed body', () => {
  const TIME = new Date().toISOString();
  const OUTCOME = {
    reason: 'Completed',
    logs: [],
    usage: { cpuMilliseconds: 1, wallMilliseconds: 1, peakHeapBytes: 0, apiCalls: 0 },
    startTime: TIME,
    completionTime: TIME,
  };
  const HANDLED = encodeFrame(
    { part: 'outcome' },
    Buffer.from(JSON.stringify({ state: 'finished', outcome: OUTCOME })),
  );
  /** In place of a piece: the client goes away. */
  const BROKEN = 'broken';
  const PULL = encodeFrame({ part: 'pull' });
  type Answer = (response: ServerResponse) => void;

  /** Has pods of this behaviour serve a request in turn. @returns what they were sent, and how the request ended */
  async function served(answers: readonly Answer[], pieces: readonly string[], takePiece = takes) {
    const seen: string[] = [];
    let waiting: ServerResponse | undefined;
    const servers = answers.map((answer, index) =>
      createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        if (request.url?.endsWith('/body') && request.method === 'DELETE') {
          seen.push(`pod ${index}: broken`);
          response.writeHead(204).end();
          waiting?.end(HANDLED);
          return;
        }
        if (request.url?.endsWith('/body')) {
          const bytes = Buffer.concat(chunks).toString();
          seen.push(`pod ${index}: ${bytes || 'end'}`);
          takePiece(response, waiting as ServerResponse, bytes);
          return;
        }
        seen.push(`pod ${index}: head`);
        waiting = response;
        answer(response);
      }),
    );
    const pods: ServingPod[] = [];
    for (const [index, server] of servers.entries()) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      pods.push({
        runtime: 'acme/web',
        name: `pod-${index}`,
        uid: `pod-${index}`,
        address: `127.0.0.1:${port}`,
        bootID: 'boot-1',
        capacity: 1,
        limits: LIMITS,
      });
    }
    let asked = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces) {
        asked++;
        if (piece === BROKEN) throw new Error('the body did not arrive whole');
        yield Buffer.from(piece);
      }
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    const client = new PodClient({ privateKey, epoch: 0, base: '/v1/gateway' });
    // Each pod is suspected once it has refused, so that the next one gets the run.
    const suspected = new Set<string>();
    const places = new Places({ serving: () => pods.filter(({ uid }) => !suspected.has(uid)).slice(0, 1) });
    const runs = new PodRuns({ client, places, suspect: (uid) => suspected.add(uid) });
    const run: Run = {
      runtime: 'acme/web',
      request: runRequest(),
      body: undefined,
      limits: LIMITS,
      values: undefined,
      uid: 'u',
      waitMs: 5000,
      signal: new AbortController().signal,
      serve: { request: { method: 'POST', url: 'http://x/', headers: [], body: body() }, respond: () => {} },
    };
    const { outcome } = await runs.run(run);
    client.close();
    for (const server of servers) server.close().closeAllConnections();
    return { reason: outcome.reason, seen, asked };
  }

  /** Takes a piece, and asks for the next one; at the end of the body, the run has ended. */
  const takes = (response: ServerResponse, run: ServerResponse, bytes: string): void => {
    response.writeHead(204).end();
    if (bytes === '') run.end(HANDLED);
    else run.write(PULL);
  };
  const accepts: Answer = (response) => {
    response.writeHead(200).write(PULL);
  };
  const refuses: Answer = (response) => {
    response.writeHead(503).end('{"code":"Draining","message":"","bootID":"boot-1"}');
  };

  test('goes to the pod that has accepted its request, and to no other', async () => {
    expect(await served([refuses, accepts], ['one', 'two'])).toEqual({
      reason: 'Completed',
      seen: ['pod 0: head', 'pod 1: head', 'pod 1: one', 'pod 1: two', 'pod 1: end'],
      asked: 2,
    });
  });

  test('of which a pod has had a part is sent to no other when that pod is lost', async () => {
    const dies: Answer = (response) => {
      response.writeHead(200).write(PULL);
      setImmediate(() => response.destroy());
    };
    const { reason, seen } = await served([dies, accepts], ['one', 'two']);
    expect([reason, seen[0], seen.some((line) => line.startsWith('pod 1'))]).toEqual(['PodLost', 'pod 0: head', false]);
  });

  test('whose piece does not reach the pod is sent to no other: its script has begun', async () => {
    // The connection of the run is busy with its answer: the piece needs a new one, and the pod accepts none any more.
    const unreachable: Answer = (response) => {
      const server = (response.socket as unknown as { server: Server }).server;
      server.close();
      response.writeHead(200).write(PULL);
    };
    const { reason, seen } = await served([unreachable, accepts], ['one', 'two']);
    expect([reason, seen]).toEqual(['PodLost', ['pod 0: head']]);
  });

  test('is read no further by a pod that asks for pieces and does not say that it has them', async () => {
    const silent = (_response: ServerResponse, run: ServerResponse): void => {
      run.write(PULL);
      setImmediate(() => run.write(PULL));
    };
    const { reason, asked } = await served([accepts], ['one', 'two', 'three'], silent);
    expect([reason, asked]).toEqual(['PodLost', 1]);
  });

  test('is over at its end: a pod that asks for more is lost', async () => {
    const insatiable = (response: ServerResponse, run: ServerResponse): void => {
      response.writeHead(204).end();
      run.write(PULL);
    };
    const { reason, seen } = await served([accepts], ['one'], insatiable);
    expect([reason, seen]).toEqual(['PodLost', ['pod 0: head', 'pod 0: one', 'pod 0: end']]);
  });

  test('that breaks off is no wait for a script that goes on: its pod is told', async () => {
    const { reason, seen } = await served([accepts], ['one', BROKEN]);
    expect([reason, seen]).toEqual(['Completed', ['pod 0: head', 'pod 0: one', 'pod 0: broken']]);
  });
});
