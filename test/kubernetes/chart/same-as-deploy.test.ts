import { beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../api-server/client.ts';
import { kustomize, objectsOf } from '../support/kustomize.ts';
import { findHelm, rendered, type Values } from './helm.ts';

/** What only the chart writes: which release an object is of, and that an uninstall leaves the kinds. */
const RELEASE_LABELS = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
];
/** Helm does not create the namespace of a release with labels; docs/install.md does. */
const NOT_IN_THE_CHART = new Set(['Namespace']);

beforeAll(() => void findHelm(), 900_000); // Helm may have to be built first

const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject): string => `${kind} ${namespace}/${name}`;

/** kustomize writes a folded text with indented lines anew, with empty lines in between: white space of CEL expressions. */
const withoutLineBreaks = (object: KubeObject): KubeObject =>
  JSON.parse(JSON.stringify(object).replaceAll(/(\\n *)+/g, ' ')) as KubeObject;

function comparable(objects: readonly KubeObject[]): Record<string, object> {
  const entries = objects
    .filter(({ kind }) => !NOT_IN_THE_CHART.has(kind))
    .map((object) => (object.apiVersion.startsWith('admissionregistration.') ? withoutLineBreaks(object) : object))
    .map((object): [string, object] => {
      const { labels = {}, annotations = {}, ...metadata } = object.metadata;
      const own = Object.fromEntries(
        Object.entries(annotations).filter(([name]) => name !== 'helm.sh/resource-policy'),
      );
      // FlowSchemas and PriorityLevelConfigurations of deploy/ have no labels.
      const kept = Object.entries(labels).filter(
        ([name]) => !RELEASE_LABELS.includes(name) && !object.apiVersion.startsWith('flowcontrol.'),
      );
      return [
        keyOf(object),
        { ...object, metadata: { ...metadata, labels: Object.fromEntries(kept), annotations: own } },
      ];
    });
  return Object.fromEntries(entries.toSorted(([one], [other]) => one.localeCompare(other)));
}

const ONE_REPLICA = { operator: { replicas: 1 } };

describe('the chart renders what kustomize renders of deploy/', () => {
  test.each<[readonly string[], string, Values]>([
    [['cluster'], 'one replica of the operator', ONE_REPLICA],
    [['cluster', 'gateway'], 'one replica, and gateway.enabled', { ...ONE_REPLICA, gateway: { enabled: true } }],
    [['cluster', 'dashboard'], 'one replica, and dashboard.enabled', { ...ONE_REPLICA, dashboard: { enabled: true } }],
    [
      ['cluster', 'policies'],
      'one replica, and policies.createdBy.enabled',
      { ...ONE_REPLICA, policies: { createdBy: { enabled: true } } },
    ],
    [['namespaced'], 'one replica, and watchNamespaces', { ...ONE_REPLICA, watchNamespaces: ['acme', 'globex'] }],
  ])('%j: with %s', async (overlays, _, values) => {
    const expected = overlays.flatMap((overlay) => objectsOf(kustomize(`deploy/${overlay}`)));
    expect(comparable(await rendered(values))).toEqual(comparable(expected));
  });

  test('with two replicas of the operator it adds a PodDisruptionBudget, and spreads them over nodes', async () => {
    const [one, two] = await Promise.all([rendered(ONE_REPLICA), rendered({})]);
    const before = comparable(one);
    const changed = Object.entries(comparable(two)).filter(([key, object]) => {
      return JSON.stringify(before[key]) !== JSON.stringify(object);
    });
    expect(changed).toEqual([
      [
        'Deployment copepod-system/copepod-operator',
        expect.objectContaining({
          spec: expect.objectContaining({
            replicas: 2,
            template: expect.objectContaining({
              spec: expect.objectContaining({ topologySpreadConstraints: [expect.anything()] }),
            }),
          }),
        }),
      ],
      [
        'PodDisruptionBudget copepod-system/copepod-operator',
        expect.objectContaining({
          spec: {
            maxUnavailable: 1,
            selector: {
              matchLabels: { 'app.kubernetes.io/name': 'copepod', 'app.kubernetes.io/component': 'operator' },
            },
          },
        }),
      ],
    ]);
  });
});
