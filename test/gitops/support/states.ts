import { describe, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptRuntime } from '../../../src/api/types.generated.ts';
import { type Verdicts, verdictsOf } from './verdicts.ts';

/** What kstatus and Argo CD say of an object. */
const DONE = { kstatus: 'Current', argoCD: 'Healthy' };
const MOVES = { kstatus: 'InProgress', argoCD: 'Progressing' };
const FAILED = { kstatus: 'Failed', argoCD: 'Degraded' };
/** kstatus has no word for it: who waits for an object that was told to wait shall hear so at once. */
const SUSPENDED = { kstatus: 'Failed', argoCD: 'Suspended' };
export const SAYS = { DONE, MOVES, FAILED, SUSPENDED };

/** A state that an object can be in, and what is to be said of it. */
export type State = readonly [name: string, object: ScriptExecution | ScriptRuntime, says: typeof DONE];

/** What Argo CD may say where kstatus says this. It alone has a word for what is suspended. */
const AGREES: Readonly<Record<string, readonly string[]>> = {
  Current: ['Healthy'],
  InProgress: ['Progressing'],
  Failed: ['Degraded', 'Suspended'],
  // Argo CD has no word for that.
  Terminating: ['Progressing'],
};

/** Whether the two say the same of an object. */
export function agree({ kstatus, argoCD }: Verdicts): boolean {
  return AGREES[kstatus.status]?.includes(argoCD.status) ?? false;
}

/** The tests that every state is held against; whatever the state, it can also be out of date, or be deleted. */
export function describeStates(states: readonly State[]): void {
  const objects = states.map(([, object]) => object);
  const now = verdictsOf(objects);
  const changed = verdictsOf(objects.map(withMetadata(({ generation = 1 }) => ({ generation: generation + 1 }))));
  const deleted = verdictsOf(objects.map(withMetadata(() => ({ deletionTimestamp: '2026-11-22T10:00:01Z' }))));
  const rows = states.map(([name, object, says], index) => ({ name, object, ...says, index }));

  describe('what it says', () => {
    test.each(rows)('$name: kstatus $kstatus, Argo CD $argoCD', ({ index, kstatus, argoCD }) => {
      const said = now[index] as Verdicts;
      expect([said.kstatus.status, said.argoCD.status]).toEqual([kstatus, argoCD]);
      expect(agree(said)).toBe(true);
    });

    test.each(rows)('$name: Argo CD shows the reason, and why', ({ object, index }) => {
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

  test.each(rows)('$name, and a change that nobody has looked at yet: in progress', ({ index }) => {
    const { kstatus, argoCD } = changed[index] as Verdicts;
    expect([kstatus.status, argoCD.status]).toEqual(['InProgress', 'Progressing']);
  });

  test.each(rows)('$name, and being deleted: kstatus Terminating, Argo CD Progressing', ({ index }) => {
    const { kstatus, argoCD } = deleted[index] as Verdicts;
    expect([kstatus.status, argoCD.status, argoCD.message]).toEqual(['Terminating', 'Progressing', 'Pending deletion']);
  });
}

type Metadata = State[1]['metadata'];

const withMetadata =
  (change: (metadata: Metadata) => Partial<Metadata>) =>
  (object: State[1]): object => ({ ...object, metadata: { ...object.metadata, ...change(object.metadata) } });

const isReady = ({ type }: { type: string }): boolean => type === 'Ready';
