import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';
import { currentConnection } from '../api-server/connection.ts';
import { ROOT } from '../integration/support/cli.ts';
import { eventually } from '../support/until.ts';
import { makeUser } from './kubectl/support/user.ts';
import { Cluster } from './operator/support/cluster.ts';

const LABEL = 'copepod.dev/test-created-by';

let cluster: Cluster;
let ann: TestClient;
let bob: TestClient;
let annsName: string;
const policies: KubeObject[] = [];

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod();
  const { api, namespace } = cluster;
  const [annsToken, bobsToken] = [
    await makeUser(api, namespace, 'copepod-edit'),
    await makeUser(api, namespace, 'copepod-edit'),
  ];
  ann = new TestClient({ ...currentConnection(), token: annsToken });
  bob = new TestClient({ ...currentConnection(), token: bobsToken });
  annsName = userOf(annsToken);
  await installPolicies();
}, 120_000);

afterAll(async () => {
  for (const policy of policies) await cluster.api.request('DELETE', await cluster.api.pathOf(policy));
  for (const client of [ann, bob]) client?.close();
  await cluster?.close();
});

/** The policies of deploy/policies, for the namespace of this test alone: other tests use the same API server. */
async function installPolicies(): Promise<void> {
  const { api, namespace, ownNamespace } = cluster;
  await api.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { [LABEL]: namespace } },
  });
  for (const file of ['stamp-created-by.yaml', 'keep-created-by.yaml']) {
    const text = readFileSync(join(ROOT, 'deploy/policies', file), 'utf8').replaceAll('copepod-system', ownNamespace);
    for (const document of parseAllDocuments(text)) {
      const policy = document.toJS() as KubeObject & { spec: { policyName?: string; matchResources?: object } };
      policy.metadata.name += `-${namespace}`;
      if (policy.spec.policyName !== undefined) {
        policy.spec.policyName += `-${namespace}`;
        policy.spec.matchResources = { namespaceSelector: { matchLabels: { [LABEL]: namespace } } };
      }
      await api.apply(policy);
      policies.unshift(policy);
    }
  }
  // Policies take effect a moment after they are written: each kind is tried until it does what it is there for.
  await eventually(async () => {
    const made = await write(ann, 'POST', executionsPath('?dryRun=All'), execution('trial', { source: '1' }));
    expect(createdBy(made)).toBe(annsName);
    const scheduled = await write(ann, 'POST', schedulesPath('?dryRun=All'), schedule('trial'));
    expect(JSON.stringify(scheduled)).toContain(annsName);
  });
  await write(ann, 'POST', executionsPath(), execution('trial', { source: '1', suspend: true }));
  await write(ann, 'POST', schedulesPath(), schedule('trial'));
  await eventually(async () => {
    await expect(merge(bob, executionsPath('/trial?dryRun=All'), { spec: { source: '2' } })).rejects.toThrow('only');
    await expect(merge(bob, schedulesPath('/trial?dryRun=All'), OTHER_SCRIPT)).rejects.toThrow('only');
  });
}

const OTHER_SCRIPT = { spec: { executionTemplate: { spec: { source: '2' } } } };

const base = (): string => `/apis/copepod.dev/v1alpha1/namespaces/${cluster.namespace}`;
const executionsPath = (rest = ''): string => `${base()}/scriptexecutions${rest}`;
const schedulesPath = (rest = ''): string => `${base()}/scriptschedules${rest}`;

const object = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind,
  metadata: { name, namespace: cluster.namespace },
  spec,
});
const execution = (name: string, spec: object): KubeObject => object('ScriptExecution', name, spec);
const schedule = (name: string, spec: object = {}): KubeObject =>
  object('ScriptSchedule', name, {
    schedule: '0 0 1 1 *',
    executionTemplate: { spec: { source: 'context.execution.createdBy', ...spec } },
  });

const write = (client: TestClient, method: string, path: string, body: object): Promise<KubeObject> =>
  client.request(method, path, body);
const merge = (client: TestClient, path: string, change: object): Promise<KubeObject> =>
  client.request('PATCH', path, change, 'application/merge-patch+json');

const createdBy = (made: KubeObject): string | undefined =>
  (made as unknown as ScriptExecution).spec.context?.execution?.createdBy;

/** The user name in a service account's token. */
const userOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;

