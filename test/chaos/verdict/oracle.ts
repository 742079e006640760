import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Count } from '../counter.ts';
import { conclusionOf, reasonOf } from './conclusion.ts';

export interface Claims {
  readonly backoffLimit: number;
  /** What an execution's scripts have counted. */
  readonly countsOf: (uid: string) => readonly Count[];
}

export interface Violation {
  readonly name: string;
  readonly what: string;
}

/** With no retry an execution may end so when its sandbox or its pod is killed: what it had done by then is not known. */
const LOST: ReadonlySet<string> = new Set(['PodLost', 'SandboxLost']);

type Rule = (execution: ScriptExecution, counts: readonly Count[], claims: Claims) => string | undefined;

const proofOf = ({ status }: ScriptExecution): unknown => (status.result as { proof?: unknown } | undefined)?.proof;

/** It has come to an end. */
const ends: Rule = (execution) =>
  conclusionOf(execution) === undefined ? `it has not ended: ${reasonOf(execution)}` : undefined;

/** Nothing has changed what is run. */
const runsOnce: Rule = ({ status }) => (status.run === 1 ? undefined : `it is run ${status.run}`);

/** Its attempts are as many as it may have. */
const attemptsWithinLimit: Rule = ({ status }, _counts, { backoffLimit }) => {
  const { attempts = 0 } = status;
  return attempts >= 1 && attempts <= backoffLimit + 1 ? undefined : `it had ${attempts} attempts`;
};

/** Its script was started once at most for each attempt that status tells of. */
const countedWithinAttempts: Rule = ({ status }, counts) => {
  const { attempts = 0 } = status;
  return counts.length <= attempts ? undefined : `it was counted ${counts.length} times in ${attempts} attempts`;
};

/** And on the pods that status tells of. */
const countedWhereClaimed: Rule = ({ status }, counts) => {
  const pods = [...(status.attemptHistory ?? []), status.claim].map((each) => each?.podName);
  for (const pod of new Set(counts.map((count) => count.pod))) {
    const counted = counts.filter((count) => count.pod === pod).length;
    const claimed = pods.filter((each) => each === pod).length;
    if (counted > claimed) return `pod ${pod} counted it ${counted} times, and had ${claimed} attempts of it`;
  }
  return undefined;
};

/** What is reported as a success was one: the very call that its result tells of was counted. */
const successIsProved: Rule = (execution, counts) => {
  if (reasonOf(execution) !== 'Completed') return undefined;
  const proof = proofOf(execution);
  return counts.some(({ call }) => call === proof) ? undefined : `its result is ${JSON.stringify(proof)}: not counted`;
};

/** Where there is no retry, a success was counted once. */
const successIsCountedOnce: Rule = (execution, counts, { backoffLimit }) => {
  if (backoffLimit > 0 || reasonOf(execution) !== 'Completed') return undefined;
  return counts.length === 1 ? undefined : `it has completed, and was counted ${counts.length} times`;
};

/** It fails of nothing but what was done to it, and where there are retries it does not fail. */
const failsOfTroubleAlone: Rule = (execution, _counts, { backoffLimit }) => {
  const reason = reasonOf(execution);
  if (reason === 'Completed' || conclusionOf(execution) === undefined) return undefined;
  if (backoffLimit === 0 && LOST.has(reason)) return undefined;
  return `it ended as ${reason}: ${execution.status.error?.message ?? ''}`;
};

const RULES: readonly Rule[] = [
  ends,
  runsOnce,
  attemptsWithinLimit,
  countedWithinAttempts,
  countedWhereClaimed,
  successIsProved,
  successIsCountedOnce,
  failsOfTroubleAlone,
];

/** Holds executions to what is promised of them. Pure. */
export function violationsOf(executions: readonly ScriptExecution[], claims: Claims): Violation[] {
  return executions.flatMap((execution) => {
    const counts = claims.countsOf(execution.metadata.uid ?? '');
    return RULES.flatMap((rule) => {
      const what = rule(execution, counts, claims);
      return what === undefined ? [] : [{ name: execution.metadata.name, what }];
    });
  });
}
