import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Waiting } from '../../../../src/operator/executions/fair-queue.ts';
import { type Place, Places } from '../../../../src/operator/executions/places.ts';
import type { ServingPod } from '../../../../src/operator/pods/pod-directory.ts';

const RUNTIME = 'acme/default';

function pod(name: string, capacity: number, more: Partial<ServingPod> = {}): ServingPod {
  return { runtime: RUNTIME, name, uid: `uid-${name}`, address: '10.0.0.1:8080', bootID: 'boot-1', capacity, ...more };
}

const item = (key: string, more: Partial<Waiting> = {}): Waiting => {
  const [namespace = 'acme'] = key.includes('/') ? key.split('/') : [];
  return { key, namespace, runtime: RUNTIME, tenant: 'acme', priority: 0, createdMs: 0, ...more };
};

interface World {
  readonly places: Places;
  readonly told: string[];
  /** Pods that nothing has a place on any more. */
  readonly idle: string[];
  pods: ServingPod[];
}

function world(...pods: ServingPod[]): World {
  const told: string[] = [];
  const idle: string[] = [];
  const made: World = {
    pods,
    told,
    idle,
    places: new Places({
      serving: (runtime) => made.pods.filter((each) => each.runtime === runtime),
      onGranted: (key) => told.push(key),
      onIdle: (runtime, podUID) => idle.push(`${podUID} of ${runtime}`),
    }),
  };
  return made;
}

describe('a place', () => {
  test('is given to who asks, on a pod of its runtime', () => {
    const { places } = world(pod('other', 9, { runtime: 'acme/other' }), pod('a', 1));
    expect(places.ask(item('x'))).toEqual({ podName: 'a', podUID: 'uid-a', bootID: 'boot-1' });
    expect([places.running(RUNTIME), places.waiting(RUNTIME)]).toEqual([1, 0]);
  });

  test('stays kept for who asks again', () => {
    const { places } = world(pod('a', 2));
    expect(places.ask(item('x'))).toEqual(places.ask(item('x')));
    expect(places.running(RUNTIME)).toBe(1);
  });

  test('is on the pod with the most that are free', () => {
    const { places } = world(pod('a', 2), pod('b', 4));
    const pods = Array.from({ length: 6 }, (_, index) => places.ask(item(`${index}`))?.podName);
    expect(pods.map((name) => name ?? 'none').toSorted()).toEqual(['a', 'a', 'b', 'b', 'b', 'b']);
    expect(pods[0]).toBe('b');
    expect(places.ask(item('late'))).toBeUndefined();
  });

  test.each<[string, (places: Places) => void]>([
    ['leaves before it has taken it', (places) => places.leave('x')],
    [
      'leaves when it has run',
      (places) => {
        places.taken('x');
        places.leave('x');
      },
    ],
    [
      'leaves twice',
      (places) => {
        places.taken('x');
        places.leave('x');
        places.leave('x');
      },
    ],
  ])('of one that %s is the next one’s, who is told', (_, leave) => {
    const { places, told } = world(pod('a', 1));
    places.ask(item('x'));
    expect(places.ask(item('y'))).toBeUndefined();
    leave(places);
    expect(told).toEqual(['y']);
    expect(places.ask(item('y'))?.podName).toBe('a');
    expect(places.running(RUNTIME)).toBe(1);
  });

  test('is not kept on a pod that has begun anew', () => {
    const made = world(pod('a', 1));
    made.places.ask(item('x'));
    made.pods = [pod('a', 1, { bootID: 'boot-2' })];
    expect(made.places.ask(item('x'))?.bootID).toBe('boot-2');
  });

  test('is not kept on a pod that takes no runs any more', () => {
    const made = world(pod('a', 1));
    made.places.ask(item('x'));
    made.pods = [];
    expect(made.places.ask(item('x'))).toBeUndefined();
    expect([made.places.running(RUNTIME), made.places.waiting(RUNTIME)]).toEqual([0, 1]);
    made.pods = [pod('b', 1)];
    made.places.pump();
    expect(made.told).toEqual(['x']);
    expect(made.places.ask(item('x'))?.podName).toBe('b');
  });

  test('is on no pod of the runtime that was asked for before', () => {
    const { places } = world(pod('a', 1), pod('b', 1, { runtime: 'acme/other' }));
    places.ask(item('x'));
    expect(places.ask(item('x', { runtime: 'acme/other' }))?.podName).toBe('b');
    expect([places.running(RUNTIME), places.running('acme/other')]).toEqual([0, 1]);
  });

  test('that an earlier leader has given counts', () => {
    const { places } = world(pod('a', 1));
    places.hold('x', 'uid-a', RUNTIME);
    places.hold('x', 'uid-a', RUNTIME);
    expect(places.ask(item('y'))).toBeUndefined();
    places.leave('x');
    expect(places.ask(item('y'))?.podName).toBe('a');
  });

  test('on a pod that is not there any more can be held and given back', () => {
    const { places } = world();
    places.hold('x', 'uid-gone', RUNTIME);
    expect(places.running(RUNTIME)).toBe(1);
    places.leave('x');
    expect(places.running(RUNTIME)).toBe(0);
  });

  test('is given back by one that waits again though it had taken one', () => {
    // As an old list from the API server has it, that comes after the news of the claim.
    const { places } = world(pod('a', 2));
    places.ask(item('x'));
    places.taken('x');
    places.ask(item('x'));
    expect(places.running(RUNTIME)).toBe(1);
    places.leave('x');
    expect(places.running(RUNTIME)).toBe(0);
  });
});

