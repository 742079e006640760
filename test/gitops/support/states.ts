import { describe, expect, test } from '@jest/globals';
import type {
  ScriptEndpoint,
  ScriptExecution,
  ScriptRuntime,
  ScriptSchedule,
} from '../../../src/api/types.generated.ts';
import { type Verdicts, verdictsOf } from './verdicts.ts';

/** The health of an object as kstatus and Argo CD report it. */
const DONE = { kstatus: 'Current', argoCD: 'Healthy' };
const MOVES = { kstatus: 'InProgress', argoCD: 'Progressing' };
const FAILED = { kstatus: 'Failed', argoCD: 'Degraded' };
/** kstatus has no status for suspended objects; Failed makes a wait for an execution's end end at once. */
const SUSPENDED = { kstatus: 'Failed', argoCD: 'Suspended' };
/** A suspended schedule is what it should be. */
const RESTS = { kstatus: 'Current', argoCD: 'Suspended' };
export const SAYS = { DONE, MOVES, FAILED, SUSPENDED, RESTS };

/** An object in one state, and its expected health. */
export type State = readonly [
  name: string,
  object: ScriptExecution | ScriptRuntime | ScriptSchedule | ScriptEndpoint,
  says: typeof DONE,
];

/** Healths of Argo CD that agree with a status of kstatus. Only Argo CD has a health for suspended objects. */
const AGREES: Readonly<Record<string, readonly string[]>> = {
  Current: ['Healthy', 'Suspended'],
  InProgress: ['Progressing'],
  Failed: ['Degraded', 'Suspended'],
  // Argo CD has no health for deletion.
  Terminating: ['Progressing'],
};

/** Whether both report the same. */
export function agree({ kstatus, argoCD }: Verdicts): boolean {
  return AGREES[kstatus.status]?.includes(argoCD.status) ?? false;
}

/** Tests that apply to every state; each is also tested with an outdated generation and while being deleted. */
export function describeStates(states: readonly State[]): void {
  const objects = states.map(([, object]) => object);
  const now = verdictsOf(objects);
  const changed = verdictsOf(objects.map(withMetadata(({ generation = 1 }) => ({ generation: generation + 1 }))));
  const deleted = verdictsOf(objects.map(withMetadata(() => ({ deletionTimestamp: '2026-11-22T10:00:01Z' }))));
  const rows = states.map(([name, object, says], index) => ({ name, object, ...says, index }));

  describe('health', () => {
    test.each(rows)('$name: kstatus $kstatus, Argo CD $argoCD', ({ index, kstatus, argoCD }) => {
      const said = now[index] as Verdicts;
      expect([said.kstatus.status, said.argoCD.status]).toEqual([kstatus, argoCD]);
      expect(agree(said)).toBe(true);
    });

    test.each(rows)('$name: Argo CD shows reason and message', ({ object, index }) => {
      const { status, message } = (now[index] as Verdicts).argoCD;
      const { observedGeneration, conditions = [] } = object.status;
      const telling =
        conditions.find(({ type }) => type === 'Reconciling' || type === 'Stalled') ?? conditions.find(isReady);
      if (observedGeneration === object.metadata.generation) {
        expect(message).toBe(`${telling?.reason}: ${telling?.message}`);
      } else {
        expect([status, message]).toEqual(['Progressing', 'Its latest change has not been taken up yet.']);
      }
    });
  });

  test.each(rows)('$name, with an unobserved change: in progress', ({ index }) => {
    const { kstatus, argoCD } = changed[index] as Verdicts;
    expect([kstatus.status, argoCD.status]).toEqual(['InProgress', 'Progressing']);
  });

  test.each(rows)('$name, being deleted: kstatus Terminating, Argo CD Progressing', ({ index }) => {
    const { kstatus, argoCD } = deleted[index] as Verdicts;
    expect([kstatus.status, argoCD.status, argoCD.message]).toEqual(['Terminating', 'Progressing', 'Pending deletion']);
  });
}

type Metadata = State[1]['metadata'];

const withMetadata =
  (change: (metadata: Metadata) => Partial<Metadata>) =>
  (object: State[1]): object => ({ ...object, metadata: { ...object.metadata, ...change(object.metadata) } });

const isReady = ({ type }: { type: string }): boolean => type === 'Ready';
