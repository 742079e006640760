import { expect, test } from '@jest/globals';
import { agree } from './support/states.ts';
import { HEALTH_CHECKS, verdictsOf } from './support/verdicts.ts';

/** A condition's status; undefined: the condition is absent. */
const STATUSES = [undefined, 'True', 'False', 'Unknown'] as const;
const REASONS = ['Suspended', 'Pending'] as const;

interface Case {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status: { readonly observedGeneration: number; readonly conditions?: readonly object[] };
}

/** Every combination and order of the conditions that tools read, including those the operator never writes. */
function* everything(): Generator<Case> {
  for (const kind of Object.keys(HEALTH_CHECKS)) {
    for (const observedGeneration of [-1, 1, 2, 3]) yield { ...object(kind, observedGeneration) };
    for (const ready of STATUSES.slice(1)) {
      for (const reconciling of STATUSES) {
        for (const stalled of STATUSES) {
          for (const reason of REASONS) {
            const conditions = { Succeeded: ready, Ready: ready, Reconciling: reconciling, Stalled: stalled };
            const listed = Object.entries(conditions)
              .filter(([, status]) => status !== undefined)
              .map(([type, status]) => ({ type, status, reason, message: 'why' }));
            for (const observedGeneration of [1, 2]) {
              yield object(kind, observedGeneration, listed);
              yield object(kind, observedGeneration, listed.toReversed());
            }
          }
        }
      }
    }
  }
}

function object(kind: string, observedGeneration: number, conditions?: readonly object[]): Case {
  const status = { observedGeneration, ...(conditions === undefined ? {} : { conditions }) };
  return { ...{ apiVersion: 'copepod.dev/v1alpha1', kind }, metadata: { name: 'any', generation: 2 }, status };
}

test('kstatus and Argo CD agree for all combinations of conditions', () => {
  const cases = [...everything()];
  const said = verdictsOf(cases);
  const contradictions = cases
    .map((each, index) => ({ each, said: said[index] }))
    // Without any condition kstatus takes an object for Current; the operator never writes observedGeneration alone.
    .filter(({ each: { status } }) => status.conditions !== undefined || status.observedGeneration !== 2)
    .filter(({ said: verdicts }) => verdicts === undefined || !agree(verdicts));
  expect(cases.length).toBeGreaterThan(700);
  expect(contradictions).toEqual([]);
});
