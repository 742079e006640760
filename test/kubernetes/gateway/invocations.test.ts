import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptEndpoint, ScriptEndpointStatusInvocations } from '../../../src/api/types.generated.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import type { OperatorProcess } from '../operator/support/operator-process.ts';
import { GatewayProcess } from './support/gateway-process.ts';

/** An endpoint's status is written for its counts every half minute. */
const WITHIN_MS = 90_000;

let cluster: Cluster;
let operator: OperatorProcess;
let gateways: GatewayProcess[] = [];

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await cluster.startOperator();
  await operator.leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod('default');
  gateways = await Promise.all([GatewayProcess.start(cluster), GatewayProcess.start(cluster)]);
}, 120_000);
afterAll(async () => {
  await Promise.all(gateways.map((each) => each.close()));
  await cluster?.close();
});

const object = () => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptEndpoint',
  metadata: { name: 'counted', namespace: cluster.namespace },
});

const read = async (): Promise<ScriptEndpoint> =>
  (await cluster.api.request('GET', await cluster.api.pathOf(object()))) as unknown as ScriptEndpoint;

/** Waits until the status has these counts, and never more. */
async function counted(expected: Partial<ScriptEndpointStatusInvocations>): Promise<ScriptEndpointStatusInvocations> {
  return await eventually(async () => {
    const { invocations } = (await read()).status;
    expect(invocations).toMatchObject(expected);
    return invocations as ScriptEndpointStatusInvocations;
  }, WITHIN_MS);
}

test('the status of an endpoint counts its requests at all gateways, each once, whoever leads and whichever gateway ends', async () => {
  await cluster.api.apply({
    ...object(),
    spec: {
      auth: { type: 'None' },
      methods: ['GET', 'PUT'],
      source: `export default ({ method }) => { if (method === 'PUT') throw new Error('no'); return new Response('', { status: 404 }); };`,
    },
  });
  const [a, b] = gateways as [GatewayProcess, GatewayProcess];
  const call = async (gateway: GatewayProcess, method = 'GET'): Promise<number> =>
    (await gateway.text(method, `/${cluster.namespace}/counted`, {})).code;
  for (const gateway of gateways)
    await eventually(async () =>
      expect(await gateway.text('TRACE', `/${cluster.namespace}/counted`, {})).toMatchObject({ code: 405 }),
    );
  const startedAt = Date.now();
  expect([await call(a), await call(a), await call(b), await call(b, 'PUT')]).toEqual([404, 404, 404, 500]);
  const first = await counted({ total: 4, succeeded: 3, failed: 1, cancelled: 0 });
  expect(Date.parse(first.lastTime ?? '')).toBeGreaterThanOrEqual(startedAt - 1000);
  expect(first.gateways).toHaveLength(2);
  // The requests that were to find out whether the gateways serve it.
  expect(first.refused).toBeGreaterThanOrEqual(2);

  // Nobody listens to these.
  await operator.end();
  expect([await call(a), await call(b)]).toEqual([404, 404]);
  operator = await cluster.startOperator();
  await operator.leads();
  await counted({ total: 6, succeeded: 5, failed: 1, refused: first.refused });

  // It tells the last ones as it ends.
  expect(await call(a)).toBe(404);
  await a.end();
  await counted({ total: 7, succeeded: 6, failed: 1, refused: first.refused });
}, 300_000);
