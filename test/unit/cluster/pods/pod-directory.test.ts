import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PodStats } from '../../../../src/api/pod-protocol.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import { PodDirectory, type PodHandler } from '../../../../src/cluster/pods/pod-directory.ts';
import { PodRefusal, PodUnreachable, PodUnreadable } from '../../../../src/cluster/pods/pod-errors.ts';
import type { Informer, InformerHandler } from '../../../../src/kube/informer.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import { LIMITS } from '../../../support/limits.ts';
import { until } from '../../../support/until.ts';

const STATS: PodStats = {
  bootID: 'boot-1',
  draining: false,
  ready: true,
  capacity: 4,
  limits: LIMITS,
  executions: { total: 0, succeeded: 0, errors: 0, timeouts: 0, running: 0, pending: 0 },
  pool: { size: 4, idle: 4, busy: 0, created: 4, destroyed: 0 },
  compilation: { size: 0, hits: 0, misses: 0 },
  unacknowledged: 0,
};

function pod(uid: string, more: Partial<KnownPod> & { deletionTimestamp?: string } = {}): KnownPod {
  const { deletionTimestamp, ...fields } = more;
  return {
    metadata: { name: `pod-${uid}`, namespace: 'acme', uid, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
    runtime: 'acme/web',
    address: '10.0.0.1:8080',
    isTerminal: false,
    standing: 'ready',
    deletionCost: { given: undefined, isMarked: false },
    life: 'a#0',
    trouble: undefined,
    ...fields,
  };
}

/** The cache of pods and its events. */
class Pods {
  readonly #handlers = new Set<InformerHandler<KnownPod>>();
  readonly #pods = new Map<string, KnownPod>();

  readonly informer = {
    handle: (handler: InformerHandler<KnownPod>): (() => void) => {
      this.#handlers.add(handler);
      for (const each of this.#pods.values()) handler.added?.(each);
      return () => this.#handlers.delete(handler);
    },
  } as unknown as Informer<KnownPod>;

  set(object: KnownPod): void {
    const before = this.#pods.get(keyOf(object));
    this.#pods.set(keyOf(object), object);
    for (const handler of this.#handlers) {
      if (before === undefined) handler.added?.(object);
      else handler.updated?.(object, before);
    }
  }

  delete(object: KnownPod): void {
    this.#pods.delete(keyOf(object));
    for (const handler of this.#handlers) handler.deleted?.(object);
  }
}

let pods: Pods;
let directory: PodDirectory;
let stop: AbortController;
let running: Promise<void>;
/** A pod's response to a request for its stats. */
let answer: (uid: string, signal: AbortSignal | undefined) => Promise<PodStats> | PodStats;
let asked: string[];
let changed: string[];
let told: string[];
let gone: string[];
/** The NetworkPolicy of the runtime's pods exists. */
let guarded: boolean;

const HANDLER: PodHandler = {
  hasNetworkPolicy: () => guarded,
  onServing: (runtime) => changed.push(runtime),
  onStats: ({ metadata }, { bootID }) => told.push(`${metadata.uid} ${bootID}`),
  onGone: ({ metadata, runtime }) => gone.push(`${metadata.uid} of ${runtime}`),
};

beforeEach(() => {
  pods = new Pods();
  stop = new AbortController();
  answer = () => STATS;
  [asked, changed, told, gone, guarded] = [[], [], [], [], true];
  directory = new PodDirectory({
    pods: pods.informer,
    client: {
      stats: async ({ podUID }, signal) => {
        asked.push(podUID);
        return await answer(podUID, signal);
      },
    },
  });
  running = directory.run(HANDLER, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});

test('a pod is offered only while the NetworkPolicy of its runtime exists', async () => {
  guarded = false;
  pods.set(pod('1'));
  await askedTimes(1);
  await until('it has told', () => told.length > 0);
  expect([directory.servingCount('acme/web'), directory.isServing('1')]).toEqual([0, true]);
  guarded = true;
  directory.networkPolicyChanged('acme/web');
  expect(directory.servingCount('acme/web')).toBe(1);
  guarded = false;
  directory.networkPolicyChanged('acme/web');
  expect(directory.servingCount('acme/web')).toBe(0);
});

const serving = (): string[] =>
  [...directory.serving('acme/web')].map(({ uid, bootID }) => `${uid} ${bootID}`).toSorted();
const serves = async (...expected: string[]): Promise<void> =>
  until(`${expected.join()} serve`, () => serving().join() === expected.join());
/** Waits for this number of requests. */
const askedTimes = async (count: number): Promise<void> => until(`asked ${count} times`, () => asked.length >= count);

describe('a pod', () => {
  test('that reports ready accepts runs, with the reported number of VMs', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    expect([...directory.serving('acme/web')]).toEqual([
      {
        runtime: 'acme/web',
        name: 'pod-1',
        uid: '1',
        address: '10.0.0.1:8080',
        bootID: 'boot-1',
        capacity: 4,
        limits: LIMITS,
      },
    ]);
    expect([directory.servingCount('acme/web'), directory.countByState().serving, changed]).toEqual([
      1,
      1,
      ['acme/web'],
    ]);
    expect(told).toEqual(['1 boot-1']);
  });

  test('that existed before the start is polled as well', async () => {
    stop.abort();
    await running;
    pods.set(pod('early'));
    stop = new AbortController();
    running = directory.run(HANDLER, stop.signal);
    await serves('early boot-1');
  });

  test.each<[string, Partial<PodStats>]>([
    ['is not ready', { ready: false }],
    ['drains', { draining: true }],
  ])('that %s takes none, and is asked soon again', async (_, stats) => {
    answer = () => ({ ...STATS, ...stats });
    pods.set(pod('1'));
    await askedTimes(2);
    expect([serving(), changed]).toEqual([[], []]);
    answer = () => STATS;
    await serves('1 boot-1');
  });

  test('that does not respond accepts none, and is polled again soon', async () => {
    answer = () => Promise.reject(new PodUnreachable('connection refused'));
    pods.set(pod('1'));
    await askedTimes(3);
    expect(serving()).toEqual([]);
    answer = () => STATS;
    await serves('1 boot-1');
  });

  test('without an address is not polled before it has one', async () => {
    pods.set(pod('1', { address: undefined }));
    await sleep(150);
    expect(asked).toEqual([]);
    pods.set(pod('1'));
    await serves('1 boot-1');
  });

  test('that belongs to no runtime is ignored', async () => {
    pods.set(pod('1', { runtime: undefined }));
    await sleep(20);
    expect([asked, directory.find('1')]).toEqual([[], undefined]);
  });

  test('is found by its uid while it exists', async () => {
    pods.set(pod('1'));
    expect(directory.find('1')?.metadata.name).toBe('pod-1');
    pods.delete(pod('1'));
    expect(directory.find('1')).toBeUndefined();
  });
});

describe('a pod whose container was restarted', () => {
  test('accepts no runs until its new boot reports ready', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    answer = () => ({ ...STATS, bootID: 'boot-2' });
    pods.set(pod('1', { life: 'b#1' }));
    expect(serving()).toEqual([]);
    await serves('1 boot-2');
    expect(changed).toHaveLength(3);
  });

  test('is not affected by a late response of its old boot', async () => {
    const late = Promise.withResolvers<PodStats>();
    answer = () => late.promise;
    pods.set(pod('1'));
    await askedTimes(1);
    answer = () => ({ ...STATS, bootID: 'boot-2' });
    pods.set(pod('1', { life: 'b#1' }));
    late.resolve(STATS);
    await serves('1 boot-2');
    expect(told).toEqual(['1 boot-2']);
  });

  test('is detected by its response alone', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    answer = () => ({ ...STATS, bootID: 'boot-2' });
    directory.suspect('1');
    await serves('1 boot-2');
  });
});

describe('a suspected pod', () => {
  test('gets no runs until it has responded, and is polled at once', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    await sleep(5);
    const before = asked.length;
    directory.suspect('1');
    expect(serving()).toEqual([]);
    await serves('1 boot-1');
    expect(asked.length).toBe(before + 1);
  });

  test('that is unknown has no effect', () => {
    directory.suspect('nobody');
    expect(changed).toEqual([]);
  });
});

