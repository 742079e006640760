import { MAX_LOG_LINES } from '../../api/pod-protocol.ts';
import { parseBytes } from '../../api/quantity.ts';
import type { Pod } from '../kube/resources.ts';

/** How much of a run's outcome is taken from a pod. */
export interface OutcomeBounds {
  /** Bytes of a result's JSON. */
  readonly resultBytes: number;
  /** Bytes of the text of its log. */
  readonly logsBytes: number;
}

/** What the API bounds `limits.result` and `limits.logs` by. */
export const LARGEST_OUTCOME: OutcomeBounds = { resultBytes: 256 << 10, logsBytes: 256 << 10 };

type Container = NonNullable<Pod['spec']>['containers'][number];

/** A byte of text at its longest in JSON: `\u0000`. */
const ESCAPED = 6;
/** Time, level and punctuation of a line. */
const LINE_BYTES = 128;
/** The error's message, at most 32,768 characters, and everything else. */
const REST_BYTES = ESCAPED * 32_768 + (16 << 10);

/** Bytes of the largest answer that an outcome of these bounds can be. */
export function outcomeAnswerBytes({ resultBytes, logsBytes }: OutcomeBounds): number {
  return resultBytes + ESCAPED * logsBytes + MAX_LOG_LINES * LINE_BYTES + REST_BYTES;
}

/**
 * The bounds that a pod was made with: its template holds the limits of its runtime as they were then, so that what runs on an
 * older pod is judged by the limits that it was promised. Undefined where the pod does not say. Pure.
 */
export function outcomeBoundsOf(container: Container | undefined): OutcomeBounds | undefined {
  const config = container?.env?.find(({ name }) => name === 'COPEPOD_RUNTIME_CONFIG')?.value;
  try {
    const { limits } = JSON.parse(config ?? '{}') as { limits: { result: string | number; logs: string | number } };
    return {
      resultBytes: Math.min(parseBytes(limits.result), LARGEST_OUTCOME.resultBytes),
      logsBytes: Math.min(parseBytes(limits.logs), LARGEST_OUTCOME.logsBytes),
    };
  } catch {
    return undefined;
  }
}
