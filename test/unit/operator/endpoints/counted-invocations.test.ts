import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InvocationCounts } from '../../../../src/api/gateway-protocol.ts';
import type { ScriptEndpointStatusInvocations } from '../../../../src/api/types.generated.ts';
import { countedInvocations, type ToldInvocations } from '../../../../src/operator/endpoints/counted-invocations.ts';

const NOON = Date.UTC(2026, 10, 30, 12);
const counts = (changes: Partial<InvocationCounts> = {}): InvocationCounts => ({
  uid: 'uid-1',
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  refused: 0,
  lastTime: 0,
  ...changes,
});
const told = (name: string, changes: Partial<InvocationCounts>): ToldInvocations => ({
  podUID: `pod-${name}`,
  bootID: `boot-${name}`,
  counts: counts(changes),
});
const none = (): boolean => false;

describe('the counts of an endpoint', () => {
  test('are the sums of what gateways tell', () => {
    const two = [
      told('a', { succeeded: 3, failed: 1, lastTime: NOON }),
      told('b', { succeeded: 1, cancelled: 2, refused: 5, lastTime: NOON - 1 }),
    ];
    const first = countedInvocations(undefined, two, none);
    expect(first).toMatchObject({ isChanged: true, included: new Set(['boot-a', 'boot-b']) });
    expect(first.invocations).toEqual({
      total: 7,
      succeeded: 4,
      failed: 1,
      cancelled: 2,
      refused: 5,
      lastTime: '2026-11-30T12:00:00.000000Z',
      gateways: [
        { podUID: 'pod-a', bootID: 'boot-a', succeeded: 3, failed: 1, cancelled: 0, refused: 0 },
        { podUID: 'pod-b', bootID: 'boot-b', succeeded: 1, failed: 0, cancelled: 2, refused: 5 },
      ],
    });
    expect(countedInvocations(first.invocations, two, none).isChanged).toBe(false);
    const later = [told('a', { succeeded: 5, failed: 1, lastTime: NOON + 1000 })];
    expect(countedInvocations(first.invocations, later, none).invocations).toMatchObject({
      total: 9,
      succeeded: 6,
      lastTime: '2026-11-30T12:00:01.000000Z',
    });
  });

  test('without any request are nothing to write, and what is refused has no time', () => {
    expect(countedInvocations(undefined, [], none)).toMatchObject({ isChanged: false });
    expect(countedInvocations(undefined, [told('a', {})], none)).toMatchObject({ isChanged: false });
    const refused = countedInvocations(undefined, [told('a', { refused: 1 })], none);
    expect(refused).toMatchObject({ isChanged: true, invocations: { total: 0, refused: 1 } });
    expect(refused.invocations.lastTime).toBeUndefined();
  });

  test('keep a gateway that has ended until what it has told is known to be written', () => {
    const ended = (podUID: string): boolean => podUID === 'pod-a';
    const last = [told('a', { succeeded: 3, lastTime: NOON })];
    const { invocations } = countedInvocations(undefined, last, ended);
    // The answer to the write was lost, and it is made again.
    const again = countedInvocations(invocations, last, ended);
    expect(again).toMatchObject({ isChanged: false, invocations: { total: 3 } });
    const next = countedInvocations(invocations, [told('b', { succeeded: 1, lastTime: NOON })], ended);
    expect(next.invocations).toMatchObject({ total: 4, gateways: [{ bootID: 'boot-b' }] });
  });

  test('have at most 64 gateways; more are counted once there is room', () => {
    const many = Array.from({ length: 65 }, (_, i) => told(`${i}`, { succeeded: 1, lastTime: NOON }));
    const full = countedInvocations(undefined, many, none);
    expect(full.invocations).toMatchObject({ total: 64 });
    expect(full.included.has('boot-64')).toBe(false);
    const room = countedInvocations(full.invocations, many.slice(1), (podUID) => podUID === 'pod-0');
    expect(room.invocations).toMatchObject({ total: 65 });
    expect(room.invocations.gateways).toHaveLength(64);
  });
});

type Step = 'call' | 'write' | 'lost answer' | 'new leader' | 'gateway ends';

test('are right after any sequence of requests, writes, lost answers, leaders and ends of gateways', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom<Step>('call', 'write', 'lost answer', 'new leader', 'gateway ends'), fc.nat(2)),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (sequence) => {
      let boots = 3;
      const running = new Map([0, 1, 2].map((slot) => [slot, `${slot}`]));
      const own = new Map<string, number>();
      let leader = new Map<string, ToldInvocations>();
      let status: ScriptEndpointStatusInvocations | undefined;
      let requests = 0;
      const hear = (): void => {
        for (const name of running.values()) {
          const succeeded = own.get(name) ?? 0;
          if (succeeded > 0) leader.set(`boot-${name}`, told(name, { succeeded, lastTime: NOON }));
        }
      };
      const hasEnded = (podUID: string): boolean => ![...running.values()].some((name) => podUID === `pod-${name}`);
      const write = (isAcknowledged: boolean): void => {
        hear();
        const { invocations, isChanged, included } = countedInvocations(status, [...leader.values()], hasEnded);
        if (isChanged) status = invocations;
        if (!isAcknowledged) return;
        for (const { podUID, bootID } of [...leader.values()])
          if (included.has(bootID) && hasEnded(podUID)) leader.delete(bootID);
      };
      for (const [step, slot] of sequence) {
        const name = running.get(slot) as string;
        if (step === 'call') {
          requests++;
          own.set(name, (own.get(name) ?? 0) + 1);
        } else if (step === 'write') write(true);
        else if (step === 'lost answer') write(false);
        else if (step === 'new leader') {
          // The former one has written what gateways that have ended told it.
          write(false);
          leader = new Map();
        } else {
          hear();
          running.set(slot, `${boots++}`);
        }
      }
      write(true);
      expect(status?.total ?? 0).toBe(requests);
      expect(status?.gateways?.length ?? 0).toBeLessThanOrEqual(boots);
    }),
    { numRuns: 2000 },
  );
});
