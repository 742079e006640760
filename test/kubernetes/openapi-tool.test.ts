import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type ExecutionOutcome, GivenValues, type Runtime } from '../../src/index.ts';
import { specTools } from '../../src/runtime/tools/spec-tools.ts';
import { TestClient } from '../api-server/client.ts';
import { currentConnection } from '../api-server/connection.ts';

const api = new TestClient();
let namespace: string;
let runtime: Runtime;

/** A document that is not made for us: the API server's own, of the core API, with all that it takes from any client. */
beforeAll(async () => {
  namespace = await api.namespace('openapi');
  const { url, token, certificateAuthority } = currentConnection();
  const { hostname, port } = new URL(url);
  const values = new GivenValues({ secrets: { admin: { token } } });
  const openAPI = { url: `${url}/openapi/v3/api/v1`, baseURL: url };
  runtime = createRuntime({
    pool: { size: 1 },
    limits: { timeoutMs: 60_000 },
    values,
    tools: specTools([{ name: 'kube', openAPI, functions: ['*CoreV1Namespace', '*CoreV1Namespaced*'] }], values),
    egress: {
      ca: certificateAuthority,
      rules: [
        {
          hosts: [hostname],
          ports: [Number(port)],
          tools: ['kube'],
          headers: [
            { name: 'Authorization', valueFrom: { prefix: 'Bearer ', secretKeyRef: { name: 'admin', key: 'token' } } },
          ],
        },
      ],
    },
  });
  await runtime.ready();
}, 120_000);
afterAll(async () => {
  await runtime?.close();
  api.close();
});

const run = (source: string): Promise<ExecutionOutcome> => runtime.execute(source, { params: { namespace } });

describe('the operations of the API server’s own OpenAPI document', () => {
  test('make, read, list, change and delete an object', async () => {
    const { error, result } = await run(`
      const { namespace } = params;
      const body = { metadata: { name: 'a', labels: { of: 'test' } }, data: { key: 'value' } };
      await kube.createCoreV1NamespacedConfigMap({ namespace, body: { apiVersion: 'v1', kind: 'ConfigMap', ...body } });
      const read = await kube.readCoreV1NamespacedConfigMap({ namespace, name: 'a' });
      const list = await kube.listCoreV1NamespacedConfigMap({ namespace, labelSelector: 'of in (test)', limit: 5 });
      await kube.replaceCoreV1NamespacedConfigMap({ namespace, name: 'a', body: { ...read, data: { key: 'other' } } });
      const { data } = await kube.readCoreV1NamespacedConfigMap({ namespace, name: 'a' });
      const gone = await kube.deleteCoreV1NamespacedConfigMap({ namespace, name: 'a' });
      [read.data, list.items.map(({ metadata }) => metadata.name), data, gone.status]
    `);
    expect(error?.message).toBeUndefined();
    expect(result).toEqual([{ key: 'value' }, ['a'], { key: 'other' }, 'Success']);
  });

  test('fail with what the API server says', async () => {
    const { result } = await run(`
      try { await kube.readCoreV1NamespacedConfigMap({ namespace: params.namespace, name: 'none' }) }
      catch ({ code, data }) { [code, data.status, data.body.reason] }
    `);
    expect(result).toEqual(['HTTPError', 404, 'NotFound']);
  });

  test('are declared with their types', async () => {
    const types = await runtime.toolTypes('default', 1 << 20);
    expect(types).toContain('/** read the specified ConfigMap */\n  readCoreV1NamespacedConfigMap(input: {');
    expect(types).toContain('/** name of the ConfigMap */\n    name: string;');
    expect(runtime.toolProblems()).toEqual([]);
  });
});
