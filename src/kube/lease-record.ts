import { formatTime } from '../api/time.ts';
import type { Lease } from './resources.ts';

type LeaseSpec = NonNullable<Lease['spec']>;

/** 2025-01-01T00:00:00Z, in milliseconds. */
const ORIGIN = Date.UTC(2025, 0, 1);
/** `leaseTransitions` is a signed 32-bit integer; half its range lasts until 2059. */
const MAX_EPOCH_BY_TIME = 2 ** 30;

/**
 * The least epoch of a term that begins now: seconds since 2025. Pods refuse an epoch below one they have seen, and a
 * Lease that was deleted or restored from an etcd backup may hold a smaller number. Returns 0 if the clock is out of
 * range.
 */
export function epochByTime(now: Date): number {
  const seconds = Math.floor((now.getTime() - ORIGIN) / 1000);
  return seconds >= 0 && seconds <= MAX_EPOCH_BY_TIME ? seconds : 0;
}

/**
 * The Lease as a new leader writes it. Each term has its own epoch, even if the holder is unchanged, and it exceeds the
 * last epoch seen, even if the Lease was deleted or restored.
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

/** The Lease with a new renewal time. */
export function renewed(lease: Lease, now: Date): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: formatTime(now) } };
}

/** The Lease without a holder: any process may acquire it at once. */
export function released(lease: Lease, now: Date): Lease {
  const { holderIdentity: _, ...spec } = lease.spec ?? ({} as LeaseSpec);
  return { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime: formatTime(now) } };
}

/**
 * The Lease as a waiting process observes it. It has expired when it has not changed for its duration by the local
 * monotonic clock: the times in it are another machine's and are never compared.
 */
export class LeaseObservation {
  readonly #defaultDurationMs: number;
  readonly #hasEnded: (identity: string) => boolean;
  #seen = '';
  #seenAt = 0;

  /** @param hasEnded whether a holder's process has certainly exited, which frees the Lease */
  constructor(defaultDurationMs: number, hasEnded: (identity: string) => boolean = () => false) {
    this.#defaultDurationMs = defaultDurationMs;
    this.#hasEnded = hasEnded;
  }

  /** Time until the Lease can be acquired, in milliseconds; 0: now. @param now any monotonic clock, in milliseconds */
  msUntilFree(lease: Lease, identity: string, now: number): number {
    const spec = lease.spec ?? ({} as LeaseSpec);
    const text = JSON.stringify([spec.holderIdentity, spec.acquireTime, spec.renewTime, spec.leaseTransitions]);
    if (text !== this.#seen) {
      this.#seen = text;
      this.#seenAt = now;
    }
    // An identity belongs to one process: a Lease that names it while it does not lead is left over from an earlier
    // term.
    if (!spec.holderIdentity || spec.holderIdentity === identity || this.#hasEnded(spec.holderIdentity)) return 0;
    const durationMs = spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1000 : this.#defaultDurationMs;
    return Math.max(0, this.#seenAt + durationMs - now);
  }
}
