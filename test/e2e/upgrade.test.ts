import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptRuntime } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { kubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import { type ExecutionSpec, execution, type Found, type Manifest, reasonOf } from './support/objects.ts';
import { replaceOperator } from './support/operator.ts';

const CRD = 'customresourcedefinition/scriptexecutions.copepod.dev';
const SCHEMA = '/spec/versions/0/schema/openAPIV3Schema/properties';
/** What a later version may bring: fields with a default, in what is run too, and another column. */
const ADDITIONS = {
  [`${SCHEMA}/spec/properties/notify`]: { type: 'string', maxLength: 10, default: 'Never' },
  [`${SCHEMA}/spec/properties/limits/properties/heap`]: { type: 'string', maxLength: 10 },
  [`${SCHEMA}/status/properties/note`]: { type: 'string', maxLength: 10, default: 'none' },
};

/** What has run before the upgrade, and how it has ended. */
const ENDED: Readonly<Record<string, readonly [ExecutionSpec, string]>> = {
  completed: [{ source: '({ a: null, n: params.n })', params: { n: 1 } }, 'Completed'],
  limited: [{ source: 'context.tenant.id', context: { tenant: { id: 't' } }, limits: { timeout: '5s' } }, 'Completed'],
  failed: [{ source: 'throw new Error("m")' }, 'RuntimeError'],
  retried: [{ source: 'for (;;);', limits: { timeout: '200ms' }, backoffLimit: 1 }, 'TimeoutExceeded'],
  cancelled: [{ source: '1', cancel: true }, 'Cancelled'],
};
const RUNNING: ExecutionSpec = { source: 'await clock.sleep(25_000); "once"' };
const OPEN: Readonly<Record<string, readonly [ExecutionSpec, string]>> = {
  running: [RUNNING, 'Running'],
  suspended: [{ source: '1', suspend: true }, 'Suspended'],
  waiting: [{ sourceFrom: { configMapKeyRef: { name: 'none', key: 'none' } } }, 'SourceNotFound'],
};
/** Attempts that pods are to have run in the end, and no more. */
const STARTED = 1 + 1 + 1 + 2 + 0 + 1;

/** Each way to bring a manifest to a cluster that has it. */
const AGAIN: Readonly<Record<string, (manifests: string) => Promise<string>>> = {
  'kubectl apply': (input) => namespace.feed(input, 'apply'),
  'kubectl apply --server-side': (input) => namespace.feed(input, 'apply', '--server-side', '--force-conflicts'),
  'kubectl replace': (input) => namespace.feed(input, 'replace'),
};

const namespace = useNamespace('upgrade');
const manifests = [...Object.entries(ENDED), ...Object.entries(OPEN)].map(([name, [spec]]) => execution(name, spec));
const names = manifests.map(({ metadata }) => metadata.name);
let before: Map<string, ScriptExecution>;
let isAdded = false;

const asText = (objects: readonly Manifest[]): string => objects.map((each) => JSON.stringify(each)).join('\n---\n');
const patchKinds = (operations: readonly object[]): Promise<string> =>
  kubectl(['patch', CRD, '--type=json', '--patch', JSON.stringify(operations)]);
const all = async (): Promise<Map<string, ScriptExecution>> =>
  new Map((await namespace.list<ScriptExecution>('scriptexecution')).map((each) => [each.metadata.name, each]));

/** Has the operator look at something that comes after all that came before. */
async function operatorHasSeenAll(name: string): Promise<void> {
  await namespace.apply([execution(name, { source: '1', cancel: true })]);
  await namespace.ended([name]);
}

/** Holds each to what it was, but for the resource version; what runs may have ended, in the same attempt. */
async function expectUnchanged(): Promise<void> {
  const now = await all();
  for (const name of names) {
    const [old, found] = [before.get(name), now.get(name)];
    const { run, runDigest, attempts, claim } = old?.status ?? {};
    expect(found?.metadata).toMatchObject({ name, uid: old?.metadata.uid, generation: old?.metadata.generation });
    expect(found?.status).toMatchObject(name === 'running' ? { run, runDigest, attempts, claim } : (old?.status ?? {}));
  }
}

beforeAll(async () => {
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, pool: { size: 2 } });
  await namespace.apply(manifests);
  await namespace.ended(Object.keys(ENDED));
  for (const [name, [, reason]] of Object.entries(OPEN)) await namespace.says(name, reason);
  before = await all();
  for (const [name, [, reason]] of Object.entries(ENDED)) {
    expect(reasonOf(before.get(name) as ScriptExecution)).toBe(reason);
  }
});
afterAll(async () => {
  if (isAdded) await patchKinds(Object.keys(ADDITIONS).map((path) => ({ op: 'remove', path })));
});

describe.each(Object.keys(AGAIN))('%s of what is there', (how) => {
  test('runs nothing', async () => {
    await AGAIN[how]?.(asText(manifests));
    await operatorHasSeenAll(`after-${how.replaceAll(/\W+/g, '-')}`);
    await expectUnchanged();
  });
});

describe('after an upgrade of the kinds', () => {
  test('nothing runs for it', async () => {
    await patchKinds(Object.entries(ADDITIONS).map(([path, value]) => ({ op: 'add', path, value })));
    isAdded = true;
    await namespace.until('the new default to be seen', async () => {
      const found = await namespace.get<Found & { spec: { notify?: string } }>('scriptexecution', 'completed');
      return found.spec.notify === 'Never' || undefined;
    });
    await operatorHasSeenAll('after-upgrade');
    await expectUnchanged();
  });

  test.each(Object.keys(AGAIN))('nor for %s of what is there', async (how) => {
    await AGAIN[how]?.(asText(manifests));
    await operatorHasSeenAll(`after-upgrade-${how.replaceAll(/\W+/g, '-')}`);
    await expectUnchanged();
  });

  test('nor where each object is stored anew, as a migration of storage does', async () => {
    const stored = await namespace.kubectl('get', 'scriptexecutions', '--output', 'json');
    await namespace.feed(stored, 'replace');
    await operatorHasSeenAll('after-migration');
    await expectUnchanged();
  });

  test('nor for the operator that comes next', async () => {
    await replaceOperator();
    await operatorHasSeenAll('after-operator');
    await expectUnchanged();
  });

  test('what ran meanwhile has ended in its one attempt', async () => {
    const { running } = await namespace.ended(['running'], { timeoutMs: 60_000 });
    expect(running?.status).toMatchObject({ run: 1, attempts: 1, result: 'once' });
    expect(running?.status.claim).toEqual(before.get('running')?.status.claim);
  });

  test('the pods have run what was asked for, and nothing else', async () => {
    const counted = await namespace.until('the numbers to be complete', async () => {
      const { status } = await namespace.get<ScriptRuntime>('scriptruntime', 'default');
      return (status.executions?.total ?? 0) >= STARTED && status.executions?.running === 0
        ? status.executions
        : undefined;
    });
    expect(counted?.total).toBe(STARTED);
  });
});
