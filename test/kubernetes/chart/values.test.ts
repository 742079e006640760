import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeObject, TestClient } from '../../api-server/client.ts';
import { prometheusOperatorDefinitions } from '../../prometheus-operator/definitions.ts';
import { type Access, accessTo, awaitAccess, serviceAccount } from '../support/access.ts';
import { chartFactors, valuesOf } from './factors.ts';
import { CHART, findHelm, helm, rendered, type Values } from './helm.ts';
import { pairwise } from './pairwise.ts';

const WATCHED = ['acme', 'globex'];

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  findHelm();
  for (const name of WATCHED) await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  namespace = await api.namespace('copepod-system', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  for (const definition of prometheusOperatorDefinitions('servicemonitors', 'podmonitors', 'prometheusrules')) {
    await api.establish(definition);
  }
}, 900_000); // Helm may have to be built first
afterAll(() => api.close());

/** The pod that a Deployment's template describes. */
function podOf(deployment: KubeObject): KubeObject {
  const { template } = deployment.spec as { template: { metadata: object; spec: object } };
  const { name } = deployment.metadata;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name, namespace }, spec: template.spec };
}

test('helm lint --strict finds nothing', async () => {
  const printed = await helm(['lint', CHART, '--strict', '--quiet']);
  expect(printed.trim()).toBe('');
});

describe('every two choices of two values, together in one of the combinations', () => {
  const factors = chartFactors();
  const combinations = pairwise(factors);
  const accepted = new Set<string>();
  let refusals: string[];

  beforeAll(() => {
    refusals = [];
  });

  test('the combinations hold every pair', () => {
    const names = Object.keys(factors);
    for (const [at, one] of names.entries()) {
      for (const other of names.slice(at + 1)) {
        const met = new Set(combinations.map((choice) => JSON.stringify([choice[one], choice[other]])));
        expect({ one, other, met: met.size }).toEqual({
          one,
          other,
          met: (factors[one]?.length ?? 0) * (factors[other]?.length ?? 0),
        });
      }
    }
  });

  async function tryObject(object: KubeObject): Promise<void> {
    const text = JSON.stringify(object);
    if (accepted.has(text)) return;
    try {
      await api.apply(object, { dryRun: true });
      accepted.add(text);
    } catch (error) {
      refusals.push(`${object.kind} ${object.metadata.name}: ${(error as Error).message}`);
    }
  }

  test.each(combinations.map((choice, index) => [index + 1, choice] as const))(
    'combination %i: the API server accepts each object, with strict validation, and Pod Security "restricted" its pods',
    async (_, choice) => {
      refusals = [];
      const objects = await rendered(valuesOf(choice), namespace);
      for (const object of objects) {
        await tryObject(object);
        if (object.kind === 'Deployment') await tryObject(podOf(object));
      }
      expect({ choice, refusals }).toEqual({ choice, refusals: [] });
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      const components = ['gateway', 'dashboard'].filter((name) => choice[`${name}.enabled`]);
      expect(objects.filter(({ kind }) => kind === 'Deployment')).toHaveLength(1 + components.length);
    },
    120_000,
  );
});

