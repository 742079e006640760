import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import { costValue, deletionCostOf } from '../../../../src/cluster/pods/deletion-cost.ts';
import { type KnownPod, STANDINGS } from '../../../../src/cluster/pods/known-pod.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import type { Deployment } from '../../../../src/kube/resources.ts';
import { Store } from '../../../../src/kube/store.ts';
import { PATIENCE_MS } from '../../../../src/operator/runtimes/leaving-pods.ts';
import { PODS_BY_RUNTIME } from '../../../../src/operator/runtimes/pods-by-runtime.ts';
import { ScaleDown } from '../../../../src/operator/runtimes/scale-down.ts';

const KEY = 'acme/web';
const COST = 'controller.kubernetes.io/pod-deletion-cost';
const RUNTIME = defaultRuntime('web', 'acme');

/** The annotations of each pod, as the API server has them. */
let annotations: Map<string, Record<string, string>>;
let pods: Store<KnownPod>;
let deployments: Store<Deployment>;
let runs: Record<string, number>;
let withheld: Set<string>;
let patches: string[];
let failure: Error | undefined;
let failed: string[];
let scaleDown: ScaleDown;

beforeEach(() => {
  jest.useFakeTimers();
  annotations = new Map();
  pods = new Store({ [PODS_BY_RUNTIME]: ({ runtime }) => (runtime === undefined ? [] : [runtime]) });
  deployments = new Store();
  [runs, withheld, patches, failure, failed] = [{}, new Set(), [], undefined, []];
  scaleDown = operator();
});
afterEach(() => {
  jest.useRealTimers();
});

function operator(): ScaleDown {
  const mergePatch = async (_: unknown, { name }: { name: string }, patch: { metadata: Patched }): Promise<void> => {
    expect(patch.metadata.uid).toBe(name);
    if (failure) throw failure;
    patches.push(`${name} ${patch.metadata.annotations[COST] ?? 'as before'}`);
    const merged = Object.entries({ ...annotations.get(name), ...patch.metadata.annotations });
    annotations.set(name, Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null)));
  };
  return new ScaleDown({
    client: { mergePatch } as unknown as KubeClient,
    pods,
    deployments,
    isServing: () => true,
    runsOn: (uid) => runs[uid] ?? 0,
    withhold: (uid, isWithheld) => (isWithheld ? withheld.add(uid) : withheld.delete(uid)),
    onError: (error, pod) => failed.push(`${pod}: ${(error as Error).message}`),
  });
}

interface Patched {
  readonly uid: string;
  readonly annotations: Record<string, string | null>;
}

