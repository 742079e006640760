import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';

let silent: Server;
let cluster: Cluster;

beforeAll(async () => {
  // Takes requests and answers none.
  silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  cluster = await Cluster.create();
  const operator = await cluster.startOperator();
  await operator.leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod();
  await operator.end();
  await cluster.forgetLeader();
}, 120_000);
afterAll(async () => {
  await cluster?.close();
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

const NAMES = Array.from({ length: 8 }, (_, index) => `run-${index}`);

describe.each([
  ['away', 'failed', () => 'http://127.0.0.1:9'],
  ['that never answers', 'dropped', () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`],
])('a collector %s', (what, result, endpoint) => {
  test(`holds no execution, and its spans are counted as ${result}`, async () => {
    const operator = await cluster.startOperator({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
        OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
        OTEL_BSP_SCHEDULE_DELAY: '10',
        OTEL_BSP_MAX_QUEUE_SIZE: '4',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      },
    });
    await operator.leads();
    const prefix = what.slice(0, 4).trim();
    for (const name of NAMES) await cluster.executions.create(`${prefix}-${name}`, { source: '1' });

    for (const name of NAMES) await cluster.executions.reaches(`${prefix}-${name}`, 'Completed');
    await eventually(async () => {
      expect((await operator.metrics()).sum('copepod_operator_spans_total', { result })).toBeGreaterThan(0);
    });
    expect((await operator.metrics()).sum('copepod_operator_spans_total', { result: 'exported' })).toBe(0);
    if (result === 'failed') await operator.logged('traces could not be sent');
    expect(await operator.end()).toBe(0);
    await cluster.forgetLeader();
  });
});
