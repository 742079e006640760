import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../src/api/defaults.ts';
import { GATEWAY_SELECTOR } from '../../src/api/gateway-protocol.ts';
import { childrenOf } from '../../src/operator/runtimes/children.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';
import { type Access, accessTo, awaitAccess, discoverResources, person, serviceAccount } from './support/access.ts';
import { kustomize, objectsOf } from './support/kustomize.ts';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
}

/** An overlay as installed for the test: with a namespace and cluster-scoped names of its own. */
interface Installed {
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}

/** Permissions of the operator in the namespaces it watches. */
const WATCHED: Access = {
  'scriptruntimes.copepod.dev': 'get list watch',
  'scriptruntimes.copepod.dev/status': 'update',
  'scriptruntimes.copepod.dev/finalizers': 'update',
  'scriptexecutions.copepod.dev': 'get list watch create patch delete',
  'scriptexecutions.copepod.dev/status': 'update',
  'scriptschedules.copepod.dev': 'get list watch',
  'scriptschedules.copepod.dev/status': 'update',
  'scriptschedules.copepod.dev/finalizers': 'update',
  'scriptendpoints.copepod.dev': 'get list watch',
  'scriptendpoints.copepod.dev/status': 'update',
  'deployments.apps': 'get list watch create patch',
  serviceaccounts: 'get list watch create patch',
  'poddisruptionbudgets.policy': 'get list watch create patch',
  'networkpolicies.networking.k8s.io': 'get list watch create patch',
  pods: 'get list watch patch',
  configmaps: 'get list watch',
  namespaces: 'get',
  'events.events.k8s.io': 'create patch',
};
/** Permissions in its own namespace, on objects of any name. */
const OWN: Access = { 'leases.coordination.k8s.io': 'create', secrets: 'create', pods: 'get list watch' };
/** Permissions of every account: reviews of its own access. */
const EVERYBODY: Access = {
  'selfsubjectreviews.authentication.k8s.io': 'create',
  'selfsubjectaccessreviews.authorization.k8s.io': 'create',
  'selfsubjectrulesreviews.authorization.k8s.io': 'create',
};
/** Permissions of the gateway, in every namespace and in all together. */
const SERVED: Access = {
  'scriptruntimes.copepod.dev': 'get list watch',
  'scriptendpoints.copepod.dev': 'get list watch',
  'scriptexecutions.copepod.dev': 'create get',
  'scriptexecutions.copepod.dev/status': 'update',
  pods: 'get list watch',
  configmaps: 'get list watch',
  'networkpolicies.networking.k8s.io': 'get list watch',
  'tokenreviews.authentication.k8s.io': 'create',
  'subjectaccessreviews.authorization.k8s.io': 'create',
};
const READ = 'get list watch';
const WRITE = 'create update patch delete deletecollection';
const OVERLAYS = ['cluster', 'namespaced'] as const;
const CHOSEN = ['acme', 'globex'];

const api = new TestClient();
const installed = {} as Record<(typeof OVERLAYS)[number] | 'gateway', Installed>;
let resources: readonly string[];
let foreign: string;

beforeAll(async () => {
  for (const name of CHOSEN) await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  foreign = await api.namespace('foreign');
  for (const overlay of OVERLAYS) {
    installed[overlay] = rendered(overlay);
    for (const object of installed[overlay].objects) {
      if (object.kind === 'CustomResourceDefinition') await api.establish(object);
      else await api.apply(object);
    }
  }
  installed.gateway = renderedGateway(installed.cluster.namespace);
  for (const object of installed.gateway.objects) await api.apply(object);
  resources = await discoverResources(api);
}, 900_000); // kubectl may have to be built first
afterAll(() => api.close());

function rendered(overlay: string): Installed {
  const suffix = randomBytes(4).toString('hex');
  const namespace = `copepod-system-${suffix}`;
  const text = kustomize(`deploy/${overlay}`)
    .replaceAll('copepod-system', namespace)
    .replaceAll('copepod-operator-watch', `copepod-operator-watch-${suffix}`);
  return { namespace, objects: objectsOf(text) };
}

/** The gateway beside the operator of deploy/cluster. */
function renderedGateway(namespace: string): Installed {
  const text = kustomize('deploy/gateway').replaceAll('copepod-system', namespace);
  const objects = objectsOf(text);
  for (const object of objects) {
    // Cluster-scoped objects have a name of their own in each test run.
    const { roleRef } = object as { roleRef?: { name: string } };
    if (object.metadata.namespace !== undefined) continue;
    object.metadata.name = `copepod-gateway-${namespace}`;
    if (roleRef) roleRef.name = object.metadata.name;
  }
  return { namespace, objects };
}

