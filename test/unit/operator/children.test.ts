import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../src/api/defaults.ts';
import type { EgressRule, ScriptRuntimeSpec } from '../../../src/api/types.generated.ts';
import { type Child, childrenOf } from '../../../src/operator/runtimes/children.ts';
import type { PodDefaults } from '../../../src/operator/runtimes/pod-defaults.ts';

const DEFAULTS: PodDefaults = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  gatewayPublicKey: '{}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
};

function children(spec: Partial<ScriptRuntimeSpec> = {}, replicas = 2, defaults = DEFAULTS): Map<string, Child> {
  const made = defaultRuntime('web', 'acme');
  const runtime = { ...made, metadata: { ...made.metadata, uid: 'uid-1' }, spec: { ...made.spec, ...spec } };
  return new Map(childrenOf(runtime, replicas, defaults).map((child) => [child.kind ?? '', child]));
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
              ...['operator', 'gateway'].map((component) => ({
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'copepod-system' } },
                podSelector: { matchLabels: { 'app.kubernetes.io/component': component } },
              })),
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

describe('egress of the pods', () => {
  const egressOf = (...egress: Partial<EgressRule>[]): { to: { ipBlock?: { cidr: string } }[]; ports: object[] }[] => {
    const rules = egress.map((rule): EgressRule => ({ hosts: ['api.example.com'], schemes: ['https'], ...rule }));
    return (children({ egress: rules }).get('NetworkPolicy') as { spec?: { egress: never } }).spec?.egress ?? [];
  };
  const cidrs = (peers: { to: { ipBlock?: { cidr: string } }[] } | undefined) =>
    peers?.to.map(({ ipBlock }) => ipBlock?.cidr);

  test('is that of their rules, in the configuration of the pods too', () => {
    const rules: EgressRule[] = [{ hosts: ['10.0.0.0/8'], schemes: ['http'] }];
    const [config] =
      podSpec({ egress: rules }).containers[0]?.env.filter(({ name }) => name === 'COPEPOD_RUNTIME_CONFIG') ?? [];
    expect(JSON.parse(config?.value ?? '')).toMatchObject({ egress: rules });
  });

  test('of a name are DNS and all public addresses, at the ports of the rule', () => {
    const [dns, api] = egressOf({ ports: [443, 8443] });
    expect(dns?.ports).toEqual([
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ]);
    expect(cidrs(api)).toEqual(['0.0.0.0/0', '::/0']);
    expect(api?.to[0]).toMatchObject({
      ipBlock: {
        except: expect.arrayContaining(['10.0.0.0/8', '127.0.0.0/8', '169.254.169.254/32', '192.168.0.0/16']),
      },
    });
    expect(api?.ports).toEqual([
      { port: 443, protocol: 'TCP' },
      { port: 8443, protocol: 'TCP' },
    ]);
  });

  test.each<[string, Record<string, string>, object[]]>([
    ['a name is its port, at all addresses', { HTTPS_PROXY: 'http://proxy.example:3128' }, [{ ports: [3128] }]],
    ['an address is that', { HTTPS_PROXY: 'http://10.0.0.9' }, [{ to: '10.0.0.9/32', ports: [80] }]],
    ['an IPv6 address is that', { HTTP_PROXY: 'https://[fd00::9]' }, [{ to: 'fd00::9/128', ports: [443] }]],
    [
      'one URL for both is opened once',
      { HTTPS_PROXY: 'http://10.0.0.9:1', HTTP_PROXY: 'http://10.0.0.9:1' },
      [{ to: '10.0.0.9/32', ports: [1] }],
    ],
  ])('through a proxy: %s', (_, proxies, expected) => {
    const defaults = { ...DEFAULTS, proxies: { ...proxies, NO_PROXY: '.svc' } };
    const egress: EgressRule[] = [{ hosts: ['10.1.2.3'], schemes: ['https'] }];
    const all = children({ egress }, 2, defaults);
    const { spec } = all.get('NetworkPolicy') as {
      spec?: { egress: { to?: { ipBlock: { cidr: string } }[]; ports: { port: number }[] }[] };
    };
    const found = spec?.egress.map(({ to, ports }) => ({
      ...(to === undefined ? {} : { to: to[0]?.ipBlock?.cidr }),
      ports: ports.map(({ port }) => port),
    }));
    expect(found?.slice(-expected.length)).toEqual(expected);
    const pod = (all.get('Deployment') as { spec?: { template: { spec: PodSpec } } }).spec?.template.spec;
    expect(pod?.containers[0]?.env.slice(-1)).toEqual([{ name: 'NO_PROXY', value: '.svc' }]);
    expect((children({}, 2, defaults).get('NetworkPolicy') as { spec?: { egress: object[] } }).spec?.egress).toEqual(
      [],
    );
  });

  test.each<[string, Partial<EgressRule>, string[], number[]]>([
    ['an IP address', { hosts: ['10.1.2.3'] }, ['10.1.2.3/32'], [443]],
    ['an IPv6 address', { hosts: ['fd00::1'] }, ['fd00::1/128'], [443]],
    ['a CIDR, without TLS', { hosts: ['10.0.0.0/8'], schemes: ['http'] }, ['10.0.0.0/8'], [80]],
    ['both schemes', { hosts: ['10.0.0.0/8'], schemes: ['https', 'http'] }, ['10.0.0.0/8'], [443, 80]],
  ])('of %s is that alone, without DNS', (_, rule, expected, ports) => {
    const found = egressOf(rule);
    expect(found).toHaveLength(1);
    expect(cidrs(found[0])).toEqual(expected);
    expect(found[0]?.ports).toEqual(ports.map((port) => ({ port, protocol: 'TCP' })));
  });

  test('of a name with an address are the public addresses and that one', () => {
    expect(cidrs(egressOf({ hosts: ['orders.shop.svc', '10.96.0.0/12'] })[1])).toEqual([
      '0.0.0.0/0',
      '::/0',
      '10.96.0.0/12',
    ]);
  });
});

