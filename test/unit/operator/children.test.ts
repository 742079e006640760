import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../src/api/defaults.ts';
import type { ScriptRuntimeSpec } from '../../../src/api/types.generated.ts';
import { type Child, childrenOf, type PodDefaults } from '../../../src/operator/runtimes/children.ts';

const DEFAULTS: PodDefaults = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
};

function children(spec: Partial<ScriptRuntimeSpec> = {}, replicas = 2): Map<string, Child> {
  const made = defaultRuntime('web', 'acme');
  const runtime = { ...made, metadata: { ...made.metadata, uid: 'uid-1' }, spec: { ...made.spec, ...spec } };
  return new Map(childrenOf(runtime, replicas, DEFAULTS).map((child) => [child.kind ?? '', child]));
}

interface PodSpec {
  containers: { image: string; env: { name: string; value?: string }[]; resources: Record<string, unknown> }[];
  [field: string]: unknown;
}
function podSpec(spec: Partial<ScriptRuntimeSpec> = {}): PodSpec {
  const deployment = children(spec).get('Deployment') as { spec?: { template: { spec: PodSpec } } };
  return deployment.spec?.template.spec as PodSpec;
}

test('a runtime owns four objects with its name, and is their controller', () => {
  const all = [...children().values()];
  expect(all.map(({ kind }) => kind)).toEqual(['NetworkPolicy', 'ServiceAccount', 'Deployment', 'PodDisruptionBudget']);
  for (const { metadata } of all) {
    expect(metadata).toMatchObject({
      name: 'copepod-web',
      namespace: 'acme',
      labels: { 'copepod.dev/runtime': 'web' },
    });
    expect(metadata.ownerReferences).toEqual([expect.objectContaining({ uid: 'uid-1', controller: true })]);
  }
});

test('the objects are a function of the runtime', () => {
  expect(children()).toEqual(children());
});

describe('its pods', () => {
  test('have no token, no privilege escalation and a read-only file system', () => {
    expect(children().get('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(podSpec()).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  test('have no egress, and ingress from the operator and scrapers only', () => {
    expect(children().get('NetworkPolicy')).toMatchObject({
      spec: {
        policyTypes: ['Ingress', 'Egress'],
        egress: [],
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'copepod-system' } } },
              {
                namespaceSelector: {
                  matchExpressions: [
                    { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['copepod-system'] },
                  ],
                },
                podSelector: { matchLabels: { 'copepod.dev/scraper': 'true' } },
              },
            ],
          },
        ],
      },
    });
  });

  test.each<[string, Partial<ScriptRuntimeSpec>, number, string]>([
    ['30 s by default', {}, 60, '58'],
    ['the configured timeout', { limits: { ...defaultRuntime('web', 'acme').spec.limits, timeout: '2m' } }, 150, '148'],
  ])('may drain for the longest script plus 30 s: %s', (_, spec, graceSeconds, told) => {
    expect(podSpec(spec).terminationGracePeriodSeconds).toBe(graceSeconds);
    expect(podSpec(spec).containers[0]?.env).toContainEqual({ name: 'COPEPOD_GRACE_SECONDS', value: told });
  });

  test.each<[string, Partial<ScriptRuntimeSpec>, string]>([
    ['the operator’s own image', {}, 'copepod:1'],
    ['the runtime’s image', { image: 'mine:2' }, 'mine:2'],
  ])('run %s', (_, spec, image) => {
    expect(podSpec(spec).containers[0]?.image).toBe(image);
  });

  test('have memory for every VM at its limit by default', () => {
    expect(podSpec().containers[0]?.resources).toMatchObject({ limits: { memory: '1664Mi' } });
    const resources = { limits: { memory: '1Gi' } };
    expect(podSpec({ template: { resources } }).containers[0]?.resources).toEqual(resources);
  });

  test('are scheduled by the template, and its labels do not override the operator’s', () => {
    const template = {
      nodeSelector: { pool: 'sandbox' },
      metadata: { labels: { team: 'a', 'copepod.dev/runtime': 'x' } },
    };
    expect(podSpec({ template }).nodeSelector).toEqual({ pool: 'sandbox' });
    expect(podSpec({ template })).not.toHaveProperty('metadata');
    expect(children({ template }).get('Deployment')).toMatchObject({
      spec: { template: { metadata: { labels: { team: 'a', 'copepod.dev/runtime': 'web' } } } },
    });
  });
});
