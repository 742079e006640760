import { MAX_SETS, MAX_SPANS, type SpanStep } from './span-step.ts';

/** UTF-16 units of the attributes and errors of all steps `set`: a run keeps a fraction of that. */
export const MAX_SETS_LENGTH = 256 << 10;

const MAX_STEPS: Readonly<Record<SpanStep['step'], number>> = { start: MAX_SPANS, set: MAX_SETS, end: MAX_SPANS };

/** A step, whichever run it is of. */
export type Step = SpanStep extends infer S ? (S extends unknown ? Omit<S, 'op' | 'id'> : never) : never;

/** The steps of spans that one run may send. Sandbox and supervisor count alike: the sandbox sends no more than the supervisor takes. */
export class SpanBudget {
  readonly #steps = { start: 0, set: 0, end: 0 };
  #setLength = 0;

  /** Counts a step. @returns false where it is beyond the budget; it is not counted then */
  take(step: Step): boolean {
    const setLength = this.#setLength + (step.step === 'set' ? lengthOfSet(step) : 0);
    if (this.#steps[step.step] >= MAX_STEPS[step.step] || setLength > MAX_SETS_LENGTH) return false;
    this.#steps[step.step]++;
    this.#setLength = setLength;
    return true;
  }
}

function lengthOfSet({ attributes, error = '' }: Extract<Step, { step: 'set' }>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + name.length + (typeof value === 'string' ? value.length : 0),
    error.length,
  );
}