function rulesOf({ objects }: Installed): { name: string; rules: readonly Rule[] }[] {
  const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  return roles.map(({ metadata: { name }, rules }) => ({ name, rules: rules as Rule[] }));
}

function podTemplate({ objects }: Installed): PodTemplate {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as { spec?: { template: PodTemplate } };
  return deployment.spec?.template as PodTemplate;
}

/** The union of both permission sets. */
function union(...all: readonly Access[]): Access {
  const verbs: Record<string, string> = {};
  for (const [resource, more] of all.flatMap((access) => Object.entries(access))) {
    const both = new Set([verbs[resource], more].filter(Boolean).join(' ').split(' '));
    verbs[resource] = [...both].join(' ');
  }
  return verbs;
}

/** In one order, for comparison. */
function sorted(access: Access): Record<string, string[]> {
  return Object.fromEntries(Object.entries(access).map(([resource, verbs]) => [resource, verbs.split(' ').sort()]));
}

describe.each(OVERLAYS)('deploy/%s', (overlay) => {
  test('is accepted by the API server, object by object, with strict validation', async () => {
    for (const object of installed[overlay].objects) await api.apply(object, { dryRun: true });
  });

  test('puts the operator into a namespace with Pod Security "restricted", which admits its pod', async () => {
    const { namespace } = installed[overlay];
    const pod = (spec: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'operator', namespace },
      spec,
    });
    const careless = pod({ containers: [{ name: 'main', image: 'copepod' }] });
    await expect(api.apply(careless, { dryRun: true })).rejects.toThrow('violates PodSecurity "restricted:latest"');
    await api.apply(pod(podTemplate(installed[overlay]).spec), { dryRun: true });
  });

  test('grants no wildcard permissions', () => {
    const roles = rulesOf(installed[overlay]);
    expect(roles.length).toBeGreaterThan(3);
    for (const { rules } of roles) expect(rules.flatMap((rule) => Object.values(rule).flat())).not.toContain('*');
  });

  test('labels the operator as the NetworkPolicies of runtimes expect', () => {
    const defaults = {
      image: 'copepod',
      publicKey: '',
      gatewayPublicKey: '{}',
      operatorNamespace: 'copepod-system',
      scraperNamespaces: [],
    };
    const policy = childrenOf(defaultRuntime('web', 'acme'), 1, defaults).find(({ kind }) => kind === 'NetworkPolicy');
    expect(policy).toMatchObject({
      spec: {
        ingress: [{ from: expect.arrayContaining([expect.objectContaining({ podSelector: selector(overlay) })]) }],
      },
    });
  });
});

function selector(overlay: (typeof OVERLAYS)[number]): object {
  return { matchLabels: podTemplate(installed[overlay]).metadata.labels };
}

describe("the operator's account", () => {
  const everywhere = union(WATCHED);
  test.each<[(typeof OVERLAYS)[number], string, () => { namespace: string; name?: string }, Access]>([
    ['cluster', 'all namespaces', () => ({ namespace: '' }), union(everywhere, EVERYBODY)],
    ['cluster', 'a foreign namespace', () => ({ namespace: foreign }), everywhere],
    ['namespaced', 'all namespaces', () => ({ namespace: '' }), EVERYBODY],
    ['namespaced', 'a chosen namespace', () => ({ namespace: 'acme' }), WATCHED],
    ['namespaced', 'another chosen namespace', () => ({ namespace: 'globex' }), WATCHED],
    ['namespaced', 'a foreign namespace', () => ({ namespace: foreign }), {}],
  ])('of deploy/%s has exactly the permissions it needs in %s', async (overlay, _, scope, expected) => {
    const subject = serviceAccount(installed[overlay].namespace, 'copepod-operator');
    await awaitAccess(expected, api, subject, scope());
    const got = await accessTo(resources, api, subject, scope());
    expect(sorted(got)).toEqual(sorted(scope().namespace === '' ? expected : union(expected, EVERYBODY)));
  });

  test.each<[string, string, Access]>([
    ['objects of any name', '', {}],
    ['its Lease', 'copepod-operator', { 'leases.coordination.k8s.io': 'get update' }],
    ['its key', 'copepod-operator-key', { secrets: 'get' }],
    ["the gateways' key", 'copepod-gateway-key', { secrets: 'get' }],
  ])('has exactly the permissions it needs in its own namespace: %s', async (_, name, named) => {
    for (const [overlay, watched] of [['cluster', WATCHED] as const, ['namespaced', {}] as const]) {
      const { namespace } = installed[overlay];
      const subject = serviceAccount(namespace, 'copepod-operator');
      const expected = union(watched, OWN, named, EVERYBODY);
      await awaitAccess(expected, api, subject, { namespace, name });
      expect(sorted(await accessTo(resources, api, subject, { namespace, name }))).toEqual(sorted(expected));
    }
  });

  test.each(['copepod-operator', 'copepod-operator-key'])(
    'has no access to a %s of another namespace',
    async (name) => {
      const subject = serviceAccount(installed.cluster.namespace, 'copepod-operator');
      const theirs = await accessTo(['secrets', 'leases.coordination.k8s.io'], api, subject, {
        namespace: foreign,
        name,
      });
      expect(theirs).toEqual({});
    },
  );
});

