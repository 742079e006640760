import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiError, type KubeObject } from '../../api-server/client.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterAll(() => cluster?.close());

const KINDS = {
  NetworkPolicy: 'networking.k8s.io/v1',
  ServiceAccount: 'v1',
  Deployment: 'apps/v1',
  PodDisruptionBudget: 'policy/v1',
} as const;
type Kind = keyof typeof KINDS;

const childOf = (kind: Kind, runtime: string): KubeObject => ({
  apiVersion: KINDS[kind],
  kind,
  metadata: { name: `copepod-${runtime}`, namespace: cluster.namespace },
});

async function find(
  kind: Kind,
  runtime: string,
): Promise<(KubeObject & { spec?: Record<string, unknown> }) | undefined> {
  return await cluster.api.get(childOf(kind, runtime)).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  });
}

async function patch(kind: Kind, runtime: string, change: object): Promise<void> {
  const path = await cluster.api.pathOf(childOf(kind, runtime));
  await cluster.api.request('PATCH', path, change, 'application/merge-patch+json');
}

async function says(runtime: string, type: string, reason: string, message: RegExp): Promise<void> {
  await eventually(async () => {
    const { status } = await cluster.getRuntime(runtime);
    const condition = status.conditions?.find((each) => each.type === type);
    expect(`${condition?.reason}: ${condition?.message}`).toMatch(new RegExp(`^${reason}: .*${message.source}`, 's'));
  });
}

const NETWORK_POLICY = { kind: 'NetworkPolicy', spec: { podSelector: {}, policyTypes: ['Ingress'] } } as const;
const labels = { app: 'probe' };
const DEPLOYMENT = {
  kind: 'Deployment',
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'probe' }] } },
  },
} as const;

/** A rule of admission in the namespace of the test, for as long as the function takes. */
async function whileForbidden(resource: string, group: string, run: () => Promise<void>): Promise<void> {
  const name = `no-${resource}-${cluster.namespace}`;
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
  };
  const binding = { ...policy, kind: 'ValidatingAdmissionPolicyBinding' };
  await cluster.api.apply({
    ...policy,
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: [resource] },
        ],
      },
      validations: [{ expression: 'false', message: `no ${resource} here` }],
    },
  });
  const match = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } } };
  await cluster.api.apply({
    ...binding,
    spec: { policyName: name, validationActions: ['Deny'], matchResources: match },
  });
  try {
    // A policy is in force a moment after it is made.
    const probe = resource === 'networkpolicies' ? NETWORK_POLICY : DEPLOYMENT;
    const object = { ...childOf(probe.kind, 'probe'), spec: probe.spec };
    await eventually(async () => {
      await expect(cluster.api.apply(object, { dryRun: true })).rejects.toThrow(`no ${resource} here`);
    });
    await run();
  } finally {
    for (const object of [binding, policy]) await cluster.api.request('DELETE', await cluster.api.pathOf(object));
  }
}

describe('a NetworkPolicy that is not admitted', () => {
  test('is named; every other child is made, and no pod is used before it is there', async () => {
    await whileForbidden('networkpolicies', 'networking.k8s.io', async () => {
      await cluster.makeRuntime('open', { pool: { size: 1 } });
      await eventually(async () => {
        expect(await find('PodDisruptionBudget', 'open')).toBeDefined();
        expect(await find('Deployment', 'open')).toBeDefined();
      });
      await cluster.startPod('open');
      await cluster.executions.create('guarded', { runtimeRef: { name: 'open' }, source: '1' });
      await cluster.executions.reaches('guarded', 'RuntimeNotReady');
      await says('open', 'Ready', 'Invalid\\w+|Forbidden', /NetworkPolicy: .*no networkpolicies here.*No pod is used/);
    });
    await cluster.executions.reaches('guarded', 'Completed');
    expect(await find('NetworkPolicy', 'open')).toBeDefined();
  });
});

