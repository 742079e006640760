import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptRuntime } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { kubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import { type ExecutionSpec, execution, type Found, type Manifest, reasonOf } from './support/objects.ts';
import { replaceOperator } from './support/operator.ts';

const CRD = 'customresourcedefinition/scriptexecutions.copepod.dev';
const SCHEMA = '/spec/versions/0/schema/openAPIV3Schema/properties';
/** Possible changes of a later version: fields with defaults (in the run digest's fields too), and another column. */
const ADDITIONS = {
  [`${SCHEMA}/spec/properties/notify`]: { type: 'string', maxLength: 10, default: 'Never' },
  [`${SCHEMA}/spec/properties/limits/properties/heap`]: { type: 'string', maxLength: 10 },
  [`${SCHEMA}/status/properties/note`]: { type: 'string', maxLength: 10, default: 'none' },
};

/** Executions from before the upgrade, and their reasons. */
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
/** Total number of attempts that pods have run at the end. */
const STARTED = 1 + 1 + 1 + 2 + 0 + 1;

/** Each way to apply a manifest that already exists. */
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

/** Makes the operator process an object created after all earlier changes. */
async function operatorHasSeenAll(name: string): Promise<void> {
  await namespace.apply([execution(name, { source: '1', cancel: true })]);
  await namespace.ended([name]);
}

/**
 * Compares each with its state before, except the resource version; a running execution may have finished in the same
 * attempt.
 */
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

describe.each(Object.keys(AGAIN))('%s of existing objects', (how) => {
  test('runs nothing', async () => {
    await AGAIN[how]?.(asText(manifests));
    await operatorHasSeenAll(`after-${how.replaceAll(/\W+/g, '-')}`);
    await expectUnchanged();
  });
});

describe('after an upgrade of the CRDs', () => {
  test('nothing runs', async () => {
    await patchKinds(Object.entries(ADDITIONS).map(([path, value]) => ({ op: 'add', path, value })));
    isAdded = true;
    await namespace.until('the new default', async () => {
      const found = await namespace.get<Found & { spec: { notify?: string } }>('scriptexecution', 'completed');
      return found.spec.notify === 'Never' || undefined;
    });
    await operatorHasSeenAll('after-upgrade');
    await expectUnchanged();
  });

  test.each(Object.keys(AGAIN))('nothing runs after %s of existing objects', async (how) => {
    await AGAIN[how]?.(asText(manifests));
    await operatorHasSeenAll(`after-upgrade-${how.replaceAll(/\W+/g, '-')}`);
    await expectUnchanged();
  });

  test('nothing runs after a storage migration of each object', async () => {
    const stored = await namespace.kubectl('get', 'scriptexecutions', '--output', 'json');
    await namespace.feed(stored, 'replace');
    await operatorHasSeenAll('after-migration');
    await expectUnchanged();
  });

  test('nothing runs after a restart of the operator', async () => {
    await replaceOperator();
    await operatorHasSeenAll('after-operator');
    await expectUnchanged();
  });

  test('the execution that was running finished in its only attempt', async () => {
    const { running } = await namespace.ended(['running'], { withinMs: 60_000 });
    expect(running?.status).toMatchObject({ run: 1, attempts: 1, result: 'once' });
    expect(running?.status.claim).toEqual(before.get('running')?.status.claim);
  });

  test('the pods ran exactly the expected attempts', async () => {
    const counted = await namespace.until('complete counters', async () => {
      const { status } = await namespace.get<ScriptRuntime>('scriptruntime', 'default');
      return (status.executions?.total ?? 0) >= STARTED && status.executions?.running === 0
        ? status.executions
        : undefined;
    });
    expect(counted?.total).toBe(STARTED);
  });
});
