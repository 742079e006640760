import { formatTime } from '../../api/time.ts';
import type { Lease } from './resources.ts';

type LeaseSpec = NonNullable<Lease['spec']>;

/** 2025-01-01T00:00:00Z, in milliseconds. */
const FIRST_EPOCH_ORIGIN = Date.UTC(2025, 0, 1);

/**
 * The epoch of the first leader of a new lease: seconds since 2025, which fit the API's 32 bits until 2093. A lease that
 * somebody deleted must not start at 0 again, as those who have seen its last epoch obey no older one.
 */
export function firstEpoch(now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - FIRST_EPOCH_ORIGIN) / 1000));
}

/**
 * The lease as a leader takes it. Each term has an epoch of its own, also where the holder was the same before, and greater
 * than the last one that was seen, also where the lease was deleted meanwhile.
 */
export function acquired(
  lease: Lease,
  {
    identity,
    leaseDurationMs,
    lastEpoch,
    now,
  }: { identity: string; leaseDurationMs: number; lastEpoch: number; now: Date },
): Lease {
  const { spec } = lease;
  const next = spec?.leaseTransitions === undefined ? firstEpoch(now) : spec.leaseTransitions + 1;
  const leaseTransitions = Math.max(next, lastEpoch + 1);
  const acquireTime = formatTime(now);
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime,
      renewTime: acquireTime,
      leaseTransitions,
    },
  };
}

/** The lease as its leader renews it. */
export function renewed(lease: Lease, now: Date): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: formatTime(now) } };
}

/** The lease as its leader leaves it: anybody may take it at once. */
export function released(lease: Lease, now: Date): Lease {
  const { holderIdentity: _, ...spec } = lease.spec ?? ({} as LeaseSpec);
  return { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime: formatTime(now) } };
}

/**
 * What somebody who waits has seen of a lease. A lease has expired when it has not changed for its duration by our own
 * clock: the times that are written in it are another machine's, and never compared.
 */
export class LeaseObservation {
  readonly #defaultDurationMs: number;
  #seen = '';
  #seenAt = 0;

  constructor(defaultDurationMs: number) {
    this.#defaultDurationMs = defaultDurationMs;
  }

  /** How long, by what has been seen until `now` (any steady clock, ms), until the lease can be taken; 0: now. */
  msUntilFree(lease: Lease, identity: string, now: number): number {
    const spec = lease.spec ?? ({} as LeaseSpec);
    const text = JSON.stringify([spec.holderIdentity, spec.acquireTime, spec.renewTime, spec.leaseTransitions]);
    if (text !== this.#seen) {
      this.#seen = text;
      this.#seenAt = now;
    }
    // An identity is one process's: a lease that names us while we do not lead is the rest of a term of ours that is over.
    if (!spec.holderIdentity || spec.holderIdentity === identity) return 0;
    const durationMs = spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1000 : this.#defaultDurationMs;
    return Math.max(0, this.#seenAt + durationMs - now);
  }
}