describe('a pod that terminates', () => {
  test('accepts no runs once it is deleted, and is polled more often', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    const before = asked.length;
    pods.set(pod('1', { deletionTimestamp: '2026-11-22T10:00:00Z' }));
    expect(serving()).toEqual([]);
    await askedTimes(before + 3);
    expect([serving(), gone, told.length]).toEqual([[], [], asked.length]);
    expect(directory.find('1')).toBeDefined();
  });

  test.each<[string, () => void]>([
    ['is deleted', () => pods.delete(pod('1'))],
    ['has terminated', () => pods.set(pod('1', { isTerminal: true }))],
    ['no longer belongs to a runtime', () => pods.set(pod('1', { runtime: undefined }))],
  ])('and %s, is gone, once, and not asked again', async (_, go) => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    go();
    expect([serving(), directory.find('1'), gone]).toEqual([[], undefined, ['1 of acme/web']]);
    pods.delete(pod('1'));
    const before = asked.length;
    await sleep(150);
    expect([asked.length, gone]).toEqual([before, ['1 of acme/web']]);
  });

  test('is not restored by an earlier response', async () => {
    const late = Promise.withResolvers<PodStats>();
    answer = () => late.promise;
    pods.set(pod('1'));
    await askedTimes(1);
    pods.delete(pod('1'));
    late.resolve(STATS);
    await sleep(20);
    expect([serving(), told, directory.countByState().serving]).toEqual([[], [], 0]);
  });

  test('does not affect the others of its runtime', async () => {
    pods.set(pod('1'));
    pods.set(pod('2'));
    await serves('1 boot-1', '2 boot-1');
    pods.delete(pod('1'));
    expect(serving()).toEqual(['2 boot-1']);
  });
});