describe('deploy/gateway', () => {
  test('is accepted by the API server, object by object, with strict validation, and has no wildcard', async () => {
    for (const object of installed.gateway.objects) await api.apply(object, { dryRun: true });
    for (const { rules } of rulesOf(installed.gateway)) {
      expect(rules.flatMap((rule) => Object.values(rule).flat())).not.toContain('*');
    }
  });

  test("has pods that Pod Security 'restricted' admits, with the labels that runtimes and the operator expect", async () => {
    const { namespace } = installed.gateway;
    const { metadata, spec } = podTemplate(installed.gateway);
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'gateway', namespace }, spec };
    await api.apply(pod, { dryRun: true });
    const labels = Object.entries(metadata.labels).map(([key, value]) => `${key}=${value}`);
    expect(new Set(labels)).toEqual(new Set(GATEWAY_SELECTOR.split(',')));
  });

  test.each<[string, () => { namespace: string; name?: string }, Access]>([
    ['all namespaces', () => ({ namespace: '' }), SERVED],
    ['a foreign namespace', () => ({ namespace: foreign }), SERVED],
    ['its own namespace', () => ({ namespace: installed.gateway.namespace }), SERVED],
    [
      'its own namespace, of its key',
      () => ({ namespace: installed.gateway.namespace, name: 'copepod-gateway-key' }),
      union(SERVED, { secrets: 'get' }),
    ],
    [
      "its own namespace, of the operator's key",
      () => ({ namespace: installed.gateway.namespace, name: 'copepod-operator-key' }),
      SERVED,
    ],
  ])('grants its account exactly the permissions it needs in %s', async (_, scope, expected) => {
    const subject = serviceAccount(installed.gateway.namespace, 'copepod-gateway');
    await awaitAccess(expected, api, subject, scope());
    const got = await accessTo(resources, api, subject, scope());
    expect(sorted(got)).toEqual(sorted(union(expected, EVERYBODY)));
  });
});

describe('users with an aggregated role', () => {
  const view = {
    'scriptruntimes.copepod.dev': READ,
    'scriptexecutions.copepod.dev': READ,
    'scriptschedules.copepod.dev': READ,
    'scriptendpoints.copepod.dev': READ,
  };
  const edit = union(view, {
    'scriptexecutions.copepod.dev': WRITE,
    'scriptschedules.copepod.dev': WRITE,
    'scriptendpoints.copepod.dev': WRITE,
  });
  const admin = union(edit, {
    'scriptruntimes.copepod.dev': WRITE,
    'scriptruntimes.copepod.dev/scale': 'get update patch',
  });

  test.each<[string, string, Access]>([
    ['view', 'reads all kinds', view],
    ['edit', 'also writes executions and schedules', edit],
    ['admin', 'also writes and scales runtimes', admin],
  ])('%s %s, and no role writes status', async (role, _, expected) => {
    const namespace = await api.namespace(role);
    const subject = person(`${role}-${namespace}`);
    for (const name of aggregatedTo(role)) await api.apply(binding(name, namespace, subject.user));
    await awaitAccess(expected, api, subject, { namespace });
    expect(sorted(await accessTo(resources, api, subject, { namespace }))).toEqual(sorted(union(expected, EVERYBODY)));
    expect(await accessTo(Object.keys(expected), api, subject, { namespace: foreign })).toEqual({});
  });

  /** No controller manager runs here to aggregate the roles. */
  function aggregatedTo(role: string): string[] {
    const label = `rbac.authorization.k8s.io/aggregate-to-${role}`;
    return installed.cluster.objects
      .filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.labels?.[label] === 'true')
      .map(({ metadata }) => metadata.name);
  }

  function binding(role: string, namespace: string, user: string): KubeObject {
    return {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: role, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    };
  }
});

describe('deploy/namespaced', () => {
  test('makes the operator watch exactly the namespaces it has Roles in', () => {
    const { namespace, objects } = installed.namespaced;
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace !== namespace);
    const names = roles.map(({ metadata }) => metadata.namespace);
    expect(podTemplate(installed.namespaced).spec.containers[0]?.args).toContain(`--namespaces=${names.join(',')}`);
    expect(names).toEqual(CHOSEN);
  });
});
