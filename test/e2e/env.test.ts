import { beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type Found, type Manifest, runtime } from './support/objects.ts';

const namespace = useNamespace('env');
/** The kubelet looks at mounted Secrets about once a minute. */
const MOUNTED_WITHIN_MS = 240_000;

const secret = (token: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'crm' },
  stringData: { token },
});

beforeAll(async () => {
  // It is not ready before its Secret exists.
  await namespace.apply([
    runtime('default', {
      pool: { size: 1 },
      env: [
        { name: 'REGION', value: 'eu' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'crm', key: 'token' } } },
      ],
    }),
  ]);
});

interface Pods {
  readonly items: readonly (Found & { readonly status: { containerStatuses: { restartCount: number }[] } })[];
}
async function pods(): Promise<Pods['items']> {
  const text = await namespace.kubectl('get', 'pods', '--selector', 'copepod.dev/runtime', '--output', 'json');
  return (JSON.parse(text) as Pods).items;
}

test('a missing Secret is a condition with its name; once it exists, waiting executions run without a restart', async () => {
  await namespace.start({ waits: { source: '[env.REGION, env.TOKEN.length, env.TOKEN]' } });
  const waiting = await namespace.says('waits', 'RuntimeNotReady');
  await until(
    'the condition EnvMissing',
    async () => conditionOf(await namespace.get('scriptruntime', 'default'), 'EnvMissing') !== undefined,
    { withinMs: 120_000 },
  );
  const missing = conditionOf(await namespace.get('scriptruntime', 'default'), 'EnvMissing');
  expect(missing?.message).toContain('env.TOKEN: Secret "crm" with key "token" does not exist.');
  expect(waiting.status.claim).toBeUndefined();
  const [before] = await pods();

  await namespace.apply([secret('first-token-1')]);
  const { waits } = await namespace.ended(['waits'], { withinMs: MOUNTED_WITHIN_MS });
  expect(waits?.status.result).toEqual(['eu', 13, '***']);

  await namespace.apply([secret('rotated-token-22')]);
  let seen: unknown;
  for (let attempt = 1; attempt <= 100 && seen !== 16; attempt++) {
    const name = `rotated-${attempt}`;
    await namespace.start({ [name]: { source: 'env.TOKEN.length' } });
    seen = (await namespace.ended([name]))[name]?.status.result;
    expect([13, 16]).toContain(seen);
    if (seen !== 16) await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  expect(seen).toBe(16);
  const [after] = await pods();
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
  expect(after?.status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0]);
}, 600_000);

test('the operator may not read it', async () => {
  const account = 'system:serviceaccount:copepod-system:copepod-operator';
  const answer = await namespace
    .kubectl('auth', 'can-i', 'get', 'secrets', '--as', account)
    .catch((error: unknown) => String(error));
  expect(answer).toMatch(/\bno\b/);
});
