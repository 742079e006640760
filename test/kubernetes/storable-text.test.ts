import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { storableText } from '../../src/api/text.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';

const root = new URL('../../', import.meta.url);
const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  for (const file of globSync('crds/*.yaml', { cwd: root.pathname })) {
    await api.establish(parse(readFileSync(new URL(file, root), 'utf8')) as KubeObject);
  }
  namespace = await api.namespace('storable');
});
afterAll(() => api.close());

const TEXT = 'a\0b \u0001\u001b\u007f\u0085\u2028\u202e\ufeff\ufffd\uffff 😀';

test('the API server keeps every text that is storable, NUL among it: in sources, parameters, results, logs and messages', async () => {
  const object: KubeObject = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptExecution',
    metadata: { name: 'odd', namespace },
    spec: { source: `"${TEXT}"`, params: { [TEXT]: TEXT } },
  };
  const item = await api.pathOf(object);
  const { spec } = await api.request('POST', item.slice(0, item.lastIndexOf('/')), object);
  expect(spec).toMatchObject({ source: `"${TEXT}"`, params: { [TEXT]: TEXT } });
  const time = '2026-01-01T00:00:00.000Z';
  const status = {
    result: { [TEXT]: [TEXT] },
    logs: [{ time, level: 'info', message: TEXT }],
    error: { type: 'RuntimeError', message: TEXT, retryable: false },
    conditions: [
      { type: 'Succeeded', status: 'False', reason: 'RuntimeError', message: TEXT, lastTransitionTime: time },
    ],
  };
  await api.request('PATCH', `${item}/status`, { status }, 'application/merge-patch+json');
  expect((await api.get(object)).status).toMatchObject(status);
  expect(storableText(TEXT)).toBe(TEXT);
});
