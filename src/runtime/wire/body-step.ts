/**
 * A step of a web handler that reads the streamed body of its request, from the sandbox. The supervisor answers `read` with a `reply`
 * whose blob has the next bytes, and none at the end of the body: so a body has one `read` under way at most. `cancel` has no answer.
 */
export interface BodyStep {
  readonly op: 'body';
  readonly id: number;
  /** Number of the answer. */
  readonly call: number;
  readonly step: 'read' | 'cancel';
}

type Fields = Readonly<Record<string, unknown>>;

/** Checks a step field by field: it is as hostile as the sandbox. */
export const isBodyStep = ({ call, step }: Fields): boolean =>
  Number.isSafeInteger(call) && (call as number) >= 0 && (step === 'read' || step === 'cancel');
