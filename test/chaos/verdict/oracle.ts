import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Count } from '../counter.ts';
import { conclusionOf, reasonOf } from './conclusion.ts';

export interface Claims {
  readonly backoffLimit: number;
  /** The counted calls of an execution. */
  readonly countsOf: (uid: string) => readonly Count[];
}

export interface Violation {
  readonly name: string;
  readonly what: string;
}

/** Without retries an execution may end so when its sandbox or pod is killed: whether it had counted is unknown. */
const LOST: ReadonlySet<string> = new Set(['PodLost', 'SandboxLost']);

type Rule = (execution: ScriptExecution, counts: readonly Count[], claims: Claims) => string | undefined;

const proofOf = ({ status }: ScriptExecution): unknown => (status.result as { proof?: unknown } | undefined)?.proof;

/** It finishes. */
const ends: Rule = (execution) =>
  conclusionOf(execution) === undefined ? `it has not finished: ${reasonOf(execution)}` : undefined;

/** Nothing changed what it runs. */
const runsOnce: Rule = ({ status }) => (status.run === 1 ? undefined : `it is run ${status.run}`);

/** It has at most backoffLimit + 1 attempts. */
const attemptsWithinLimit: Rule = ({ status }, _counts, { backoffLimit }) => {
  const { attempts = 0 } = status;
  return attempts >= 1 && attempts <= backoffLimit + 1 ? undefined : `it had ${attempts} attempts`;
};

/** Its script was started at most once per attempt in its status. */
const countedWithinAttempts: Rule = ({ status }, counts) => {
  const { attempts = 0 } = status;
  return counts.length <= attempts ? undefined : `it was counted ${counts.length} times in ${attempts} attempts`;
};

/** Its calls come from the pods in its status. */
const countedWhereClaimed: Rule = ({ status }, counts) => {
  const pods = [...(status.attemptHistory ?? []), status.claim].map((each) => each?.podName);
  for (const pod of new Set(counts.map((count) => count.pod))) {
    const counted = counts.filter((count) => count.pod === pod).length;
    const claimed = pods.filter((each) => each === pod).length;
    if (counted > claimed) return `pod ${pod} counted it ${counted} times in ${claimed} attempts`;
  }
  return undefined;
};

/** A reported success is real: the call in its result was counted. */
const successIsProved: Rule = (execution, counts) => {
  if (reasonOf(execution) !== 'Completed') return undefined;
  const proof = proofOf(execution);
  return counts.some(({ call }) => call === proof) ? undefined : `its result is ${JSON.stringify(proof)}: not counted`;
};

/** Without retries a success was counted exactly once. */
const successIsCountedOnce: Rule = (execution, counts, { backoffLimit }) => {
  if (backoffLimit > 0 || reasonOf(execution) !== 'Completed') return undefined;
  return counts.length === 1 ? undefined : `it completed, but was counted ${counts.length} times`;
};

/** It fails only because of an injected fault, and never with retries. */
const failsOnlyOfFaults: Rule = (execution, _counts, { backoffLimit }) => {
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
  failsOnlyOfFaults,
];

/** Checks executions against the guarantees. Pure. */
export function violationsOf(executions: readonly ScriptExecution[], claims: Claims): Violation[] {
  return executions.flatMap((execution) => {
    const counts = claims.countsOf(execution.metadata.uid ?? '');
    return RULES.flatMap((rule) => {
      const what = rule(execution, counts, claims);
      return what === undefined ? [] : [{ name: execution.metadata.name, what }];
    });
  });
}
