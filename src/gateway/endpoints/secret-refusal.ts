import type { RefusalCode } from '../../api/pod-protocol.ts';
import { Refusal } from '../refusal.ts';

type OfTheClient = Extract<RefusalCode, 'Denied' | 'Replayed' | 'SecretNotFound'>;

/** Whether a pod's refusal is about how a request is authenticated: each pod would refuse it. */
export const isOfTheClient = (code: string): code is OfTheClient =>
  code === 'Denied' || code === 'Replayed' || code === 'SecretNotFound';

/** Why a request for an endpoint is refused that the Secret does not authenticate. NotFound: the endpoint lacks it, as it may lack its runtime. */
export function secretRefusal(code: OfTheClient, why: string): Refusal {
  switch (code) {
    case 'Denied':
      return new Refusal('Unauthorized', why, { headers: { 'www-authenticate': 'Bearer' } });
    case 'Replayed':
      return new Refusal('Conflict', `${why}; nothing was started`);
    case 'SecretNotFound':
      return new Refusal('NotFound', `${why}; nothing was started`, { retryAfterSeconds: 30 });
  }
}
