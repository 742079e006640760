import { describe, expect, test } from '@jest/globals';
import { REFUSAL_STATUS, type RefusalCode } from '../../../../src/api/pod-protocol.ts';
import { type Sent, verdictOf } from '../../../../src/operator/executions/pod-answer.ts';

/** What may be known of an attempt when a request to run it is refused. */
const SENT = {
  /** This was the only request there has been. */
  'the first request': { byUsAlone: true, unansweredForMs: undefined },
  /** An earlier one of ours may be held up somewhere, and arrive yet: or have arrived, and been started. */
  'one without an answer before': { byUsAlone: true, unansweredForMs: 40_000 },
  /** It can't arrive any more: it has arrived, or never will. */
  'one without an answer long before': { byUsAlone: true, unansweredForMs: 60_000 },
  /** An earlier leader may have sent it, and a pod that runs it says so when it looks the run up. */
  'perhaps one of an earlier leader’s': { byUsAlone: false, unansweredForMs: undefined },
  both: { byUsAlone: false, unansweredForMs: 40_000 },
} satisfies Record<string, Sent>;
type Known = keyof typeof SENT;

/** `again`: nothing is known yet, and the pod is asked again. */
const all = (verdict: string): Record<Known, string> =>
  Object.fromEntries(Object.keys(SENT).map((known) => [known, verdict])) as Record<Known, string>;

/** The run was looked up and is not there, and nothing was started. */
const NOT_THERE: Record<Known, string> = {
  ...all('refused'),
  'one without an answer before': 'again',
  both: 'again',
};
/** Refused before the run was looked up: of earlier requests it says nothing. */
const NOT_LOOKED_UP: Record<Known, string> = { ...all('again'), 'the first request': 'refused' };

describe('what a refusal means', () => {
  test.each<[RefusalCode, Record<Known, string>]>([
    ['StaleEpoch', all('again')],
    ['Acknowledged', all('recorded')],
    // That life of the pod has ended, and with it what it ran; what nobody has sent there has not run.
    ['OtherBoot', { ...all('lost'), 'the first request': 'refused' }],
    // What comes late is refused as well.
    ['Draining', all('refused')],
    ['Busy', NOT_THERE],
    ['NotReady', NOT_THERE],
    ['BadRequest', NOT_THERE],
    ['UnknownRun', NOT_THERE],
    ['TooLarge', NOT_LOOKED_UP],
    // A clock that is off, or a key that is new, says nothing of what an earlier request has started.
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

  test('is told in the pod’s own words', () => {
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
