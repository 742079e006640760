import { describe, expect, test } from '@jest/globals';
import { REFUSAL_STATUS, type RefusalCode } from '../../../../src/api/pod-protocol.ts';
import { type Sent, verdictOf } from '../../../../src/operator/executions/pod-answer.ts';

/** What is known of an attempt when the pod refuses a run request. */
const SENT = {
  /** It was the only request. */
  'the first request': { byUsAlone: true, unansweredForMs: undefined },
  /** An earlier request of this leader may still arrive, or has arrived and was started. */
  'one without an answer before': { byUsAlone: true, unansweredForMs: 40_000 },
  /** The earlier request can no longer arrive: it has arrived or is lost. */
  'one without an answer long before': { byUsAlone: true, unansweredForMs: 60_000 },
  /** An earlier leader may have sent it; a pod that runs it reports so when it looks the run up. */
  'perhaps one of an earlier leader’s': { byUsAlone: false, unansweredForMs: undefined },
  both: { byUsAlone: false, unansweredForMs: 40_000 },
} satisfies Record<string, Sent>;
type Known = keyof typeof SENT;

/** `again`: undecided; the pod is asked again. */
const all = (verdict: string): Record<Known, string> =>
  Object.fromEntries(Object.keys(SENT).map((known) => [known, verdict])) as Record<Known, string>;

/** The pod has looked the run up and not found it; no run was started. */
const NOT_THERE: Record<Known, string> = {
  ...all('refused'),
  'one without an answer before': 'again',
  both: 'again',
};
/** Refused before the lookup: it says nothing about earlier requests. */
const NOT_LOOKED_UP: Record<Known, string> = { ...all('again'), 'the first request': 'refused' };

describe('the verdict of a refusal', () => {
  test.each<[RefusalCode, Record<Known, string>]>([
    ['StaleEpoch', all('again')],
    ['Acknowledged', all('recorded')],
    // The earlier boot of the pod is over, and its runs with it; a run that was never sent has not run.
    ['OtherBoot', { ...all('lost'), 'the first request': 'refused' }],
    // A late request is refused as well.
    ['Draining', all('refused')],
    ['Busy', NOT_THERE],
    ['NotReady', NOT_THERE],
    ['BadRequest', NOT_THERE],
    ['UnknownRun', NOT_THERE],
    ['TooLarge', NOT_LOOKED_UP],
    // A wrong clock or a new key says nothing about a run that an earlier request has started.
    ['Unauthenticated', NOT_LOOKED_UP],
    ['InternalError', all('again')],
    ['StillRunning', all('again')],
  ])('%s', (code, expected) => {
    const meant = Object.entries(SENT).map(([known, sent]) => [known, verdictOf(code, 'no', sent)?.kind ?? 'again']);
    expect(Object.fromEntries(meant)).toEqual(expected);
  });

  test('is known for every code', () => {
    for (const code of Object.keys(REFUSAL_STATUS) as RefusalCode[]) {
      expect(() => verdictOf(code, 'no', SENT['the first request'])).not.toThrow();
    }
  });

  test('has the message of the pod', () => {
    expect(verdictOf('Busy', '64 runs are active', SENT['the first request'])).toEqual({
      kind: 'refused',
      message: '64 runs are active',
    });
  });
});

test.each([
  [50_999, 'again'],
  [51_000, 'again'],
  [51_001, 'refused'],
])('a request that was sent %d ms ago may still arrive: %s', (unansweredForMs, expected) => {
  expect(verdictOf('Busy', 'no', { byUsAlone: true, unansweredForMs })?.kind ?? 'again').toBe(expected);
});
