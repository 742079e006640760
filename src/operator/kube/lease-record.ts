import { formatTime } from '../../api/time.ts';
import type { Lease } from './resources.ts';

type LeaseSpec = NonNullable<Lease['spec']>;

/** 2025-01-01T00:00:00Z, in milliseconds. */
const ORIGIN = Date.UTC(2025, 0, 1);
/** The API's `leaseTransitions` has 32 bits with a sign; half of them last until 2059. */
const MAX_EPOCH_BY_TIME = 2 ** 30;

/**
 * The least epoch of a term that begins now: seconds since 2025. Those who have seen a lease's last epoch obey no older one,
 * and a lease that was deleted, or came back with a backup of etcd, knows less of it than they do. 0 where the clock is absurd.
 */
export function epochByTime(now: Date): number {
  const seconds = Math.floor((now.getTime() - ORIGIN) / 1000);
  return seconds >= 0 && seconds <= MAX_EPOCH_BY_TIME ? seconds : 0;
}

/**
 * The lease as a leader takes it. Each term has an epoch of its own, also where the holder was the same before, and greater
 * than the last one that was seen, also where the lease was deleted or restored meanwhile.
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
  const leaseTransitions = Math.max((spec?.leaseTransitions ?? -1) + 1, lastEpoch + 1, epochByTime(now));
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
  readonly #hasEnded: (identity: string) => boolean;
  #seen = '';
  #seenAt = 0;

  /** @param hasEnded whether a holder's process has certainly ended: its lease is free */
  constructor(defaultDurationMs: number, hasEnded: (identity: string) => boolean = () => false) {
    this.#defaultDurationMs = defaultDurationMs;
    this.#hasEnded = hasEnded;
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
    if (!spec.holderIdentity || spec.holderIdentity === identity || this.#hasEnded(spec.holderIdentity)) return 0;
    const durationMs = spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1000 : this.#defaultDurationMs;
    return Math.max(0, this.#seenAt + durationMs - now);
  }
}