describe('in turn', () => {
  test('goes who waits, and not who comes at the right moment', () => {
    const { places } = world(pod('a', 1));
    places.ask(item('first'));
    places.ask(item('second', { createdMs: 1 }));
    places.taken('first');
    places.leave('first');
    expect(places.ask(item('third', { createdMs: 2 }))).toBeUndefined();
    expect(places.ask(item('second', { createdMs: 1 }))).toBeDefined();
  });

  test('go namespaces: one with a thousand holds up the others for one turn', () => {
    const made = world();
    for (let index = 0; index < 1000; index += 1) made.places.ask(item(`many/${index}`, { createdMs: index }));
    made.places.ask(item('few/1', { createdMs: 5000 }));
    made.pods = [pod('a', 2)];
    made.places.pump();
    expect(made.told.toSorted()).toEqual(['few/1', 'many/0']);
  });

  test('go only so many at a time, whatever room there is: who comes meanwhile takes its turn', () => {
    const made = world();
    for (let index = 0; index < 100; index += 1) made.places.ask(item(`many/${index}`, { createdMs: index }));
    made.pods = [pod('a', 1000)];
    made.places.pump();
    expect(made.told).toHaveLength(16);
    expect(made.places.ask(item('many/100', { createdMs: 100 }))).toBeUndefined();
    made.places.taken('many/0');
    expect(made.told).toHaveLength(17);
  });

  test('goes at once who has none of those that are kept and not taken, where there is room', () => {
    const made = world();
    for (let index = 0; index < 100; index += 1) made.places.ask(item(`many/${index}`, { createdMs: index }));
    made.pods = [pod('a', 17)];
    made.places.pump();
    expect(made.places.ask(item('few/1', { createdMs: 5000 }))?.podName).toBe('a');
    expect(made.places.ask(item('other/1', { createdMs: 5000 }))).toBeUndefined();
    expect(made.places.running(RUNTIME)).toBe(17);
  });

  test('a full runtime holds up no other', () => {
    const { places } = world(pod('a', 1), pod('b', 1, { runtime: 'acme/other' }));
    for (const key of ['1', '2', '3']) places.ask(item(key));
    expect(places.ask(item('4', { runtime: 'acme/other', createdMs: 9 }))?.podName).toBe('b');
  });
});

