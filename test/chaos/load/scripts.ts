import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Random } from '../random.ts';

/** A script's work: sleep is a host function, burn uses CPU time. */
interface Work {
  readonly sleepMs?: number;
  readonly burnMs?: number;
}

/** Counts once, between two pieces of work, and returns the call's id as proof. */
const SOURCE = `export default async ({ url, before, after }) => {
  const work = async ({ sleepMs = 0, burnMs = 0 }) => {
    if (sleepMs > 0) await clock.sleep(sleepMs);
    for (const end = Date.now() + burnMs; Date.now() < end; );
  };
  await work(before);
  const proof = await counter.count(url);
  await work(after);
  return { proof };
};
`;

/** Shares of scripts by their work after counting; the last takes the rest. */
const KINDS: readonly (readonly [share: number, work: (random: Random) => Work])[] = [
  [0.5, () => ({})],
  [0.2, (random) => ({ sleepMs: random.between(200, 1500) })],
  [0.15, (random) => ({ burnMs: random.between(30, 200) })],
  [0.1, (random) => ({ sleepMs: random.between(1500, 4000) })],
  [0.05, (random) => ({ sleepMs: random.between(4000, 9000), burnMs: 20 })],
];

/** An execution that takes between a millisecond and nine seconds. */
export function chaosExecution(
  { namespace, name, url, backoffLimit }: { namespace: string; name: string; url: string; backoffLimit: number },
  random: Random,
): ScriptExecution {
  const before: Work = random.chance(0.5) ? {} : { sleepMs: random.between(1, 300), burnMs: random.between(0, 20) };
  const params = { url, before, after: workAfter(random) };
  const object = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptExecution',
    metadata: { namespace, name },
    spec: { source: SOURCE, params, backoffLimit },
  };
  return object as unknown as ScriptExecution;
}

function workAfter(random: Random): Work {
  let left = random.next();
  for (const [share, work] of KINDS) {
    if (left < share) return work(random);
    left -= share;
  }
  return {};
}
