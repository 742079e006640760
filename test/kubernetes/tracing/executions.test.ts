import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Collector, type ReceivedSpan, startUpstream } from '../../opentelemetry/collector.ts';
import { Cluster } from '../operator/support/cluster.ts';
import type { OperatorProcess } from '../operator/support/operator-process.ts';
import type { RuntimePod } from '../operator/support/runtime-pod.ts';
import { applyTraced } from '../support/traced-execution.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;

let collector: Collector;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let cluster: Cluster;
let operator: OperatorProcess;
let pod: RuntimePod;

beforeAll(async () => {
  [collector, upstream, cluster] = await Promise.all([Collector.start(), startUpstream(), Cluster.create()]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '50' };
  operator = await cluster.startOperator({ env });
  await operator.leads();
  const reached = { hosts: ['127.0.0.1'], schemes: ['http'], ports: [upstream.port] };
  await cluster.makeRuntime('default', {
    pool: { size: 2 },
    egress: [
      { ...reached, name: 'own', paths: ['/own/*'], traceContext: 'Propagate' },
      { ...reached, name: 'other', paths: ['/other/*'] },
    ],
  });
  pod = await cluster.startPod();
}, 120_000);
afterAll(async () => {
  await cluster?.close();
  await Promise.all([collector?.close(), upstream?.close()]);
});

const fetching = (path: string, headers: object = {}): string =>
  `await (await fetch("http://127.0.0.1:${upstream.port}${path}", { headers: ${JSON.stringify(headers)} })).json()`;

/** The span of a name within the span of another one. */
function within(spans: readonly ReceivedSpan[], parent: ReceivedSpan, name: string): ReceivedSpan {
  const found = spans.find((span) => span.name === name && span.parentSpanID === parent.spanID);
  if (found === undefined) throw new Error(`no span ${name} in ${parent.name}: ${JSON.stringify(spans, undefined, 1)}`);
  return found;
}

