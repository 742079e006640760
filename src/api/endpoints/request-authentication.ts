import type { SecretKeyReference } from '../types.generated.ts';
import type { Replays } from './replays.ts';
import { checkSignature, isToken, type SignedRequest, type WebhookFormat } from './webhook-signature.ts';

/** How a request is authenticated where the Secret is: in a pod, or in this process. */
export type SecretAuthentication = {
  /** Uid of the endpoint. */
  readonly endpoint: string;
  readonly secretKeyRef: SecretKeyReference;
} & (
  | {
      readonly type: 'Bearer';
      /** What the client has sent. */
      readonly token: string;
    }
  | {
      readonly type: 'Webhook';
      readonly format: WebhookFormat;
      readonly toleranceSeconds: number;
    }
);

/** A request as it has arrived. */
export interface ReceivedRequest {
  readonly headers: SignedRequest['headers'];
  /** Undefined: it is streamed, and not there yet. */
  readonly body: SignedRequest['body'] | undefined;
}

/** Whether a request is authenticated. */
export type Authenticated =
  | {
      readonly ok: true;
      /** It has failed: its sender may send it again. */
      readonly failed: () => void;
    }
  | { readonly ok: false; readonly code: 'Denied' | 'Replayed'; readonly why: string };

/**
 * Authenticates a request by a Secret. A webhook is taken once within twice its tolerance, by what was signed.
 *
 * @param secret the value of the Secret's key
 * @param nowMs milliseconds since the epoch
 */
export function authenticateBySecret(
  how: SecretAuthentication,
  { headers, body }: ReceivedRequest,
  { secret, replays, nowMs }: { readonly secret: string; readonly replays: Replays; readonly nowMs: number },
): Authenticated {
  if (how.type === 'Bearer') {
    if (isToken(how.token, secret)) return { ok: true, failed: () => {} };
    return { ok: false, code: 'Denied', why: 'the token is not that of the endpoint' };
  }
  if (body === undefined)
    return { ok: false, code: 'Denied', why: 'a signature is over the whole body, which is streamed' };
  const request = { headers, body };
  const { format, toleranceSeconds, endpoint } = how;
  const check = checkSignature(format, request, { secret, toleranceSeconds, nowMs });
  if (!check.ok) return { ok: false, code: 'Denied', why: check.why };
  const delivery = `${endpoint} ${check.content}`;
  if (!replays.take(delivery, 2 * toleranceSeconds * 1000)) {
    return { ok: false, code: 'Replayed', why: 'the same delivery has been taken already' };
  }
  return { ok: true, failed: () => replays.giveBack(delivery) };
}