describe('the state of pods', () => {
  const states = (): object =>
    Object.fromEntries(Object.entries(directory.countByState()).filter(([, count]) => count));

  test('is one of the known states', async () => {
    const answers: Record<string, () => PodStats> = {
      serves: () => STATS,
      warms: () => ({ ...STATS, ready: false }),
      drains: () => ({ ...STATS, draining: true }),
      deleted: () => STATS,
      refuses: () => {
        throw new PodRefusal({ code: 'Unauthenticated', message: 'who is it?', bootID: 'boot-1' });
      },
      'is new': () => {
        throw new PodUnreachable('connection refused', { neverSent: true });
      },
    };
    answer = (uid) => answers[uid]?.() ?? STATS;
    for (const uid of Object.keys(answers)) {
      pods.set(pod(uid, uid === 'deleted' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}));
    }
    pods.set(pod('nowhere', { address: undefined } as Partial<KnownPod>));
    await askedTimes(6);
    await until('all states', () => directory.countByState().refusing === 1 && directory.countByState().serving === 1);
    expect(states()).toEqual({ serving: 1, starting: 3, ending: 2, refusing: 1 });
  });

  test('is unreachable for one that has served and no longer responds; one that refuses runs is omitted', async () => {
    for (const uid of ['lost', 'full']) pods.set(pod(uid));
    await serves('full boot-1', 'lost boot-1');
    answer = (uid) => {
      if (uid === 'lost') throw new PodUnreachable('no answer');
      return STATS;
    };
    directory.suspect('lost');
    await until('it is unreachable', () => directory.countByState().unreachable === 1);
    for (let times = 0; times < 8; times += 1) {
      directory.suspect('full');
      if (directory.countByState().left_out > 0) break;
      await until('it serves again', () => directory.countByState().serving === 1);
    }
    expect(states()).toEqual({ unreachable: 1, left_out: 1 });
  });
});

test('stop ends polling and aborts open requests', async () => {
  answer = async (_, signal) => {
    await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    return STATS;
  };
  pods.set(pod('1'));
  await askedTimes(1);
  stop.abort();
  await running;
  pods.set(pod('2'));
  await sleep(20);
  expect(asked).toEqual(['1']);
});

test('a pod with unreadable responses is polled with back-off', async () => {
  answer = () => {
    throw new PodUnreadable('the answer is no JSON');
  };
  pods.set(pod('1'));
  await askedTimes(3);
  await sleep(600);
  // After 100, 200, 400 and 800 ms, not every 50 ms.
  expect(asked.length).toBeLessThan(6);
});

describe('a withheld pod', () => {
  test('accepts no runs, and is reported as any other', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    directory.withhold('1', true);
    expect([serving(), directory.servingCount('acme/web'), changed]).toEqual([[], 0, ['acme/web', 'acme/web']]);
    answer = () => ({ ...STATS, bootID: 'boot-2' });
    directory.suspect('1');
    await until('it has said how it is', () => told.includes('1 boot-2'));
    expect([serving(), directory.isServing('1')]).toEqual([[], true]);
  });

  test('accepts runs again at once, without a poll, if it still reports ready', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    directory.withhold('1', true);
    const before = asked.length;
    directory.withhold('1', false);
    expect([serving(), asked.length]).toEqual([['1 boot-1'], before]);
  });

  test('is not polled more often than a serving one', async () => {
    pods.set(pod('1'));
    await serves('1 boot-1');
    directory.withhold('1', true);
    const before = asked.length;
    await sleep(400);
    expect(asked.length).toBe(before);
  });

  test('may be deleted', () => {
    directory.withhold('nobody', true);
    expect(directory.isServing('nobody')).toBe(false);
  });
});