describe('values', () => {
  const ofKind = (objects: readonly KubeObject[], kind: string): KubeObject[] =>
    objects.filter((object) => object.kind === kind);

  test.each<[string, Values, string]>([
    ['an unknown name', { operater: {} }, "additional properties 'operater' not allowed"],
    ['an unknown name within', { operator: { replica: 3 } }, "additional properties 'replica' not allowed"],
    ['a wrong type', { operator: { replicas: 'two' } }, 'got string, want integer'],
    ['a digest that is none', { image: { digest: 'latest' } }, 'does not match pattern'],
    ['a namespace that is none', { watchNamespaces: ['Acme'] }, 'does not match pattern'],
  ])('%s is refused', async (_, values, message) => {
    await expect(rendered(values)).rejects.toThrow(message);
  });

  test('crds.keep decides whether an uninstall leaves the kinds', async () => {
    const policies = async (keep: boolean): Promise<unknown[]> =>
      ofKind(await rendered({ crds: { keep } }), 'CustomResourceDefinition').map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      );
    const kept = await policies(true);
    expect(kept.length).toBeGreaterThan(2);
    expect(new Set(kept)).toEqual(new Set(['keep']));
    expect(new Set(await policies(false))).toEqual(new Set([undefined]));
  });

  test('image.digest names the image of both', async () => {
    const digest = `sha256:${'1'.repeat(64)}`;
    const objects = await rendered({ image: { repository: 'r.example/c', digest }, gateway: { enabled: true } });
    const images = ofKind(objects, 'Deployment').map(
      ({ spec }) =>
        (spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image,
    );
    expect(images).toEqual([`r.example/c@${digest}`, `r.example/c@${digest}`]);
  });
});

describe('the URLs of the gateway, of operator and gateway alike', () => {
  test.each<[string, Values, string | undefined]>([
    ['by default are those that they assume', {}, undefined],
    ['have that of clients', { url: 'https://copepod.example' }, 'https://copepod.example'],
    ['have the Service, on another port', { service: { port: 8080 } }, 'http://copepod-gateway.NAMESPACE.svc:8080'],
    [
      'have that of clients first',
      { url: 'https://copepod.example', service: { port: 8080 } },
      'https://copepod.example,http://copepod-gateway.NAMESPACE.svc:8080',
    ],
  ])('%s', async (_, gateway, expected) => {
    const values = { fullnameOverride: 'copepod', gateway: { enabled: true, ...gateway } };
    const deployments = (await rendered(values, namespace)).filter(({ kind }) => kind === 'Deployment');
    const urls = deployments.map(({ spec }) => {
      const { args } = (spec as { template: { spec: { containers: [{ args: string[] }] } } }).template.spec
        .containers[0];
      return args.find((each) => each.startsWith('--gateway-url='));
    });
    const option = expected && `--gateway-url=${expected.replace('NAMESPACE', namespace)}`;
    expect(urls).toEqual([option, option]);
  });
});

describe('watchNamespaces with the gateway', () => {
  const reviews: Access = {
    'tokenreviews.authentication.k8s.io': 'create',
    'subjectaccessreviews.authorization.k8s.io': 'create',
  };
  const sensitive = ['secrets', 'configmaps', 'pods', 'scriptexecutions.copepod.dev', 'scriptruntimes.copepod.dev'];
  let foreign: string;

  beforeAll(async () => {
    foreign = await api.namespace('foreign');
    const values = { fullnameOverride: namespace.slice(0, 40), watchNamespaces: WATCHED, gateway: { enabled: true } };
    for (const object of await rendered(values, namespace)) {
      if (object.kind === 'CustomResourceDefinition') await api.establish(object);
      else if (/Role|ServiceAccount/.test(object.kind)) await api.apply(object);
    }
  });

  test.each<[string, string, () => string, Access]>([
    ['gateway', 'all namespaces', () => '', reviews],
    ['gateway', 'a namespace that is not watched', () => foreign, {}],
    [
      'gateway',
      'a watched namespace',
      () => 'acme',
      {
        configmaps: 'get list watch',
        pods: 'get list watch',
        'scriptexecutions.copepod.dev': 'get create',
        'scriptruntimes.copepod.dev': 'get list watch',
      },
    ],
    ['operator', 'all namespaces', () => '', {}],
    ['operator', 'a namespace that is not watched', () => foreign, {}],
  ])('the %s has in %s the rights that it needs', async (component, _, scope, expected) => {
    const subject = serviceAccount(namespace, `${namespace.slice(0, 40)}-${component}`);
    await awaitAccess(expected, api, subject, { namespace: scope() });
    const resources = scope() === '' ? [...sensitive, ...Object.keys(reviews)] : sensitive;
    expect(await accessTo(resources, api, subject, { namespace: scope() })).toEqual(expected);
  });
});
