import { beforeAll, describe, expect, test } from '@jest/globals';
import { tryKubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import type { Found } from './support/objects.ts';

const namespace = useNamespace('drift');
const CHILD = 'copepod-default';
const KINDS = ['serviceaccount', 'deployment', 'poddisruptionbudget', 'networkpolicy'] as const;
type Kind = (typeof KINDS)[number];
let made: Record<Kind, Found>;

/** The fields an author sets, without status and server-managed metadata. */
function content({ apiVersion: _, kind: __, status: ___, metadata, ...rest }: Found): unknown {
  return { ...rest, labels: metadata.labels };
}

async function children(): Promise<Record<Kind, Found>> {
  const found = await Promise.all(KINDS.map(async (kind) => [kind, await namespace.get(kind, CHILD)] as const));
  return Object.fromEntries(found) as Record<Kind, Found>;
}

async function corrected(kind: Kind): Promise<Found> {
  const wanted = JSON.stringify(content(made[kind]));
  return await namespace.until(`the ${kind} to be restored`, async () => {
    const found = await namespace.find(kind, CHILD);
    return found && JSON.stringify(content(found)) === wanted ? found : undefined;
  });
}

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 1 } });
  made = await children();
});

describe('a modified object of a runtime is restored', () => {
  const container = (change: object) => ({
    spec: { template: { spec: { containers: [{ name: 'runtime', ...change }] } } },
  });

  test.each<[string, Kind, 'strategic' | 'merge', object]>([
    ['the number of pods', 'deployment', 'strategic', { spec: { replicas: 3 } }],
    ['the image', 'deployment', 'strategic', container({ image: 'localhost/another:1' })],
    ['the arguments', 'deployment', 'strategic', container({ args: ['run', '/etc/passwd'] })],
    ['privileges', 'deployment', 'strategic', container({ securityContext: { allowPrivilegeEscalation: true } })],
    ['a writable root', 'deployment', 'strategic', container({ securityContext: { readOnlyRootFilesystem: false } })],
    [
      'a mounted token',
      'deployment',
      'strategic',
      { spec: { template: { spec: { automountServiceAccountToken: true } } } },
    ],
    ['token mounting of the account', 'serviceaccount', 'merge', { automountServiceAccountToken: true }],
    ['the network of the node', 'deployment', 'strategic', { spec: { template: { spec: { hostNetwork: true } } } }],
    ['the processes of the node', 'deployment', 'strategic', { spec: { template: { spec: { hostPID: true } } } }],
    [
      'a host path',
      'deployment',
      'strategic',
      { spec: { template: { spec: { volumes: [{ name: 'root', hostPath: { path: '/' } }] } } } },
    ],
    [
      'an additional container',
      'deployment',
      'strategic',
      { spec: { template: { spec: { containers: [{ name: 'another', image: 'localhost/another:1' }] } } } },
    ],
    ['the maximum unavailable', 'poddisruptionbudget', 'merge', { spec: { maxUnavailable: '100%' } }],
    ['an egress rule', 'networkpolicy', 'merge', { spec: { egress: [{}] } }],
    ['an ingress rule', 'networkpolicy', 'merge', { spec: { ingress: [{}] } }],
    ['its manager label', 'deployment', 'merge', { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }],
  ])('%s', async (_, kind, type, patch) => {
    await namespace.kubectl('patch', kind, CHILD, `--type=${type}`, '--patch', JSON.stringify(patch));
    const { metadata } = await corrected(kind);
    expect(metadata.uid).toBe(made[kind].metadata.uid);
  });

  test('fields added by other managers are kept', async () => {
    await namespace.kubectl('annotate', 'deployment', CHILD, 'example.com/note=ours');
    await namespace.kubectl('scale', 'deployment', CHILD, '--replicas=2');
    const { metadata } = await corrected('deployment');
    expect(metadata.annotations).toMatchObject({ 'example.com/note': 'ours' });
  });
});

describe('a deleted object of a runtime is recreated', () => {
  test.each(KINDS)('%s', async (kind) => {
    await namespace.kubectl('delete', kind, CHILD);
    const { metadata } = await corrected(kind);
    expect(metadata.uid).not.toBe(made[kind].metadata.uid);
  });

  test('the runtime serves afterwards', async () => {
    await namespace.ready();
    expect((await namespace.outcome('served', { source: '1' })).status.result).toBe(1);
  });
});

describe('a pod of a runtime', () => {
  const present = async (): Promise<Found | undefined> =>
    (await namespace.list('pod')).find(({ metadata }) => metadata.deletionTimestamp === undefined);

  interface PodSpec {
    readonly automountServiceAccountToken: boolean;
    readonly volumes?: readonly unknown[];
    readonly containers: readonly { readonly volumeMounts?: readonly unknown[]; readonly securityContext: unknown }[];
  }

  test('has no token, no volumes, no privileges and no writable files', async () => {
    const pod = await present();
    const spec = pod?.spec as PodSpec;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      serviceAccountName: CHILD,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(spec.volumes ?? []).toEqual([]);
    expect(spec.containers.map(({ volumeMounts = [] }) => volumeMounts)).toEqual([[]]);
    expect(spec.containers[0]?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test.each([
    ['a token', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token', /No such file/],
    ['a writable file', 'echo 1 >/app/written', /Read-only file system/],
    ['a temporary directory', 'echo 1 >/tmp/written', /Read-only file system/],
  ])('has no %s', async (_, command, complaint) => {
    const pod = await present();
    const args = ['--namespace', namespace.name, 'exec', pod?.metadata.name ?? '', '--', 'sh', '-c', command];
    const { code, stderr } = await tryKubectl(args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(complaint);
  });
});

test('all objects are deleted with the runtime', async () => {
  await namespace.kubectl('delete', 'scriptruntime', 'default');
  await namespace.until('the deletion of its objects', async () => {
    const left = await Promise.all(
      [...KINDS, 'pod' as const].map((kind) => namespace.list(kind, '--selector=copepod.dev/runtime')),
    );
    return left.flat().length === 0 || undefined;
  });
});
