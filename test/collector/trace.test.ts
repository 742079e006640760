import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPage } from '../docs/support/pages.ts';
import { Cluster } from '../kubernetes/operator/support/cluster.ts';
import { applyTraced } from '../kubernetes/support/traced-execution.ts';
import { startUpstream } from '../opentelemetry/collector.ts';
import { type CollectedSpan, CollectorProcess, findCollector } from './collector-process.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let collector: CollectorProcess;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let cluster: Cluster;

beforeAll(async () => {
  findCollector();
  collector = await CollectorProcess.start();
  [upstream, cluster] = await Promise.all([startUpstream(), Cluster.create()]);
  await (await cluster.startOperator({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } })).leads();
  const egress = [
    { hosts: ['127.0.0.1'], schemes: ['http'], ports: [upstream.port], name: 'rates', traceContext: 'Propagate' },
  ];
  await cluster.makeRuntime('default', { pool: { size: 2 }, egress });
  await cluster.startPod();
}, 1_800_000); // the Collector may have to be built first
afterAll(async () => {
  await cluster?.close();
  await Promise.all([collector?.close(), upstream?.close()]);
});

/** A trace as docs/tracing.md shows it: a span a line, below the one that it is in, with its service and its milliseconds. */
function tree(spans: readonly CollectedSpan[], parentSpanID: string, depth = 0): string[] {
  return spans
    .filter((span) => span.parentSpanID === parentSpanID)
    .toSorted((one, other) => one.startMs - other.startMs)
    .flatMap((span) => {
      const name = `${'  '.repeat(depth)}${span.name}`.padEnd(28);
      const took = `${(span.endMs - span.startMs).toFixed(1)} ms`.padStart(9);
      return [
        `${name}${String(span.resource['service.name']).padEnd(18)}${took}`,
        ...tree(spans, span.spanID, depth + 1),
      ];
    });
}

const withoutTimes = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ +[\d.]+ ms$/, ''));

test('the Collector has the trace that docs/tracing.md shows, from kubectl apply to a fetch of the script', async () => {
  const source = `export default async () => {
    const rates = await tracing.enterSpan('load rates', async () => (await fetch('http://127.0.0.1:${upstream.port}/rates')).json());
    return { traceparent: rates.traceparent };
  }`;
  await applyTraced(cluster.namespace, `00-${TRACE}-${CALLER}-01`, source);
  const { status } = await cluster.executions.reaches('traced', 'Completed');
  const spans = await collector.trace(TRACE, ['execute default', 'GET']);

  const shown = readPage('docs/tracing.md').snippets.find(
    ({ notes }) => notes['tested by'] === 'test/collector/trace.test.ts',
  );
  const lines = tree(spans, CALLER);
  expect(withoutTimes(lines)).toEqual(withoutTimes(shown?.text.trimEnd().split('\n') ?? []));
  const request = spans.find(({ name }) => name === 'GET');
  expect(request?.attributes).toMatchObject({ 'http.response.status_code': 200, 'copepod.egress.rule': 'rates' });
  expect(status).toMatchObject({
    traceID: TRACE,
    result: { traceparent: `00-${TRACE}-${request?.spanID}-01` },
  });
});