describe('what a runtime has to do with', () => {
  test('is what runs, and what waits where no VM is free', () => {
    const { places } = world(pod('a', 1));
    places.ask(item('x'));
    expect(places.demand(RUNTIME)).toBe(1);
    places.ask(item('y'));
    expect(places.demand(RUNTIME)).toBe(2);
    expect(places.demand('acme/none')).toBe(0);
  });

  test('moves until a place is taken, and for a second after it was given out; then it stands still', () => {
    jest.useFakeTimers();
    try {
      const { places } = world(pod('a', 1), pod('b', 1, { runtime: 'acme/other' }));
      places.ask(item('x'));
      places.ask(item('y'));
      const isMoving = (...keys: string[]): boolean[] => keys.map((key) => places.isMoving(key));
      expect([places.isGranted('x'), places.isGranted('y')]).toEqual([true, false]);
      expect(isMoving('y', 'x', 'none')).toEqual([true, false, false]);
      jest.advanceTimersByTime(10_000);
      expect(isMoving('y')).toEqual([true]);
      places.ask(item('u', { runtime: 'acme/other' }));
      places.taken('x');
      expect(isMoving('y')).toEqual([false]); // a place of another runtime is kept
      places.leave('y');
      places.ask(item('y'));
      expect(isMoving('y')).toEqual([false]);
      places.leave('x');
      places.ask(item('z'));
      places.taken('y');
      jest.advanceTimersByTime(999);
      expect(isMoving('z')).toEqual([true]);
      jest.advanceTimersByTime(1);
      expect(isMoving('z')).toEqual([false]);
    } finally {
      jest.useRealTimers();
    }
  });
});

/** What may happen, to one of eight executions or of three pods. */
const KEYS = ['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1', 'c/2', 'c/3'];
const key = fc.constantFrom(...KEYS);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: key, priority: fc.nat(2), runtime: fc.constantFrom(RUNTIME, 'acme/two') }) },
  { weight: 4, arbitrary: fc.record({ taken: key }) },
  { weight: 4, arbitrary: fc.record({ leave: key }) },
  { weight: 1, arbitrary: fc.record({ hold: key, on: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      pods: fc.array(fc.record({ on: fc.nat(2), capacity: fc.nat(3), boot: fc.nat(1) }), {
        maxLength: 3,
      }),
    }),
  },
);

