import { MAX_CLOCK_SKEW_S, MAX_TOKEN_AGE_S, type RefusalCode } from '../../api/pod-protocol.ts';
import type { OutcomeInput } from '../../api/status.ts';

/** What has become of an attempt. */
export type Verdict =
  | { readonly kind: 'finished'; readonly outcome: OutcomeInput }
  /** It was certainly not started: it can go elsewhere, and no attempt is spent. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Its pod, or that life of it, is gone with it. */
  | { readonly kind: 'lost'; readonly message: string }
  /** Somebody has taken and recorded its outcome. */
  | { readonly kind: 'recorded' };

/** What is known of an attempt when its pod refuses a request to run it. */
export interface Sent {
  /** Nobody but us, in this term, can have sent it before. */
  readonly byUsAlone: boolean;
  /** Since a request of ours was sent and not answered, in milliseconds; undefined: each was. */
  readonly unansweredForMs: number | undefined;
}

/**
 * After this time no pod takes a request any more, wherever it was held up. The skew counts twice: a pod allows for its clock
 * being ahead of ours, and where it is behind instead, it takes our requests for younger than they are.
 */
const TOKEN_OVER_MS = (MAX_TOKEN_AGE_S + 2 * MAX_CLOCK_SKEW_S + 1) * 1000;

/** What a refusal to run means; undefined: it says nothing yet, ask again. Pure. */
export function verdictOf(code: RefusalCode, message: string, sent: Sent): Verdict | undefined {
  const neverArrived = sent.unansweredForMs === undefined || sent.unansweredForMs > TOKEN_OVER_MS;
  switch (code) {
    case 'StaleEpoch':
      // A newer leader has spoken: then our term is over, or the pod lies and is asked until it has had its time.
      return undefined;
    case 'Acknowledged':
      return { kind: 'recorded' };
    case 'OtherBoot':
      // The life that was meant is over. It has not run there if nobody has asked it to.
      return sent.byUsAlone && sent.unansweredForMs === undefined
        ? { kind: 'refused', message }
        : { kind: 'lost', message: 'The process that ran it ended, and another has taken its place in the pod.' };
    case 'Draining':
      // For good, and the run is unknown there: an earlier request that comes late is refused too.
      return { kind: 'refused', message };
    case 'Busy':
    case 'NotReady':
    case 'BadRequest':
    case 'Unsuitable':
    case 'UnknownRun':
      // An earlier request may still be under way, and be taken when it arrives.
      return neverArrived ? { kind: 'refused', message } : undefined;
    case 'TooLarge':
    case 'Unauthenticated':
      // Refused before the run was looked up: what an earlier request has started may run all the same.
      return sent.byUsAlone && sent.unansweredForMs === undefined ? { kind: 'refused', message } : undefined;
    default:
      return undefined;
  }
}
