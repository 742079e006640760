import { beforeAll, describe, expect, test } from '@jest/globals';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type ExecutionSpec, type Manifest, reasonOf, runtime } from './support/objects.ts';

const namespace = useNamespace('bad-manifests');
const LONG_NAME = 'a'.repeat(64);

const object = (kind: string, spec: object, more: object = {}): Manifest =>
  ({ apiVersion: 'copepod.dev/v1alpha1', kind, metadata: { name: 'bad' }, spec, ...more }) as Manifest;
const bare = (spec: object, more?: object): Manifest => object('ScriptExecution', spec, more);
const execution = (spec: object): Manifest => bare({ source: '1', ...spec });
const ofRuntime = (spec: object, more?: object): Manifest => object('ScriptRuntime', spec, more);

/** Manifests, and the error of kubectl. */
const REFUSED: readonly [Manifest, string][] = [
  // Unknown fields.
  [bare({ sorce: '1' }), 'unknown field "spec.sorce"'],
  [execution({ timeout: '2s' }), 'unknown field "spec.timeout"'],
  [execution({ envs: [] }), 'unknown field "spec.envs"'],
  [execution({ context: { execution: { id: 'x' } } }), 'unknown field "spec.context.execution.id"'],
  [execution({ runtimeRef: { nmae: 'x' } }), 'unknown field "spec.runtimeRef.nmae"'],
  [ofRuntime({ template: { securityContext: {} } }), 'unknown field "spec.template.securityContext"'],
  [ofRuntime({ template: { hostNetwork: true } }), 'unknown field "spec.template.hostNetwork"'],
  [ofRuntime({ template: { affinity: { nodeAfinity: {} } } }), 'unknown field "spec.template.affinity.nodeAfinity"'],

  // The script and its source.
  [bare({}), 'spec: Invalid value: exactly one of source and sourceFrom must be set'],
  [
    execution({ sourceFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }),
    'spec: Invalid value: exactly one of source and sourceFrom must be set',
  ],
  [bare({ source: '' }), 'spec.source in body should be at least 1 chars long'],
  [bare({ source: 5 }), 'spec.source in body must be of type string: "integer"'],
  [bare({ source: ['1'] }), 'spec.source in body must be of type string: "array"'],
  [bare({ source: 'x'.repeat(262_145) }), 'spec.source: Too long: may not be more than 262144 bytes'],
  [
    bare({ sourceFrom: {} }),
    'spec.sourceFrom: Invalid value: exactly one of configMapKeyRef and configMapRef must be set',
  ],
  [bare({ sourceFrom: { configMapKeyRef: { name: 'a' } } }), 'spec.sourceFrom.configMapKeyRef.key: Required value'],
  [
    bare({ sourceFrom: { configMapKeyRef: { name: 'a', key: 'a/b' } } }),
    'spec.sourceFrom.configMapKeyRef.key: Invalid value: "a/b"',
  ],
  [execution({ language: 'Python' }), 'Unsupported value: "Python": supported values: "JavaScript", "TypeScript"'],
  [execution({ runtimeRef: 'default' }), 'spec.runtimeRef in body must be of type object: "string"'],
  [execution({ runtimeRef: { name: 'My_Runtime' } }), 'spec.runtimeRef.name: Invalid value: "My_Runtime"'],

  // Limits.
  [execution({ limits: { timeout: 5 } }), 'spec.limits.timeout in body must be of type string: "integer"'],
  [execution({ limits: { timeout: '2 seconds' } }), 'must be a duration between 1ms and 1h'],
  [
    execution({ limits: { timeout: '0s' } }),
    'spec.limits.timeout: Invalid value: "0s": must be a duration between 1ms and 1h',
  ],
  [
    execution({ limits: { cpuTime: '2h' } }),
    'spec.limits.cpuTime: Invalid value: "2h": must be a duration between 1ms and 1h',
  ],
  [
    execution({ limits: { memory: '64MB' } }),
    'spec.limits.memory: Invalid value: "64MB": must be a quantity between 8Mi and 4Gi',
  ],
  [
    execution({ limits: { memory: '4Mi' } }),
    'spec.limits.memory: Invalid value: "4Mi": must be a quantity between 8Mi and 4Gi',
  ],
  [
    execution({ limits: { memory: 64 } }),
    'spec.limits.memory: Invalid value: 64: must be a quantity between 8Mi and 4Gi',
  ],
  [execution({ limits: { memory: 1.5 } }), 'spec.limits.memory in body must be of type integer,string: "number"'],
  [
    execution({ limits: { result: '1Mi' } }),
    'spec.limits.result: Invalid value: "1Mi": must be a quantity between 1 and 256Ki',
  ],
  [
    execution({ limits: { logs: '-1' } }),
    'spec.limits.logs: Invalid value: "-1": must be a quantity between 0 and 256Ki',
  ],
  [execution({ limits: { apiCalls: -1 } }), 'spec.limits.apiCalls in body should be greater than or equal to 0'],
  [execution({ limits: { apiCalls: '5' } }), 'spec.limits.apiCalls in body must be of type integer: "string"'],

  // Context and scheduling.
  [
    execution({ context: { user: { permissions: 'read' } } }),
    'spec.context.user.permissions in body must be of type array: "string"',
  ],
  [
    execution({ context: { user: { permissions: ['read', 5] } } }),
    'spec.context.user.permissions[1] in body must be of type string',
  ],
  [
    execution({ context: { execution: { type: 'oneoff' } } }),
    'supported values: "cron", "http", "one_off", "embedded"',
  ],
  [execution({ context: { tenant: { id: '' } } }), 'spec.context.tenant.id in body should be at least 1 chars long'],
  [execution({ suspend: 'true' }), 'spec.suspend in body must be of type boolean: "string"'],
  [execution({ cancel: 1 }), 'spec.cancel in body must be of type boolean: "integer"'],
  [execution({ backoffLimit: 101 }), 'spec.backoffLimit in body should be less than or equal to 100'],
  [
    execution({ startingDeadlineSeconds: 0 }),
    'spec.startingDeadlineSeconds in body should be greater than or equal to 1',
  ],
  [
    execution({ ttlSecondsAfterFinished: -1 }),
    'spec.ttlSecondsAfterFinished in body should be greater than or equal to 0',
  ],
  [execution({ priority: 1e10 }), 'spec.priority in body should be less than or equal to 1000000000'],
  [execution({ rerunToken: 2026 }), 'spec.rerunToken in body must be of type string: "integer"'],
  [execution({ rerunToken: 'x'.repeat(254) }), 'spec.rerunToken: Too long: may not be more than 253 bytes'],

  // Runtimes.
  [
    ofRuntime({ replicas: 2, autoscaling: { maxReplicas: 5 } }),
    'spec.replicas: Invalid value: replicas and autoscaling must not both be set',
  ],
  [ofRuntime({ replicas: -1 }), 'spec.replicas in body should be greater than or equal to 0'],
  [ofRuntime({ autoscaling: {} }), 'spec.autoscaling.maxReplicas: Required value'],
  [
    ofRuntime({ autoscaling: { minReplicas: 5, maxReplicas: 2 } }),
    'spec.autoscaling.minReplicas: Invalid value: minReplicas must not be above maxReplicas',
  ],
  [ofRuntime({ autoscaling: { maxReplicas: 2, stableWindow: '1s' } }), 'must be a duration between 6s and 1h'],
  [ofRuntime({ pool: { size: 0 } }), 'spec.pool.size in body should be greater than or equal to 1'],
  [
    ofRuntime({ pool: { tenantIsolation: 'None' } }),
    'Unsupported value: "None": supported values: "Process", "Isolate"',
  ],
  [
    ofRuntime({ pool: { maxAge: '200h' } }),
    'spec.pool.maxAge: Invalid value: "200h": must be a duration between 1s and 168h',
  ],
  [ofRuntime({ image: 'a b' }), 'spec.image: Invalid value: "a b"'],
  [ofRuntime({ tenants: ['a', ''] }), 'spec.tenants[1] in body should be at least 1 chars long'],
  [
    ofRuntime({ template: { metadata: { labels: { 'copepod.dev/x': 'a' } } } }),
    'labels that start with copepod.dev/ or app.kubernetes.io/ belong to the operator',
  ],
  [ofRuntime({ template: { tolerations: [{ effect: 'NoExecute' }] } }), 'operator must be Exists where key is empty'],
  [
    ofRuntime({ template: { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } } }),
    'spec.template.resources.requests: Invalid value: requests must not be above limits',
  ],

  // Metadata and type.
  [ofRuntime({}, { metadata: { name: LONG_NAME } }), 'metadata.name: Too long: may not be more than 63 bytes'],
  [bare({ source: '1' }, { metadata: { name: 'Hello World' } }), 'metadata.name: Invalid value: "Hello World"'],
  [bare({ source: '1' }, { spec: undefined }), 'spec: Required value'],
  [bare({ source: '1' }, { specs: {} }), 'unknown field "specs"'],
  [
    bare({ source: '1' }, { apiVersion: 'copepod.dev/v1' }),
    'no matches for kind "ScriptExecution" in version "copepod.dev/v1"',
  ],
  [object('ScriptExecutoin', {}), 'no matches for kind "ScriptExecutoin" in version "copepod.dev/v1alpha1"'],
];