test('whatever happens, no pod gets more than it has room for, no place is lost, and none stays empty while one waits', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const made = world();
      const { places } = made;
      /** Places by who has them, as the one who asks knows. */
      const held = new Map<string, { runtime: string; podUID: string; taken: boolean }>();
      const waits = new Map<string, string>();
      const seen = (who: string, runtime: string, place: Place | undefined): void => {
        if (place === undefined) {
          held.delete(who);
          waits.set(who, runtime);
          return;
        }
        waits.delete(who);
        held.set(who, { runtime, podUID: place.podUID, taken: false });
        const owner = made.pods.find(({ uid }) => uid === place.podUID);
        expect(owner).toMatchObject({ runtime, bootID: place.bootID });
      };
      const usedBy = (): Map<string, number> => {
        const byPod = Map.groupBy(held.values(), ({ podUID }) => podUID);
        return new Map([...byPod].map(([uid, holders]) => [uid, holders.length]));
      };
      const ask = (who: string, runtime: string, priority = 0): void =>
        seen(who, runtime, places.ask(item(who, { runtime, priority })));

      for (const each of actions) {
        const before = usedBy();
        if ('ask' in each) ask(each.ask, each.runtime, each.priority);
        else if ('taken' in each && held.has(each.taken)) {
          places.taken(each.taken);
          held.set(each.taken, { ...(held.get(each.taken) as { runtime: string; podUID: string }), taken: true });
        } else if ('leave' in each) {
          places.leave(each.leave);
          held.delete(each.leave);
          waits.delete(each.leave);
        } else if ('hold' in each && !held.get(each.hold)?.taken) {
          const podUID = `uid-${each.on}`;
          places.hold(each.hold, podUID, RUNTIME);
          waits.delete(each.hold);
          held.set(each.hold, { runtime: RUNTIME, podUID, taken: true });
        } else if ('pods' in each) {
          const byUID = new Map(each.pods.map((p) => [p.on, p]));
          made.pods = [...byUID.values()].map((p) =>
            pod(`${p.on}`, p.capacity, { bootID: `boot-${p.boot}`, runtime: p.on === 2 ? 'acme/two' : RUNTIME }),
          );
          places.pump();
        }
        // Who is told looks at once, as the reconciler does.
        for (let next = made.told.shift(); next !== undefined; next = made.told.shift()) {
          ask(next, waits.get(next) ?? RUNTIME);
        }
        // What an earlier leader has given counts as it is, and a pod may lose room under those who run.
        for (const [uid, used] of 'hold' in each ? [] : usedBy()) {
          const capacity = made.pods.find((every) => every.uid === uid)?.capacity ?? 0;
          expect(used).toBeLessThanOrEqual(Math.max(capacity, before.get(uid) ?? 0));
        }
        for (const runtime of [RUNTIME, 'acme/two']) {
          expect(places.running(runtime)).toBe([...held.values()].filter((h) => h.runtime === runtime).length);
          const waiting = [...waits.values()].filter((r) => r === runtime).length;
          expect(places.waiting(runtime)).toBe(waiting);
          const free = made.pods
            .filter((p) => p.runtime === runtime)
            .some(({ uid, capacity }) => capacity > (usedBy().get(uid) ?? 0));
          expect(free && waiting > 0).toBe(false);
        }
      }
      for (const who of KEYS) places.leave(who);
      expect([places.running(RUNTIME), places.running('acme/two'), places.waitingInAll]).toEqual([0, 0, 0]);
      // Every place can be given again.
      made.pods = [pod('0', 2), pod('1', 2), pod('2', 2)];
      places.pump();
      expect(KEYS.slice(0, 6).map((who) => places.ask(item(who)) !== undefined)).toEqual(Array(6).fill(true));
      expect(places.ask(item(KEYS[6] as string))).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('a runtime that has no place costs one look, however many others get and leave theirs', () => {
  const looks: string[] = [];
  const pods = [pod('full', 1), pod('b', 1, { runtime: 'acme/two' })];
  const places: Places = new Places({
    serving: (runtime) => {
      looks.push(runtime);
      return pods.filter((each) => each.runtime === runtime);
    },
    onGranted: () => {},
  });
  places.hold('long', 'uid-full', RUNTIME);
  places.ask(item('waits'));
  looks.length = 0;
  for (const key of ['1', '2', '3']) {
    expect(places.ask(item(key, { runtime: 'acme/two' }))).toBeDefined();
    places.taken(key);
    places.leave(key);
  }
  expect(looks).not.toContain(RUNTIME);
  places.leave('long');
  expect(places.ask(item('waits'))?.podName).toBe('full');
});

describe('a pod', () => {
  test('has as many runs as have a place on it, of earlier leaders too, and is idle when the last has left', () => {
    const { places, idle } = world(pod('a', 2));
    places.hold('old', 'uid-a', RUNTIME);
    places.ask(item('kept'));
    expect(places.runsOn('uid-a')).toBe(2);
    places.taken('kept');
    places.leave('old');
    expect([places.runsOn('uid-a'), idle]).toEqual([1, []]);
    places.leave('kept');
    expect([places.runsOn('uid-a'), idle]).toEqual([0, [`uid-a of ${RUNTIME}`]]);
    places.leave('kept');
    expect(idle).toHaveLength(1);
  });
});
