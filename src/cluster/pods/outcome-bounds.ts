import { MAX_LOG_LINES } from '../../api/pod-protocol.ts';
import { parseBytes } from '../../api/quantity.ts';
import { MAX_SPANS_BYTES } from '../../api/span.ts';
import type { Pod } from '../../kube/resources.ts';

/** Size limits of a run's outcome. */
export interface OutcomeBounds {
  /** Bytes of the result's JSON. */
  readonly resultBytes: number;
  /** Bytes of the log text. */
  readonly logsBytes: number;
}

/** The API's limits of `limits.result` and `limits.logs`. */
export const LARGEST_OUTCOME: OutcomeBounds = { resultBytes: 256 << 10, logsBytes: 256 << 10 };

type Container = NonNullable<Pod['spec']>['containers'][number];

/** Bytes of the longest JSON escape: `\u0000`. */
const ESCAPED = 6;
/** Time, level and punctuation of a line. */
const LINE_BYTES = 128;
/** The error's message, at most 32,768 characters, and all other fields. */
const REST_BYTES = ESCAPED * 32_768 + (16 << 10);

/** Size of the largest answer with an outcome within these limits. */
export function outcomeAnswerBytes({ resultBytes, logsBytes }: OutcomeBounds): number {
  return resultBytes + ESCAPED * logsBytes + MAX_LOG_LINES * LINE_BYTES + REST_BYTES + MAX_SPANS_BYTES;
}

/**
 * The limits a pod was created with: its template contains its runtime's limits at that time, so that runs on an older
 * pod are checked against the limits they had. Undefined if unknown. Pure.
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
