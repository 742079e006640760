import { Replays } from '../../api/endpoints/replays.ts';
import {
  type Authenticated,
  authenticateBySecret,
  type ReceivedRequest,
  type SecretAuthentication,
} from '../../api/endpoints/request-authentication.ts';
import { keyOf, referenceText, type ValueReference } from '../../api/env.ts';
import type { ValueSource } from '../env/value-source.ts';
import { RefusalError } from './refusal.ts';

/** Authenticates requests for endpoints by the Secrets that are mounted into the pod. */
export class EndpointAuthentication {
  readonly #values: ValueSource;
  readonly #mounted: ReadonlySet<string>;
  readonly #replays = new Replays();

  /** @param mounted the Secrets that the pod was started with for endpoints */
  constructor(values: ValueSource, mounted: readonly ValueReference[]) {
    this.#values = values;
    this.#mounted = new Set(mounted.map(keyOf));
  }

  /** @throws RefusalError Denied or Replayed; SecretNotFound; Unsuitable if the pod was started before the endpoint had this Secret */
  check(how: SecretAuthentication, request: ReceivedRequest): Extract<Authenticated, { ok: true }> {
    const reference = { kind: 'Secret', ...how.secretKeyRef } as const;
    const secret = this.#values.snapshot().read(reference);
    if (secret === undefined && !this.#mounted.has(keyOf(reference))) {
      throw new RefusalError('Unsuitable', `this pod was started without ${referenceText(reference)}`);
    }
    if (secret === undefined) throw new RefusalError('SecretNotFound', `${referenceText(reference)} does not exist`);
    const result = authenticateBySecret(how, request, { secret, replays: this.#replays, nowMs: Date.now() });
    if (!result.ok) throw new RefusalError(result.code, result.why);
    return result;
  }
}
