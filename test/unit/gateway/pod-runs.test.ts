import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
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
