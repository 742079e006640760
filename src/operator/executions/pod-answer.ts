import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S, type RefusalCode } from '../../api/pod-protocol.ts';
import type { OutcomeInput } from '../../api/status.ts';

/** The result of an attempt. */
export type Verdict =
  | { readonly kind: 'finished'; readonly outcome: OutcomeInput }
  /** It was certainly not started: it can run on another pod, without counting as an attempt. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Its pod, or that boot of it, is lost. */
  | { readonly kind: 'lost'; readonly message: string }
  /** Its outcome has been acknowledged. */
  | { readonly kind: 'recorded' };

/** What is known of an attempt when its pod refuses to run it. */
export interface Sent {
  /** Only this leader, in this term, can have sent it before. */
  readonly byUsAlone: boolean;
  /** Time since the first unanswered request, in milliseconds; undefined: all were answered. */
  readonly unansweredForMs: number | undefined;
}

/**
 * After this time no pod accepts a request any more, however it was delayed. The skew counts twice: a pod tolerates a
 * clock ahead of ours, and if it is behind instead, our requests look younger than they are.
 */
const TOKEN_OVER_MS = (MAX_TOKEN_AGE_S + 2 * MAX_CLOCK_SKEW_S + 1) * 1000;

/** What a refusal to run means; undefined: unknown, ask again. Pure. */
export function verdictOf(code: RefusalCode, message: string, sent: Sent): Verdict | undefined {
  const neverArrived = sent.unansweredForMs === undefined || sent.unansweredForMs > TOKEN_OVER_MS;
  switch (code) {
    case 'StaleEpoch':
      // A newer leader exists, so our term is over; or the pod lies, and is asked until its time is over.
      return undefined;
    case 'Acknowledged':
      return { kind: 'recorded' };
    case 'OtherBoot':
      // That boot is over. The run has not started there if no request was sent.
      return sent.byUsAlone && sent.unansweredForMs === undefined
        ? { kind: 'refused', message }
        : { kind: 'lost', message: 'The process that ran it exited, and was restarted in the pod.' };
    case 'Draining':
      // Permanent, and the run is unknown there: a delayed earlier request is refused too.
      return { kind: 'refused', message };
    case 'Busy':
    case 'NotReady':
    case 'BadRequest':
    case 'Unsuitable':
    case 'UnknownRun':
      // An earlier request may still be in flight, and be accepted.
      return neverArrived ? { kind: 'refused', message } : undefined;
    case 'TooLarge':
    case 'Unauthenticated':
      // Refused before the run was looked up: an earlier request may have started it.
      return sent.byUsAlone && sent.unansweredForMs === undefined ? { kind: 'refused', message } : undefined;
    default:
      return undefined;
  }
}