describe('with the policies of deploy/policies', () => {
  test('a script sees who created its execution, whatever the object said', async () => {
    const context = { tenant: { id: 'a' }, execution: { type: 'http', createdBy: 'root' } };
    const source = '[context.tenant.id, context.execution.type, context.execution.createdBy]';
    await write(ann, 'POST', executionsPath(), execution('mine', { source, context, params: { kept: null } }));
    const { spec, status } = await cluster.executions.reaches('mine', 'Completed');
    expect(status.result).toEqual(['a', 'http', annsName]);
    expect(spec.params).toEqual({ kept: null });
  });

  test('the name stays at every way of writing, also those that would drop it', async () => {
    const context = { tenant: { id: 'a' } };
    await ann.apply(execution('kept', { source: '1', context, suspend: true }));
    expect(createdBy(await ann.apply(execution('kept', { source: '2', suspend: true })))).toBe(annsName);
    const { metadata } = await ann.get(execution('kept', {}));
    const replacement = execution('kept', { source: '3', suspend: true });
    replacement.metadata.resourceVersion = metadata.resourceVersion ?? '';
    expect(createdBy(await write(ann, 'PUT', executionsPath('/kept'), replacement))).toBe(annsName);
    const claim = { spec: { context: { execution: { createdBy: 'root' } } } };
    expect(createdBy(await merge(ann, executionsPath('/kept'), claim))).toBe(annsName);
  });

  test('another user changes nothing of what is run, and may cancel, resume and rerun it', async () => {
    await write(
      ann,
      'POST',
      executionsPath(),
      execution('anns', { source: 'context.execution.createdBy', suspend: true }),
    );
    const only = `only "${annsName}", who created it, may change what it runs`;
    for (const spec of [
      { source: '2' },
      { params: { a: 1 } },
      { language: 'TypeScript' },
      { runtimeRef: { name: 'other' } },
      { env: [{ name: 'A', value: 'b' }] },
      { limits: { timeout: '1s' } },
      { context: { user: { id: 'root' } } },
      { source: null, sourceFrom: { configMapKeyRef: { name: 'a', key: 'b' } } },
    ]) {
      await expect(merge(bob, executionsPath('/anns'), { spec })).rejects.toThrow(only);
    }
    await merge(bob, executionsPath('/anns'), { spec: { suspend: false, priority: 1 } });
    await cluster.executions.reaches('anns', 'Completed');
    await merge(bob, executionsPath('/anns'), { spec: { rerunToken: 'again' } });
    await eventually(async () => {
      const { status } = await cluster.executions.get('anns');
      expect(status).toMatchObject({ run: 2, result: annsName });
    });
  });

  test('executions of a schedule have the name of the user who created the schedule', async () => {
    await write(ann, 'POST', schedulesPath(), schedule('nightly'));
    await expect(merge(bob, schedulesPath('/nightly'), OTHER_SCRIPT)).rejects.toThrow(
      'may change its executionTemplate',
    );
    await merge(bob, schedulesPath('/nightly'), { metadata: { annotations: { 'copepod.dev/trigger': 'now' } } });
    await eventually(async () => {
      const started = (await cluster.executions.list()).find(({ metadata }) => metadata.name.startsWith('nightly-'));
      expect(started?.status.result).toBe(annsName);
    });
  });

  test('an execution that was there before them stays without a name, and can be changed', async () => {
    const { api, namespace } = cluster;
    const labels = { [LABEL]: 'not-yet' };
    const unbound = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    await api.apply(unbound);
    // Labels of namespaces reach the policies a moment later.
    await eventually(async () => {
      const made = await write(ann, 'POST', executionsPath('?dryRun=All'), execution('old', { source: '1' }));
      expect(createdBy(made)).toBeUndefined();
    });
    await write(ann, 'POST', executionsPath(), execution('old', { source: '1', suspend: true }));
    await api.apply({ ...unbound, metadata: { name: namespace, labels: { [LABEL]: namespace } } });
    await eventually(async () => {
      const made = await write(ann, 'POST', executionsPath('?dryRun=All'), execution('new', { source: '1' }));
      expect(createdBy(made)).toBe(annsName);
    });
    const changed = await merge(bob, executionsPath('/old'), { spec: { source: '2' } });
    expect(createdBy(changed)).toBeUndefined();
    const claim = { spec: { context: { execution: { createdBy: 'root' } } } };
    await expect(merge(ann, executionsPath('/old'), claim)).rejects.toThrow('createdBy must not change');
  });
});
