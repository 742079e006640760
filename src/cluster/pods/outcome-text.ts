import { MAX_LOG_LINES } from '../../api/pod-protocol.ts';
import { MAX_SPANS, MAX_SPANS_BYTES } from '../../api/span.ts';
import { itemsOf, membersOf, scalarOf } from './json-text.ts';
import type { OutcomeBounds } from './outcome-bounds.ts';

/** A pod's answer about a run. */
export interface RunAnswer {
  readonly state?: unknown;
  /** Members of a `RunOutcome`, unchecked; undefined without one. */
  readonly outcome?: unknown;
}

/**
 * Parses a pod's `RunState`. Of the known members, all except the result are parsed as text and numbers; the result
 * only within its runtime's limit, otherwise the outcome becomes ResultTooLarge. Undefined if the text is not such an
 * answer. Pure.
 */
export function runAnswerOf(text: string, { resultBytes }: OutcomeBounds): RunAnswer | undefined {
  const answer = membersOf(text);
  if (answer === undefined) return undefined;
  const state = scalarOf(answer.get('state'));
  const members = membersOf(answer.get('outcome') ?? '');
  if (members === undefined) return { state };
  const result = members.get('result');
  const isTooLarge = result !== undefined && Buffer.byteLength(result) > resultBytes;
  const outcome = {
    reason: scalarOf(members.get('reason')),
    error: scalarsOf(members.get('error')),
    logs: itemsOf(members.get('logs') ?? '', MAX_LOG_LINES)?.map(scalarsOf),
    usage: scalarsOf(members.get('usage')),
    startTime: scalarOf(members.get('startTime')),
    completionTime: scalarOf(members.get('completionTime')),
    spans: spansOf(members.get('spans')),
  };
  if (isTooLarge) {
    const message = `The pod's result exceeds ${resultBytes} bytes, the limit of its runtime.`;
    return { state, outcome: { ...outcome, reason: 'ResultTooLarge', error: { message } } };
  }
  if (result === undefined) return { state, outcome };
  try {
    return { state, outcome: { ...outcome, result: JSON.parse(result) as unknown } };
  } catch {
    return undefined;
  }
}

/** More than a pod may report are none: they are no part of the outcome. */
function spansOf(text: string | undefined): readonly unknown[] | undefined {
  if (text === undefined || Buffer.byteLength(text) > MAX_SPANS_BYTES) return undefined;
  return itemsOf(text, MAX_SPANS)?.map((each) => {
    const members = membersOf(each);
    if (members === undefined) return undefined;
    const { attributes: _, ...scalars } = Object.fromEntries(
      [...members].map(([name, value]) => [name, scalarOf(value)]),
    );
    return { ...scalars, attributes: scalarsOf(members.get('attributes')) };
  });
}

function scalarsOf(text: string | undefined): Record<string, unknown> | undefined {
  const members = membersOf(text ?? '');
  return members && Object.fromEntries([...members].map(([name, value]) => [name, scalarOf(value)]));
}
