import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Collector, type ReceivedSpan } from '../../opentelemetry/collector.ts';
import { eventually } from '../../support/until.ts';
import { GatewayProcess, userToken } from '../gateway/support/gateway-process.ts';
import { Cluster } from '../operator/support/cluster.ts';
import type { RuntimePod } from '../operator/support/runtime-pod.ts';

const CALLER = '00f067aa0ba902b7';
const EXECUTE = '/apis/copepod.dev/v1alpha1/namespaces/{namespace}/scriptruntimes/{name}/execute';
const traceID = (digit: string): string => digit.repeat(32);
const traceparent = (digit: string): string => `00-${traceID(digit)}-${CALLER}-01`;

let collector: Collector;
let cluster: Cluster;
let gateway: GatewayProcess;
let pod: RuntimePod;

beforeAll(async () => {
  [collector, cluster] = await Promise.all([Collector.start(), Cluster.create()]);
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pod = await cluster.startPod();
  gateway = await GatewayProcess.start(cluster, [], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=k1',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_SERVICE_NAME: 'front-door',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
  await collector?.close();
});

/** The chain of spans from the root to the last name, each within the one before. */
function chain(spans: readonly ReceivedSpan[], names: readonly string[]): readonly ReceivedSpan[] {
  let parentSpanID: string | undefined;
  return names.map((name) => {
    const found = spans.find((span) => span.name === name && (parentSpanID ?? span.parentSpanID) === span.parentSpanID);
    if (found === undefined) throw new Error(`no span ${name}: ${JSON.stringify(spans, undefined, 1)}`);
    parentSpanID = found.spanID;
    return found;
  });
}

describe('the trace of a request', () => {
  test('continues that of its client through the pod, and is in the answer and the logs', async () => {
    const headers = { traceparent: traceparent('a') };
    const answer = await gateway.execute({ source: 'console.log("hi"); await count("x")' }, { headers });
    const spans = await collector.trace(traceID('a'), [`POST ${EXECUTE}`]);
    const names = [`POST ${EXECUTE}`, 'dispatch', 'run', 'script', 'call count'];
    const [server, , run] = chain(spans, names);

    expect(answer.body.traceID).toBe(traceID('a'));
    expect(server).toMatchObject({
      parentSpanID: CALLER,
      kind: 'SPAN_KIND_SERVER',
      resource: { 'service.name': 'front-door', 'deployment.environment.name': 'test' },
      attributes: {
        'http.route': EXECUTE,
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'k8s.namespace.name': cluster.namespace,
        'copepod.runtime.name': 'default',
        'copepod.reason': 'Completed',
      },
    });
    expect(run).toMatchObject({ resource: { 'service.name': 'copepod-runtime', 'k8s.pod.name': pod.name } });
    expect(collector.headers[0]).toMatchObject({ 'x-collector-key': 'k1', 'content-encoding': 'gzip' });
    await eventually(() => {
      expect(gateway.log).toContainEqual(expect.objectContaining({ message: 'request', trace_id: traceID('a') }));
      expect(pod.process.log).toContainEqual(expect.objectContaining({ message: 'hi', trace_id: traceID('a') }));
    });
  });

  test('begins with the request where its client has none', async () => {
    const answer = await gateway.execute({ source: '1' });
    const spans = await collector.trace(answer.body.traceID ?? '', [`POST ${EXECUTE}`]);

    expect(chain(spans, [`POST ${EXECUTE}`, 'dispatch', 'run'])[0]).toMatchObject({ parentSpanID: '' });
  });

  test('has the status of a request that no pod has taken', async () => {
    const headers = { traceparent: traceparent('b') };
    await gateway.execute({ source: '1' }, { runtime: 'nothing', headers });
    const spans = await collector.trace(traceID('b'), ['POST']);

    expect(spans).toEqual([
      expect.objectContaining({
        status: 'STATUS_CODE_UNSET',
        attributes: expect.objectContaining({ 'http.response.status_code': 404 }),
      }),
    ]);
  });

  test('continues that of an MCP call, which wins over that of its HTTP request', async () => {
    const token = await userToken(cluster, 'caller', { mayExecute: true });
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      traceparent: traceparent('c'),
    };
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'execute', arguments: { code: '1 + 1' }, _meta: { traceparent: traceparent('d') } },
    };
    const url = `http://${gateway.address}:8080/mcp/${cluster.namespace}/default`;
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(call) });
    expect(await answer.text()).toContain('"result":2');
    const spans = await collector.trace(traceID('d'), ['tools/call execute']);

    expect(chain(spans, ['tools/call execute', 'dispatch', 'run'])[0]).toMatchObject({ parentSpanID: CALLER });
    await collector.trace(traceID('c'), ['POST /mcp/{namespace}/{name}']);
  });

  test('of an endpoint has its name as route', async () => {
    await cluster.api.apply({
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptEndpoint',
      metadata: { name: 'hello', namespace: cluster.namespace },
      spec: {
        runtimeRef: { name: 'default' },
        source: 'export default () => new Response("hello")',
        auth: { type: 'None' },
      },
    });
    const path = `/${cluster.namespace}/hello`;
    const headers = { traceparent: traceparent('e') };
    await eventually(async () => expect((await gateway.text('GET', path, headers)).text).toBe('hello'));
    const spans = await collector.trace(traceID('e'), [`GET ${path}`]);

    chain(
      spans.filter(({ attributes }) => attributes['http.response.status_code'] !== 404),
      [`GET ${path}`, 'dispatch', 'run', 'script'],
    );
  });
});
