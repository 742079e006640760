import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, type Values } from './helm.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const SECRETS = [{ name: 'registry' }];
const LABELS = { 'example.org/team': 'platform' };
const RESOURCES = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
const TOLERATIONS = [{ key: 'dedicated', operator: 'Equal', value: 'copepod', effect: 'NoSchedule' }];
const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] }],
    },
  },
};
const PODS = {
  resources: RESOURCES,
  podLabels: LABELS,
  podAnnotations: LABELS,
  serviceAccountAnnotations: LABELS,
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: TOLERATIONS,
  affinity: AFFINITY,
  priorityClassName: 'system-cluster-critical',
};
const COMPONENT = { ...PODS, extraArgs: ['--port=8080'], extraEnv: [{ name: 'TZ', value: 'UTC' }] };

/** Another value than the default, of each value that is neither a boolean nor one of a list. */
const OTHERS: Values = {
  image: { repository: 'registry.example:5000/team/copepod', tag: '1.2.3', digest: `sha256:${'0'.repeat(64)}` },
  imagePullSecrets: SECRETS,
  fullnameOverride: 'team-a',
  commonLabels: LABELS,
  watchNamespaces: ['acme', 'globex'],
  scraperNamespaces: ['monitoring', 'acme'],
  operator: { ...COMPONENT, replicas: 1, runtimeImage: 'registry.example/runtime:2' },
  gateway: {
    ...COMPONENT,
    url: 'https://copepod.example',
    replicas: null,
    maxWaitSeconds: 0,
    drainDelaySeconds: 0,
    graceSeconds: 300,
    service: { port: 8080, annotations: LABELS },
  },
  tracing: { endpoint: 'http://collector.observability:4318', samplerRatio: 0.25, headersSecret: 'collector' },
  dashboard: { ...PODS, replicas: 2, namespace: 'acme', service: { port: 8080, annotations: LABELS } },
  monitoring: {
    monitors: { interval: '15s', labels: LABELS },
    rules: { labels: LABELS },
    dashboards: { labels: LABELS, annotations: LABELS },
  },
};

/** All values of the chart, each with the choices that the tests combine, by path. Throws if a value has no second one. */
export function chartFactors(): Record<string, readonly unknown[]> {
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  return Object.fromEntries(factorsOf('', schema, OTHERS));
}

function factorsOf(path: string, { properties = {} }: Schema, others: Values): [string, readonly unknown[]][] {
  return Object.entries(properties)
    .filter(([name]) => name !== 'global')
    .flatMap(([name, schema]): [string, readonly unknown[]][] => {
      const inner = path === '' ? name : `${path}.${name}`;
      if (schema.properties !== undefined) return factorsOf(inner, schema, (others[name] ?? {}) as Values);
      if (schema.enum !== undefined) return [[inner, schema.enum]];
      if (typeof schema.default === 'boolean') return [[inner, [true, false]]];
      if (!(name in others)) throw new Error(`${inner} has no second value in test/kubernetes/chart/factors.ts`);
      return [[inner, [schema.default, others[name]]]];
    });
}

/** Values as in a values file, from choices by path. */
export function valuesOf(choice: Readonly<Record<string, unknown>>): Values {
  const values: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(choice)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let inner = values;
    for (const name of names) {
      inner[name] ??= {};
      inner = inner[name] as Record<string, unknown>;
    }
    inner[last] = value;
  }
  return values;
}
