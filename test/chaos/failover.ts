import { until } from '../../bench/cluster/until.ts';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import { pause } from '../../src/kube/pause.ts';
import { PODS } from '../../src/kube/resources.ts';
import { type ChaosCluster, NODE_ADDRESS, OPERATOR } from './cluster/chaos-cluster.ts';
import { insist, insistOnDeleting } from './cluster/insist.ts';
import { inNamespace } from './cluster/namespace.ts';
import { operatorsReady } from './cluster/operator.ts';
import { Counter } from './counter.ts';
import type { Options } from './options.ts';
import { violationsOf } from './verdict/oracle.ts';

const EVERY_MS = 100;
const WITHIN_MS = 60_000;
const OPERATORS = 2;

/** The ways to end a leader. */
const WAYS = {
  'its process killed': async (_cluster, { pid }) => void process.kill(pid, 'SIGKILL'),
  'its process killed, its pod gone': async (cluster, { pid, pod }, signal) => {
    process.kill(pid, 'SIGKILL');
    await deletePod(cluster, pod, signal, 0);
  },
  'its pod deleted': (cluster, { pod }, signal) => deletePod(cluster, pod, signal),
} satisfies Record<string, (cluster: ChaosCluster, leader: Leader, signal: AbortSignal) => Promise<void>>;

interface Leader {
  readonly pid: number;
  readonly pod: string;
}

interface Arrived {
  readonly uid: string;
  /** When its create was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Measures how long no script starts after the leader ends. Prints the result and returns the number of violations. */
export function measureFailover(cluster: ChaosCluster, options: Options, signal: AbortSignal): Promise<number> {
  const { image, keep, kills } = options;
  const shape = { image, pods: 1, poolSize: 4, keep, purpose: 'failover' };
  return inNamespace(cluster, shape, signal, (namespace) => measureIn(namespace, cluster, kills, signal));
}

async function measureIn(
  namespace: string,
  cluster: ChaosCluster,
  kills: number,
  signal: AbortSignal,
): Promise<number> {
  using counter = await Counter.start(NODE_ADDRESS);
  const arrived: Arrived[] = [];
  const enough = new AbortController();
  const arriving = arrive(cluster, { namespace, counter, arrived, signal: AbortSignal.any([enough.signal, signal]) });
  console.log(
    `\nfailover: from the end of the leader (two operators) to the next start of a script; one arrives every ${EVERY_MS} ms`,
  );
  try {
    for (const [what, end] of Object.entries(WAYS)) {
      const gaps: Gap[] = [];
      while (gaps.length < kills) gaps.push(await gapAfter(cluster, end, arrived, counter, signal));
      console.log(`  ${what.padEnd(36)} ${figures(gaps.map(({ toScript }) => toScript))}, of ${gaps.length}`);
      console.log(`  ${'  to the next leader'.padEnd(36)} ${figures(gaps.map(({ toLeader }) => toLeader))}`);
    }
  } finally {
    enough.abort();
    await arriving;
  }
  const { items, violations } = await verdict(cluster, namespace, counter, signal);
  console.log(`  executions: ${items.length}; that failed, or ran twice: ${violations.length}`);
  for (const { name, what } of violations) console.log(`    ${name}: ${what}`);
  return violations.length;
}

/** Times from the end of a leader, in milliseconds. */
interface Gap {
  readonly toLeader: number;
  readonly toScript: number;
}

async function gapAfter(
  cluster: ChaosCluster,
  end: (cluster: ChaosCluster, leader: Leader, signal: AbortSignal) => Promise<void>,
  arrived: readonly Arrived[],
  counter: Counter,
  signal: AbortSignal,
): Promise<Gap> {
  const firstCountAfter = (moment: number) =>
    until('a script to start', WITHIN_MS, signal, async () => {
      const counts = arrived.filter(({ sentAt }) => sentAt > moment).flatMap(({ uid }) => counter.of(uid));
      return counts.length === 0 ? undefined : Math.min(...counts.map(({ at }) => at));
    });
  await operatorsReady(cluster, OPERATORS, signal);
  await firstCountAfter(Date.now());
  // At a random moment between two renewals of the lease.
  await pause(2000 * Math.random(), signal);
  const leader = cluster.processes(OPERATOR.namespace, 'operator').find(({ pod }) => pod === cluster.leader);
  if (leader === undefined) throw new Error('no operator leads');
  const endedAt = Date.now();
  await end(cluster, leader, signal);
  const toScript = (await firstCountAfter(endedAt)) - endedAt;
  const toLeader = cluster.heldSince - endedAt;
  // The kubelet restarts a killed process with growing back-off, so the next kill gets a new pod.
  await deletePod(cluster, leader.pod, signal);
  await until(`the deletion of pod ${leader.pod}`, WITHIN_MS, signal, async () => {
    const ref = { namespace: OPERATOR.namespace, name: leader.pod };
    return (await insist(signal, (call) => cluster.client.find(PODS, ref, call))) ? undefined : true;
  });
  return { toLeader, toScript };
}

async function arrive(
  { client }: ChaosCluster,
  {
    namespace,
    counter,
    arrived,
    signal,
  }: { namespace: string; counter: Counter; arrived: Arrived[]; signal: AbortSignal },
): Promise<void> {
  for (let index = 0; !signal.aborted; index += 1) {
    const object = {
      metadata: { namespace, name: `f-${String(index).padStart(5, '0')}` },
      spec: {
        source: 'export default async ({ url }) => ({ proof: await counter.count(url) })',
        params: { url: counter.url },
      },
    } as unknown as ScriptExecution;
    const sentAt = Date.now();
    const { metadata } = await client.create(SCRIPT_EXECUTIONS, object);
    arrived.push({ uid: metadata.uid ?? '', sentAt });
    await pause(EVERY_MS, signal);
  }
}

async function verdict({ client }: ChaosCluster, namespace: string, counter: Counter, signal: AbortSignal) {
  const list = () =>
    insist(signal, (call) => client.list(SCRIPT_EXECUTIONS, { namespace, ...call, timeoutMs: 60_000 }));
  const hasEnded = ({ status }: ScriptExecution): boolean => status.completionTime !== undefined;
  const items = await until('all executions to end', WITHIN_MS, signal, async () => {
    const found = (await list()).items;
    return found.every(hasEnded) ? found : undefined;
  });
  const claims = { backoffLimit: 0, countsOf: (uid: string) => counter.of(uid) };
  const failed = items
    .filter(({ status }) => status.conditions?.find(({ type }) => type === 'Succeeded')?.status !== 'True')
    .map(({ metadata: { name }, status }) => ({ name, what: `it failed: ${status.error?.message ?? ''}` }));
  return { items, violations: [...violationsOf(items, claims), ...failed] };
}

async function deletePod(
  cluster: ChaosCluster,
  name: string,
  signal: AbortSignal,
  gracePeriodSeconds?: number,
): Promise<void> {
  const ref = { namespace: OPERATOR.namespace, name };
  await insistOnDeleting(signal, (call) => cluster.client.delete(PODS, ref, { ...call, gracePeriodSeconds }));
}

function figures(gaps: readonly number[]): string {
  const sorted = [...gaps].sort((one, other) => one - other);
  const at = (index: number): string => `${((sorted[index] ?? Number.NaN) / 1000).toFixed(2)} s`;
  return `min ${at(0)}, median ${at(Math.floor(sorted.length / 2))}, max ${at(sorted.length - 1)}`;
}