function makePod(name: string, cost?: string, more: Partial<KnownPod> = {}): void {
  annotations.set(name, cost === undefined ? {} : { [COST]: cost });
  pods.set({
    metadata: { name, namespace: 'acme', uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
    runtime: KEY,
    address: '10.0.0.1:8080',
    isTerminal: false,
    standing: 'ready',
    deletionCost: deletionCostOf(annotations.get(name)),
    life: 'a#0',
    trouble: undefined,
    ...more,
  });
}

function deploy(replicas: number): void {
  deployments.set({
    metadata: { name: 'copepod-web', namespace: 'acme' },
    spec: { replicas, selector: {}, template: {} },
  });
}

/** The watch brings what was written. */
function seen(): void {
  for (const pod of [...pods.values()]) {
    pods.set({ ...pod, deletionCost: deletionCostOf(annotations.get(pod.metadata.name)) });
  }
}

/** What the ReplicaSet controller does: it deletes as many as are too many, by its own rules. */
function taken(replicas: number): string[] {
  const rank = (pod: KnownPod): [number, number] => [
    STANDINGS.indexOf(pod.standing),
    pod.deletionCost.isMarked ? Number.NEGATIVE_INFINITY : costValue(pod.deletionCost),
  ];
  const ranked = [...pods.values()].sort((a, b) => {
    const [[standingA, costA], [standingB, costB]] = [rank(a), rank(b)];
    return standingA - standingB || (costA === costB ? 0 : costA - costB);
  });
  const gone = ranked.slice(0, Math.max(0, ranked.length - replicas)).map(({ metadata }) => metadata.name);
  for (const name of gone) pods.delete(`acme/${name}`);
  return gone;
}

const step = async (wanted: number): Promise<number> => (await scaleDown.step(KEY, RUNTIME, wanted)).replicas;

describe('scaling down', () => {
  test('takes the idle pods, and leaves the busy one alone', async () => {
    for (const name of ['a', 'b', 'c']) makePod(name);
    runs = { a: 1 };
    deploy(3);
    expect(await step(1)).toBe(3);
    expect([...withheld].sort()).toEqual(['b', 'c']);
    expect(patches.sort()).toEqual(['b -2147483648', 'c -2147483648']);
    expect(await step(1)).toBe(3);
    seen();
    expect(await step(1)).toBe(1);
    deploy(1);
    expect(await step(1)).toBe(1);
    expect(taken(1).sort()).toEqual(['b', 'c']);
    await step(1);
    expect(patches).toHaveLength(2);
    expect(withheld.size).toBe(0);
  });

  test('waits for the one with the fewest runs, and for no longer than half a minute', async () => {
    for (const name of ['a', 'b', 'c']) makePod(name);
    runs = { a: 3, b: 1, c: 2 };
    deploy(3);
    expect(await scaleDown.step(KEY, RUNTIME, 2)).toEqual({ replicas: 3, lookAgainMs: PATIENCE_MS });
    expect([...withheld]).toEqual(['b']);
    runs = { a: 0, b: 1, c: 0 };
    await jest.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect([await step(2), patches]).toEqual([3, []]);
    await jest.advanceTimersByTimeAsync(1);
    await step(2);
    seen();
    expect(await step(2)).toBe(2);
    expect(taken(2)).toEqual(['b']);
  });

  test('takes what is idle, and gives the rest its time', async () => {
    for (const name of ['a', 'b', 'c']) makePod(name);
    runs = { a: 2, b: 1 };
    deploy(3);
    await step(1);
    seen();
    expect(await step(1)).toBe(2);
    deploy(2);
    expect(taken(2)).toEqual(['c']);
    runs = { a: 2 };
    await step(1);
    seen();
    expect(await step(1)).toBe(1);
    deploy(1);
    expect(taken(1)).toEqual(['b']);
  });

  test('to zero marks nobody', async () => {
    for (const name of ['a', 'b']) makePod(name);
    runs = { a: 1 };
    deploy(2);
    expect([await step(0), patches, [...withheld]]).toEqual([0, [], []]);
  });

  test('lets pods alone that end already, or have ended', async () => {
    makePod('a');
    makePod('ended', undefined, { isTerminal: true });
    makePod('ending', undefined, {
      metadata: { name: 'ending', namespace: 'acme', uid: 'ending', deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    deploy(3);
    expect([await step(1), patches]).toEqual([1, []]);
  });
});

describe('when demand is back', () => {
  test('pods serve again, and cost what they cost before', async () => {
    makePod('a', '7');
    makePod('b', '7');
    runs = { b: 1 };
    deploy(2);
    await step(1);
    seen();
    expect([...withheld]).toEqual(['a']);
    expect(await step(2)).toBe(2);
    expect(withheld.size).toBe(0);
    expect([...annotations]).toEqual([
      ['a', { [COST]: '7' }],
      ['b', { [COST]: '7' }],
    ]);
  });

  test('a pod that was waited for serves again, and nothing was written', async () => {
    for (const name of ['a', 'b']) makePod(name);
    runs = { a: 1, b: 2 };
    deploy(2);
    await step(1);
    expect([...withheld]).toEqual(['a']);
    expect([await step(2), withheld.size, patches]).toEqual([2, 0, []]);
  });
});

describe('another leader in the middle', () => {
  test('goes on with the pods that are marked', async () => {
    for (const name of ['a', 'b', 'c']) makePod(name);
    runs = { b: 1 };
    deploy(3);
    await step(2);
    const [first] = patches;
    seen();
    scaleDown = operator();
    withheld.clear();
    // By its own judgement it would be another one.
    runs = { b: 1, [first?.split(' ')[0] as string]: 1 };
    expect(await step(2)).toBe(2);
    expect([...withheld]).toEqual([first?.split(' ')[0]]);
    expect(patches).toEqual([first]);
  });

  test('gives back what is marked where as many as before are wanted', async () => {
    for (const name of ['a', 'b']) makePod(name);
    deploy(2);
    await step(1);
    seen();
    scaleDown = operator();
    expect(await step(2)).toBe(2);
    expect([...annotations.values()]).toEqual([{}, {}]);
  });
});

test('where marks are refused it is told, and pods go all the same, late', async () => {
  for (const name of ['a', 'b']) makePod(name);
  failure = new Error('pods is forbidden');
  deploy(2);
  expect(await scaleDown.step(KEY, RUNTIME, 1)).toEqual({ replicas: 2, lookAgainMs: 1000 });
  expect(failed).toEqual(['a: pods is forbidden']);
  await jest.advanceTimersByTimeAsync(PATIENCE_MS + 5000);
  expect(await step(1)).toBe(1);
});