describe('kubectl apply is refused with an error that names the field', () => {
  const titled = REFUSED.map(([manifest, says]) => {
    const { apiVersion: _, metadata: __, ...rest } = manifest;
    return [JSON.stringify(rest).slice(0, 90), manifest, says] as const;
  });

  test.each(titled)('%s', async (_, manifest, says) => {
    const { code, stdout, stderr } = await namespace.tryApply([manifest]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('no object was created', async () => {
    expect(await namespace.list('scriptexecution')).toEqual([]);
    expect(await namespace.list('scriptruntime')).toEqual([]);
  });
});

describe('errors that depend on other objects are in the conditions', () => {
  beforeAll(async () => {
    await namespace.apply([runtime('closed', { replicas: 0, tenants: ['acme'], limits: { timeout: '2s' } })]);
  });
  const closed = { runtimeRef: { name: 'closed' }, source: '1', context: { tenant: { id: 'acme' } } };

  test.each<[string, ExecutionSpec, string, RegExp]>([
    [
      'no-runtime',
      { source: '1' },
      'RuntimeNotFound',
      /^There is no ScriptRuntime "default" in namespace "e2e-bad-manifests-\w+"\.$/,
    ],
    [
      'no-config-map',
      { runtimeRef: { name: 'closed' }, sourceFrom: { configMapKeyRef: { name: 'a', key: 'b' } } },
      'SourceNotFound',
      /^ConfigMap "a" with label copepod\.dev\/source: "true" was not found\.$/,
    ],
    ['another-tenant', { ...closed, context: {} }, 'TenantRefused', /does not admit tenant "e2e-bad-manifests-/],
    ['too-much-time', { ...closed, limits: { timeout: '1m' } }, 'LimitsRefused', /timeout.*1m.*2s/],
    ['no-pods', closed, 'RuntimeNotReady', /^ScriptRuntime "closed" has no ready pod\.$/],
  ])('%s', async (name, spec, reason, message) => {
    await namespace.start({ [name]: spec });
    const found = await namespace.says(name, reason);
    expect(reasonOf(found)).toBe(reason);
    expect(conditionOf(found, 'Succeeded')?.message).toMatch(message);
  });
});
