import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { useNamespace } from './support/namespace.ts';
import type { Manifest } from './support/objects.ts';

interface Printed {
  readonly pid: number;
  /** What each system call gave. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

interface RuntimePod {
  readonly spec: { readonly containers: readonly Record<string, unknown>[] } & Record<string, unknown>;
}

const namespace = useNamespace('rogue');
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

/** A pod like a runtime's, with another program in it. */
function rogueLike({ spec }: RuntimePod): Manifest {
  const [container] = spec.containers;
  const { image, resources, securityContext } = container as Record<string, unknown>;
  const mount = { name: 'rogue', mountPath: '/rogue' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'rogue' },
    spec: {
      securityContext: spec.securityContext,
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      volumes: [{ name: 'rogue', configMap: { name: 'rogue' } }],
      containers: [
        {
          name: 'rogue',
          image,
          imagePullPolicy: container?.imagePullPolicy,
          resources,
          securityContext,
          command: ['node', '--disable-warning=ExperimentalWarning', '/rogue/main.mjs'],
          volumeMounts: [mount],
        },
      ],
    },
  } as unknown as Manifest;
}

describe('a sandbox process of a restricted pod that is taken over, with FFI and all', () => {
  let printed: Printed;

  beforeAll(async () => {
    await namespace.runtime();
    const [pod] = await namespace.list<RuntimePod>('pod', '--selector', 'copepod.dev/runtime=default');
    const data = { 'main.mjs': read('./rogue/main.mjs'), 'rogue-code.cjs': read('../security/support/rogue-code.cjs') };
    const files = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rogue' }, data } as unknown as Manifest;
    await namespace.apply([files]);
    await namespace.apply([rogueLike(pod as RuntimePod)]);
    await namespace.until('the rogue pod to end', async () => {
      const { status } = await namespace.get<{ status: { phase?: string } }>('pod', 'rogue');
      return status.phase === 'Succeeded' || status.phase === 'Failed' ? status.phase : undefined;
    });
    const log = await namespace.kubectl('logs', 'rogue');
    try {
      printed = JSON.parse(log) as Printed;
    } catch {
      throw new Error(`the rogue pod said: ${log}`);
    }
  }, 180_000);

  test('is refused each of more than forty things', () => {
    const names = Object.keys(printed.results);
    expect(names.length).toBeGreaterThanOrEqual(40);
    expect(names.filter((name) => printed.results[name] !== -1)).toEqual([]);
  });

  test('is a descendant of process 1, without capabilities, under two filters more than its supervisor', () => {
    expect(printed.pid).toBe(1);
    expect(printed.status).toEqual({
      NoNewPrivs: '1',
      Seccomp: '2',
      CapEff: '0000000000000000',
      uid: '65532',
      filters: 2,
    });
  });
});