describe('the values that env refers to', () => {
  const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } });
  const env = [
    { name: 'A', valueFrom: secret('crm', 'token') },
    { name: 'B', valueFrom: secret('crm', 'user'), tenants: ['acme'] },
    { name: 'C', valueFrom: { configMapKeyRef: { name: 'crm', key: 'url' } } },
    { name: 'D', valueFrom: { secretKeyRef: { name: 'crm', key: 'token', optional: true } } },
    { name: 'E', value: 'plain' },
  ];
  const { volumes, containers } = podSpec({ env }) as never as {
    volumes: unknown;
    containers: [{ volumeMounts: unknown; env: { name: string; value?: string }[] }];
  };

  test('are one volume of the referenced keys alone, so that all are replaced at once; none keeps a pod from starting', () => {
    expect(volumes).toEqual([
      {
        name: 'values',
        projected: {
          defaultMode: 0o444,
          sources: [
            {
              secret: {
                name: 'crm',
                items: [
                  { key: 'token', path: 'secrets/crm/token' },
                  { key: 'user', path: 'secrets/crm/user' },
                ],
                optional: true,
              },
            },
            { configMap: { name: 'crm', items: [{ key: 'url', path: 'configmaps/crm/url' }], optional: true } },
          ],
        },
      },
    ]);
    expect(containers[0].volumeMounts).toEqual([
      { name: 'values', mountPath: '/var/run/copepod/values', readOnly: true },
    ]);
  });

  test('are known to the pod, which gets other variables with each run', () => {
    const config = JSON.parse(containers[0].env.find(({ name }) => name === 'COPEPOD_RUNTIME_CONFIG')?.value ?? '');
    expect(config.env).toEqual(
      [0, 1, 2, 3].map((index) => ({ name: env[index]?.name, valueFrom: env[index]?.valueFrom })),
    );
  });

  test('are no volume where nothing is referred to: a changed plain value restarts no pod', () => {
    expect(podSpec({ env: [{ name: 'E', value: 'other' }] })).toEqual(podSpec());
    expect(podSpec()).toMatchObject({ volumes: [], containers: [{ volumeMounts: [] }] });
  });
});