describe('a template that is refused', () => {
  test('keeps neither the NetworkPolicy from coming back nor the Deployment from being scaled', async () => {
    await cluster.makeRuntime('web', { replicas: 2 });
    await eventually(async () => expect(await find('NetworkPolicy', 'web')).toBeDefined());
    const required = { nodeSelectorTerms: [{ unheardOf: 1 }] };
    const template = { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
    await cluster.makeRuntime('web', { replicas: 2, template });
    await says(
      'web',
      'Stalled',
      'InvalidTemplate',
      /Deployment: .*nodeSelectorTerms\[0\]\.unheardOf: field not declared in schema/,
    );

    await cluster.api.request('DELETE', await cluster.api.pathOf(childOf('NetworkPolicy', 'web')));
    await cluster.makeRuntime('web', { replicas: 0, template });
    await eventually(async () => {
      expect(await find('NetworkPolicy', 'web')).toBeDefined();
      expect((await find('Deployment', 'web'))?.spec?.replicas).toBe(0);
    });
  });

  test('is told in the API server’s words where our own schema cannot say what is wrong', async () => {
    const labelSelector = { matchExpressions: [{ key: 'app', operator: 'In', values: [1] }] };
    const required = [{ topologyKey: 'zone', labelSelector }];
    const template = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
    await cluster.makeRuntime('number', { template });
    await says('number', 'Stalled', 'InvalidTemplate', /Deployment: .*values.*expected string/);
  });

  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
  const numbered = [{ topologyKey: 'zone', labelSelector: { matchLabels: { app: 1 } } }];
  test.each<[string, object, RegExp]>([
    ['an unknown field', { affinity: { nodeAffinity: { unheardOf: 1 } } }, /unknown field|field not declared/],
    [
      'a number for a label',
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: numbered } } },
      /must be of type string|expected string/,
    ],
    ['a Secret twice', { imagePullSecrets: [{ name: 'a' }, { name: 'a' }] }, /[dD]uplicate/],
    ['a constraint twice', { topologySpreadConstraints: [spread, spread] }, /[dD]uplicate/],
  ])('is refused before it is stored where our own schema can say: %s', async (_, template, message) => {
    await expect(cluster.makeRuntime('refused', { template })).rejects.toThrow(message);
  });
});

test('where the Deployment may not be written, the status does not say that it was scaled to zero', async () => {
  await cluster.makeRuntime('stuck');
  await eventually(async () => expect(await find('Deployment', 'stuck')).toBeDefined());
  await whileForbidden('deployments', 'apps', async () => {
    await cluster.makeRuntime('stuck', { replicas: 0 });
    await says('stuck', 'Stalled', 'Invalid\\w+|Forbidden', /no deployments here/);
    const { status } = await cluster.getRuntime('stuck');
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.reason).not.toBe('ScaledToZero');
  });
  await says('stuck', 'Ready', 'ScaledToZero', /zero/);
});

test('a Deployment that is paused is named', async () => {
  await cluster.makeRuntime('paused');
  await eventually(async () => expect(await find('Deployment', 'paused')).toBeDefined());
  await patch('Deployment', 'paused', { spec: { paused: true } });
  await says('paused', 'Stalled', 'DeploymentPaused', /"copepod-paused" is paused.*kubectl rollout resume/);
});

test('a change that is made again after each write is named, and not written without end', async () => {
  await cluster.makeRuntime('fought');
  await eventually(async () => expect(await find('PodDisruptionBudget', 'fought')).toBeDefined());
  let writes = 0;
  for (let index = 0; index < 200; index += 1) {
    const budget = await find('PodDisruptionBudget', 'fought');
    if (budget?.spec?.maxUnavailable === 1) {
      writes += 1;
      await patch('PodDisruptionBudget', 'fought', { spec: { maxUnavailable: 7 } });
    }
  }
  await says(
    'fought',
    'Reconciling',
    'Overwritten',
    /PodDisruptionBudget: Another client changes spec\.maxUnavailable/,
  );
  expect(writes).toBeLessThan(10);
});

test('a webhook that does not answer reaches the status', async () => {
  const metadata = { name: `down-${cluster.namespace}` };
  const webhooks = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata,
    webhooks: [
      {
        name: 'down.example.org',
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: ['policy'], apiVersions: ['*'], operations: ['*'], resources: ['poddisruptionbudgets'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 1,
      },
    ],
  };
  await cluster.api.apply(webhooks);
  await cluster.makeRuntime('hooked');
  await says('hooked', 'Reconciling', 'ApplyFailed', /PodDisruptionBudget: .*down\.example\.org/);
  expect(await find('Deployment', 'hooked')).toBeDefined();
  await cluster.api.request('DELETE', await cluster.api.pathOf(webhooks));
  await eventually(async () => expect(await find('PodDisruptionBudget', 'hooked')).toBeDefined(), 40_000);
}, 60_000);

test('a runtime that is being deleted says so', async () => {
  await cluster.makeRuntime('leaving');
  const path = await cluster.api.pathOf({
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptRuntime',
    metadata: { name: 'leaving', namespace: cluster.namespace },
  });
  await cluster.api.request('DELETE', `${path}?propagationPolicy=Foreground`);
  await says('leaving', 'Ready', 'Deleting', /no more executions/);
  await cluster.executions.create('late', { runtimeRef: { name: 'leaving' }, source: '1' });
  await cluster.executions.reaches('late', 'RuntimeNotFound');
});
