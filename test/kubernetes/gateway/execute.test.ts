import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import type { Cluster } from '../operator/support/cluster.ts';
import { counted, gated } from '../operator/support/journal.ts';
import { type GatewayProcess, outcomeOf } from './support/gateway-process.ts';
import { servedCluster } from './support/served-cluster.ts';

let cluster: Cluster;
let gateway: GatewayProcess;

beforeAll(async () => {
  ({ cluster, gateway } = await servedCluster({ pool: { size: 2 } }));
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
});

describe('execute', () => {
  test('runs a script, answers with its status, and stores nothing', async () => {
    const answer = await gateway.execute({ source: 'console.log("hello"); params.a + 1', params: { a: 41 } });

    expect(answer.code).toBe(200);
    expect(answer.body).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Succeeded', status: 'True', reason: 'Completed' }),
      ]),
      result: 42,
      attempts: 1,
      logs: [expect.objectContaining({ message: 'hello' })],
    });
    expect(await cluster.executions.list()).toEqual([]);
  });

  test('answers 200 with the status of a script that fails, with its place', async () => {
    const answer = await gateway.execute({ source: 'const a = 1;\nthrow new Error("no")' });

    expect(answer.code).toBe(200);
    expect(answer.body.error).toMatchObject({ type: 'RuntimeError', message: 'Error: no', line: 2 });
  });

  test('gives the script its request: id, trace context, and how it was started', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { 'x-request-id': 'order-7', traceparent, tracestate: 'vendor=1' };
    const answer = await gateway.execute({ source: 'context' }, { headers });

    expect(answer.headers['x-request-id']).toBe('order-7');
    expect(answer.body.result).toMatchObject({
      requestID: 'order-7',
      traceparent,
      tracestate: 'vendor=1',
      execution: { type: 'http', triggeredBy: 'api', createdBy: expect.stringMatching(/^system:serviceaccount:/) },
      tenant: { id: cluster.namespace },
    });
  });

  test('runs scripts of ConfigMaps', async () => {
    await cluster.makeSource('rules', {
      'main.ts': 'import { two } from "./lib.ts"; export default two as number;',
      'lib.ts': 'export const two = 2;',
    });
    await eventually(async () => {
      const answer = await gateway.execute({ sourceFrom: { configMapRef: { name: 'rules', main: 'main.ts' } } });
      expect(answer.body).toMatchObject({ result: 2 });
    });
  });

  test.each([
    ['no such runtime', { source: '1' }, { runtime: 'nothing' }, 404, 'NotFound'],
    ['no such source', { sourceFrom: { configMapKeyRef: { name: 'none', key: 'a.js' } } }, {}, 404, 'NotFound'],
    ['no spec', '', {}, 400, 'BadRequest'],
    ['text that is not JSON', '{', {}, 400, 'BadRequest'],
    ['a field that does not exist', { sourc: '1' }, {}, 422, 'Invalid'],
    ['a retry', { source: '1', backoffLimit: 1 }, {}, 422, 'Invalid'],
    ['another runtime than the path', { source: '1', runtimeRef: { name: 'other' } }, {}, 400, 'BadRequest'],
    ['an unknown parameter', { source: '1' }, { query: '?dryRun=All' }, 400, 'BadRequest'],
    ['a body of another type', '<a/>', { headers: { 'content-type': 'text/xml' } }, 415, 'UnsupportedMediaType'],
    ['a body of 3 MiB', { source: '1', params: 'x'.repeat(3 << 20) }, {}, 413, 'RequestEntityTooLarge'],
  ])('refuses %s as the API server would', async (_what, spec, sent, code, reason) => {
    const answer = await gateway.execute(spec, sent);
    expect({ code: answer.code, ...answer.body }).toMatchObject({ code, kind: 'Status', status: 'Failure', reason });
  });

  test('refuses other paths and methods', async () => {
    expect(await gateway.request('GET', '/', undefined)).toMatchObject({ code: 404 });
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${cluster.namespace}/scriptruntimes/default/execute`;
    expect(await gateway.request('GET', path, undefined)).toMatchObject({ code: 405, headers: { allow: 'POST' } });
  });

  test('answers with the status of an execution that its runtime does not admit', async () => {
    const answer = await gateway.execute({ source: '1', limits: { memory: '4Gi' } });
    expect(answer.code).toBe(200);
    expect(outcomeOf(answer)).toBe('LimitsRefused');
    expect(answer.body.attempts).toBe(0);
  });

  test('cancels the script of a client that goes away', async () => {
    const client = new AbortController();
    const answer = gateway.execute({ source: gated('abandoned') }, { signal: client.signal }).catch(() => 'gone');
    await eventually(() => expect(cluster.journal.runsOf('abandoned')).toBe(1));
    client.abort();

    expect(await answer).toBe('gone');
    await eventually(() => expect(cluster.journal.wasStoppedAt('abandoned')).toBe(true));
    const { log } = gateway;
    await eventually(() => expect(log).toContainEqual(expect.objectContaining({ message: 'request', code: 499 })));
  });

  test('leaves nothing behind on its pod', async () => {
    await gateway.execute({ source: counted('tidy') });
    const [metrics] = await Promise.all([gateway.metrics()]);
    expect(metrics.sum('copepod_gateway_requests_total', { runtime: 'default', reason: 'Completed' })).toBeGreaterThan(
      0,
    );
    expect(cluster.journal.runsOf('tidy')).toBe(1);
  });
});

describe('?record', () => {
  test.each([
    ['Always', '1', 'Completed'],
    ['Always', 'throw 1', 'RuntimeError'],
    ['Failures', 'throw 1', 'RuntimeError'],
  ])('=%s writes %s as it ended, and no operator runs it', async (record, source, reason) => {
    const label = `record-${record}-${reason}`;
    const answer = await gateway.execute(
      { source: `await count('${label}'); ${source}` },
      { query: `?record=${record}` },
    );
    const name = String(answer.headers['copepod-execution']);

    const execution = await cluster.executions.reaches(name, reason);
    expect(execution.status).toEqual({ ...answer.body, observedGeneration: execution.metadata.generation });
    await cluster.executions.create(`after-${name}`.slice(0, 60), { source: '1' });
    await cluster.executions.reaches(`after-${name}`.slice(0, 60), 'Completed');
    expect(cluster.journal.runsOf(label)).toBe(1);
  });

  test('=Failures writes no success', async () => {
    const answer = await gateway.execute({ source: '1' }, { query: '?record=Failures' });
    expect(answer.headers['copepod-execution']).toBeUndefined();
  });
});