describe('traces of executions', () => {
  test('go from kubectl apply to a fetch inside the script, as a collector receives them', async () => {
    const source = `export default async () => {
      console.log("working");
      return await tracing.enterSpan("load", async (span) => {
        span.setAttribute("order.id", 7);
        return { seen: ${fetching('/own/a')}, host: await count("traced") };
      });
    }`;
    await applyTraced(cluster.namespace, TRACEPARENT, source);
    const { status, metadata } = await cluster.executions.reaches('traced', 'Completed');
    const spans = await collector.trace(TRACE, ['execute default', 'GET']);

    expect(status.traceID).toBe(TRACE);
    const [root] = spans.filter(({ name }) => name === 'execute default');
    if (root === undefined) throw new Error('no root');
    expect(root).toMatchObject({ parentSpanID: CALLER, status: 'STATUS_CODE_UNSET', scope: 'copepod.dev' });
    expect(root.attributes).toMatchObject({
      'k8s.namespace.name': cluster.namespace,
      'copepod.execution.name': 'traced',
      'copepod.execution.uid': metadata.uid,
      'copepod.runtime.name': 'default',
      'copepod.tenant.id': cluster.namespace,
      'copepod.reason': 'Completed',
    });
    expect(root.resource).toMatchObject({ 'service.name': 'copepod-operator', 'telemetry.sdk.language': 'nodejs' });
    for (const name of ['wait', 'claim']) within(spans, root, name);
    const dispatch = within(spans, root, 'dispatch');
    expect(dispatch).toMatchObject({ kind: 'SPAN_KIND_CLIENT', attributes: { 'k8s.pod.name': pod.name } });
    const run = within(spans, dispatch, 'run');
    expect(run).toMatchObject({
      kind: 'SPAN_KIND_SERVER',
      resource: {
        'service.name': 'copepod-runtime',
        'k8s.namespace.name': cluster.namespace,
        'k8s.pod.name': pod.name,
        'k8s.pod.uid': pod.object.uid,
      },
    });
    const load = within(spans, within(spans, run, 'script'), 'load');
    expect(load).toMatchObject({ scope: 'copepod.dev/script', attributes: { 'order.id': 7 } });
    within(spans, load, 'call count');
    const request = within(spans, load, 'GET');
    expect(request).toMatchObject({
      kind: 'SPAN_KIND_CLIENT',
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.port': upstream.port,
        'url.full': `http://127.0.0.1:${upstream.port}/own/a`,
        'copepod.egress.rule': 'own',
      },
    });
    expect(status.result).toMatchObject({ seen: { traceparent: `00-${TRACE}-${request.spanID}-01` } });
    const lines = pod.process.log.filter((line) => line.trace_id === TRACE).map(({ message }) => message);
    expect(lines).toEqual(expect.arrayContaining(['working', 'request of a script', 'run finished']));
  });

  test('begin with the execution where nothing is named, and say why it failed', async () => {
    await cluster.executions.create('failing', { source: 'throw new Error("no luck")' });
    const { status } = await cluster.executions.reaches('failing', 'RuntimeError');
    const spans = await collector.trace(status.traceID ?? '', ['execute default']);

    expect(status.traceID).toMatch(/^[0-9a-f]{32}$/);
    const root = spans.find(({ name }) => name === 'execute default');
    expect(root).toMatchObject({
      parentSpanID: '',
      status: 'STATUS_CODE_ERROR',
      attributes: { 'error.type': 'RuntimeError', 'copepod.reason': 'RuntimeError' },
    });
  });

  test('tell apart what retries one execution, in one trace', async () => {
    const limits = { timeout: '100ms' };
    await cluster.executions.create('retried', { source: 'for (;;);', backoffLimit: 1, limits });
    const { status } = await cluster.executions.reaches('retried', 'TimeoutExceeded');
    const spans = await collector.trace(status.traceID ?? '', ['execute default']);

    const attempts = spans
      .filter(({ name }) => name === 'dispatch')
      .map(({ attributes }) => attributes['copepod.attempt']);
    expect(attempts).toEqual([1, 2]);
  });

  test('are not recorded where what has asked for the execution does not record its own', async () => {
    const unsampled = { traceparent: `00-${'c'.repeat(32)}-${CALLER}-00` };
    await cluster.executions.create('unsampled', { source: '1', context: unsampled });
    await cluster.executions.create('sampled-after', { source: '2' });
    const { status } = await cluster.executions.reaches('unsampled', 'Completed');
    const after = await cluster.executions.reaches('sampled-after', 'Completed');
    await collector.trace(after.status.traceID ?? '', ['execute default']);

    expect(status.traceID).toBe('c'.repeat(32));
    expect(collector.spans.filter(({ traceID }) => traceID === status.traceID)).toEqual([]);
  });
});

describe('a script', () => {
  test('can pass its spans off as those of no other trace, namespace or service', async () => {
    const forged = `00-${'f'.repeat(32)}-${'f'.repeat(16)}-01`;
    const source = `export default async () => {
      const span = tracing.getActiveSpan();
      const refused = [];
      for (const name of ["service.name", "k8s.namespace.name", "copepod.tenant.id", "telemetry.sdk.name"]) {
        try { span.setAttribute(name, "other") } catch (error) { refused.push(error.message) }
      }
      span.setAttribute("trace_id", "${'f'.repeat(32)}");
      const own = ${fetching('/own/b', { traceparent: forged, tracestate: 'a=1' })};
      const other = ${fetching('/other/b')};
      return { refused, own: own.traceparent, state: own.tracestate, other: other.traceparent };
    }`;
    const claimed = { tenant: { id: 'globex' }, user: { id: 'k8s.namespace.name' } };
    await cluster.executions.create('forging', { source, context: claimed });
    const { status } = await cluster.executions.reaches('forging', 'Completed');
    const spans = await collector.trace(status.traceID ?? '', ['execute default']);

    expect(status.result).toEqual({
      refused: ['service.name', 'k8s.namespace.name', 'copepod.tenant.id', 'telemetry.sdk.name'].map(
        (name) => `attributes of that name are set by the platform: ${name}`,
      ),
      own: expect.stringMatching(`^00-${status.traceID}-[0-9a-f]{16}-01$`),
    });
    for (const { attributes, resource } of spans) {
      expect(attributes['k8s.namespace.name']).toBe(cluster.namespace);
      expect(['copepod-operator', 'copepod-runtime']).toContain(resource['service.name']);
    }
    expect(collector.spans.filter(({ traceID }) => traceID.startsWith('ffff'))).toEqual([]);
  });
});
