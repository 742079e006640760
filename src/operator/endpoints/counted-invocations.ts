import { INVOCATION_OUTCOMES, type InvocationCounts, type InvocationOutcome } from '../../api/gateway-protocol.ts';
import { formatTime } from '../../api/time.ts';
import type { ScriptEndpointStatusInvocations } from '../../api/types.generated.ts';

/** The counts of an endpoint that the process of a gateway has reported. */
export interface ToldInvocations {
  readonly podUID: string;
  readonly bootID: string;
  readonly counts: InvocationCounts;
}

export interface CountedInvocations {
  readonly invocations: ScriptEndpointStatusInvocations;
  /** Whether it differs from the status. */
  readonly isChanged: boolean;
  /** Ids of the processes whose counts are included in full. */
  readonly included: ReadonlySet<string>;
}

type Included = NonNullable<ScriptEndpointStatusInvocations['gateways']>[number];

/** `maxItems` of the definition. */
const MAX_GATEWAYS = 64;
const NONE = { total: 0, succeeded: 0, failed: 0, cancelled: 0, refused: 0 };

/**
 * Adds to the counts of an endpoint's status what gateways have reported since. The status records what it includes of each gateway, so
 * the sum is right after a restart, with another leader, and after a write whose answer was lost. A gateway that has ended stays in the
 * list until a write that includes it has been acknowledged: until then its counts are still in `told`. Pure.
 *
 * @param before as the status has it
 * @param told by each process, since it started
 * @param hasEnded whether a process will never tell anything again
 */
export function countedInvocations(
  before: ScriptEndpointStatusInvocations | undefined,
  told: readonly ToldInvocations[],
  hasEnded: (podUID: string, bootID: string) => boolean,
): CountedInvocations {
  const toldBy = new Set(told.map(({ bootID }) => bootID));
  const kept = (before?.gateways ?? []).filter(({ podUID, bootID }) => toldBy.has(bootID) || !hasEnded(podUID, bootID));
  const gateways = new Map<string, Included>(kept.map((each) => [each.bootID, each]));
  const sums = { ...NONE, ...before };
  let { lastTime = '' } = before ?? {};
  let isChanged = false;
  const included = new Set<string>();
  for (const { podUID, bootID, counts } of told) {
    const known = gateways.get(bootID);
    // It is counted once there is room: nothing is lost, as its counts start with its process.
    if (known === undefined && gateways.size >= MAX_GATEWAYS) continue;
    included.add(bootID);
    const added = addedTo(known, counts);
    for (const outcome of INVOCATION_OUTCOMES) sums[outcome] += added[outcome];
    const isInvoked = added.succeeded + added.failed + added.cancelled > 0;
    if (!isInvoked && added.refused === 0) continue;
    isChanged = true;
    gateways.set(bootID, { podUID, bootID, ...sumOf(known, added) });
    const time = formatTime(new Date(counts.lastTime));
    if (isInvoked && time > lastTime) lastTime = time;
  }
  const invocations = {
    total: sums.succeeded + sums.failed + sums.cancelled,
    succeeded: sums.succeeded,
    failed: sums.failed,
    cancelled: sums.cancelled,
    refused: sums.refused,
    ...(lastTime === '' ? {} : { lastTime }),
    gateways: [...gateways.values()],
  };
  return { invocations, isChanged, included };
}

type ByOutcome = Record<InvocationOutcome, number>;

const byOutcome = (count: (outcome: InvocationOutcome) => number): ByOutcome =>
  Object.fromEntries(INVOCATION_OUTCOMES.map((outcome) => [outcome, count(outcome)])) as ByOutcome;

const addedTo = (known: Included | undefined, counts: InvocationCounts): ByOutcome =>
  byOutcome((outcome) => Math.max(0, counts[outcome] - (known?.[outcome] ?? 0)));

const sumOf = (known: Included | undefined, added: ByOutcome): ByOutcome =>
  byOutcome((outcome) => (known?.[outcome] ?? 0) + added[outcome]);
