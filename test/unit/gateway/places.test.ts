import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type NeededValues, neededValues } from '../../../src/cluster/pods/pod-values.ts';
import type { ServingPod } from '../../../src/cluster/pods/serving-pod.ts';
import type { Refusal } from '../../../src/gateway/refusal.ts';
import { MAX_WAITING_FROM_ZERO, type PlaceRequest, Places } from '../../../src/gateway/routing/places.ts';
import { LIMITS, RAISED } from '../../support/limits.ts';
import { until } from '../../support/until.ts';

const pod = (uid: string, more: Partial<ServingPod> = {}): ServingPod => ({
  runtime: 'acme/web',
  name: uid,
  uid,
  address: '127.0.0.1:1',
  bootID: `boot-${uid}`,
  capacity: 1,
  limits: LIMITS,
  ...more,
});

/** A script that needs a Secret. */
const NEEDED = neededValues(
  { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } }] },
  undefined,
  'acme',
) as NeededValues;

/** Ends what still waits. */
const end = new AbortController();
afterAll(() => end.abort(new Error('over')));

function setUp(...initially: readonly ServingPod[]) {
  const serving = [...initially];
  const waitingFor: string[] = [];
  const places = new Places({ serving: () => serving, onWaiting: (runtime) => waitingFor.push(runtime) });
  const reserve = (more: Partial<PlaceRequest> = {}) =>
    places.reserve({
      runtime: 'acme/web',
      tenantKey: 'acme/a',
      limits: LIMITS,
      values: undefined,
      unsuitable: new Set(),
      waitMs: 60_000,
      signal: end.signal,
      ...more,
    });
  return { places, serving, waitingFor, reserve };
}

const codeOf = (reserved: Promise<unknown>): Promise<unknown> =>
  reserved.then(
    () => 'reserved',
    (error: Refusal) => error.code,
  );
const demandOf = (places: Places): unknown => [...places.demand()];

describe('places', () => {
  test('are two for each VM; the next request gets the first that is given back', async () => {
    const { places, reserve } = setUp(pod('a'));
    const [first, second] = [await reserve(), await reserve()];
    const third = reserve();
    expect(demandOf(places)).toEqual([{ runtime: 'acme/web', inFlight: 2, waiting: 1 }]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect((await third).pod.uid).toBe('a');
    second[Symbol.dispose]();
    (await third)[Symbol.dispose]();
    expect(demandOf(places)).toEqual([]);
  });

  test('are given in the order of arrival', async () => {
    const { reserve } = setUp(pod('a'));
    const held = [await reserve(), await reserve()];
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (index) => {
      using _place = await reserve();
      order.push(index);
    });
    for (const each of held) each[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  test('come with pods: requests from zero wait for them', async () => {
    const { places, serving, waitingFor, reserve } = setUp();
    const waiting = [reserve(), reserve()];
    expect(waitingFor).toEqual(['acme/web']);
    serving.push(pod('a'));
    places.podsChanged('acme/web');
    expect((await Promise.all(waiting)).map((place) => place.pod.uid)).toEqual(['a', 'a']);
  });

  test('are not on pods that are busy with others, for a moment', async () => {
    const { places, reserve } = setUp(pod('a'));
    places.busy('acme/web', 'a');
    const place = reserve();
    expect(demandOf(places)).toEqual([{ runtime: 'acme/web', inFlight: 0, waiting: 1 }]);
    expect((await place).pod.uid).toBe('a');
  });

  test('come with the end of the last busy moment, where a pod was busy again meanwhile', async () => {
    const { places, reserve } = setUp(pod('a'));
    const waiting = reserve({ waitMs: 5000 });
    const other = reserve({ waitMs: 5000 });
    for (const place of [await waiting, await other]) {
      places.busy('acme/web', 'a');
      place[Symbol.dispose]();
      await setTimeout(5);
    }
    expect((await reserve({ waitMs: 5000 })).pod.uid).toBe('a');
  });

  test('are not on pods that do not suit, which keep no other from being served', async () => {
    const { places, reserve } = setUp(pod('a'));
    const unsuitable = reserve({ unsuitable: new Set(['a']) });
    const more = reserve({ limits: RAISED });
    const lacking = reserve({ values: NEEDED });
    const other = reserve();
    expect((await other).pod.uid).toBe('a');
    expect(demandOf(places)).toEqual([{ runtime: 'acme/web', inFlight: 1, waiting: 3 }]);
    void lacking.catch(() => {});
    void unsuitable.catch(() => {});
    void more.catch(() => {});
  });

  test('are on pods that have the values that the script needs', async () => {
    const { digest } = NEEDED;
    const { places, serving, reserve } = setUp(pod('a', { values: { digest, missing: [0] } }));
    serving.push(pod('b', { values: { digest, missing: [] } }));
    expect((await reserve({ values: NEEDED })).pod.uid).toBe('b');
    serving.pop();
    const waiting = reserve({ values: NEEDED });
    serving[0] = pod('a', { values: { digest, missing: [] } });
    places.podsChanged('acme/web');
    expect((await waiting).pod.uid).toBe('a');
  });

  test('are refused with 503 where no pod has a value, and the refusal names it', async () => {
    const { reserve } = setUp(pod('a', { values: { digest: NEEDED.digest, missing: [0] } }));
    await expect(reserve({ values: NEEDED, waitMs: 1 })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(/needs, for 0\.001 s; nothing was started\. .*Secret "api".*token/),
    });
    const others = setUp(pod('a', { values: { digest: 'another', missing: [] } }));
    await expect(others.reserve({ values: NEEDED, waitMs: 1 })).rejects.toThrow('started with another env');
  });

  test('are refused with 429 where the queue is full, and with 503 where it is and no pod is there', async () => {
    const { reserve } = setUp(pod('a'));
    for (let count = 0; count < 102; count += 1) void reserve().catch(() => {});
    expect(await codeOf(reserve())).toBe(429);
    const empty = setUp();
    for (let count = 0; count < MAX_WAITING_FROM_ZERO; count += 1) void empty.reserve().catch(() => {});
    expect(await codeOf(empty.reserve())).toBe(503);
  });

  test('are waited for as long as the request says, and as its client is there', async () => {
    const { places, reserve } = setUp();
    expect(await codeOf(reserve({ waitMs: 1 }))).toBe(503);
    const client = new AbortController();
    const waiting = reserve({ signal: client.signal });
    client.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(reserve({ signal: client.signal })).rejects.toThrow('gone');
    await until('no demand', () => [...places.demand()].length === 0);
  });
});
