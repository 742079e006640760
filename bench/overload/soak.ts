import { pause } from '../../src/kube/pause.ts';
import { PODS } from '../../src/kube/resources.ts';
import { controlPlaneUse } from '../cluster/control-plane.ts';
import { observeExecution } from '../cluster/executions.ts';
import { inNamespace, userIn } from '../cluster/namespace.ts';
import { podResidentBytes } from '../cluster/pod-processes.ts';
import { startRuntime } from '../cluster/runtime.ts';
import { tableLines } from '../cluster/table.ts';
import type { Target } from '../cluster/target.ts';
import { latencyOf } from './latency.ts';
import { LoadGenerator, type Run } from './load-generator.ts';
import { openLoop } from './open-loop.ts';
import { type Check, nothingFailed, type PartContext, type PartResult } from './part.ts';
import { type Trend, trendOf } from './trend.ts';

const STALL_LIMIT_MS = 60_000;
const PROBE_MS = 20_000;
/** Concurrency while the maximum throughput is measured. */
const PROBE_AT_ONCE = 32;
const MINUTE_MS = 60_000;
const MOST_WARM_UP_MINUTES = 5;
/** The API server's etcd compaction interval (--etcd-compaction-interval). */
const COMPACTION_MINUTES = 5;

type Minute = Readonly<Record<keyof typeof COLUMNS, number>>;

/** The figures of each minute: heading, unit, and the drift tolerated as flat: see TrendOptions. */
const COLUMNS = {
  perSecond: { head: 'a second', scale: 1, tolerance: 0.05, least: 0 },
  p50Ms: { head: 'p50 ms', scale: 1, tolerance: 0.25, least: 20 },
  p99Ms: { head: 'p99 ms', scale: 1, tolerance: 0.5, least: 50 },
  open: { head: 'open', scale: 1, tolerance: 1, least: 20 },
  objects: { head: 'objects', scale: 1, tolerance: 0.1, least: 0 },
  operatorBytes: { head: 'operator MB', scale: 1e6, tolerance: 0.1, least: 0 },
  podsBytes: { head: 'pods MB', scale: 1e6, tolerance: 0.1, least: 0 },
  apiServerBytes: { head: 'API server MB', scale: 1e6, tolerance: 0.1, least: 0 },
  etcdBytes: { head: 'etcd MB', scale: 1e6, tolerance: 0.1, least: 0 },
  dbBytes: { head: 'db MB', scale: 1e6, tolerance: 0.1, least: 0 },
  dbInUseBytes: { head: 'in use MB', scale: 1e6, tolerance: 0.1, least: 0 },
} as const;

/** Half of the maximum throughput, for a long time. */
export async function measureSoak(context: PartContext): Promise<PartResult> {
  const { target, operator, progress, options, signal } = context;
  const { minutes, ttlSeconds, history } = options.soak;
  return inNamespace(target, { purpose: 'soak', keep: options.keep, signal }, async (namespace) => {
    const limits = { successfulExecutionsHistoryLimit: history, failedExecutionsHistoryLimit: history };
    const spec = { replicas: options.pods, pool: { size: options.poolSize }, ...limits };
    await startRuntime(target, namespace, spec, options.pods, signal);
    const leader = await operator.leader(signal);
    using generator = await LoadGenerator.start(userIn(target, namespace), {
      namespace,
      name: 'soak',
      spec: { ttlSecondsAfterFinished: ttlSeconds },
      observe: observeExecution,
      stallLimitMs: STALL_LIMIT_MS,
      signal,
    });

    progress.step(`soak: the most that can be done, ${PROBE_AT_ONCE} at once`);
    const mostPerSecond = await closedLoop(generator, signal);
    const perSecond = mostPerSecond / 2;
    progress.clear();
    const title = `  half of ${mostPerSecond.toFixed(0)} a second, for ${minutes} minutes, ttl ${ttlSeconds} s, at most ${history} kept`;
    console.log(title);
    console.log(['minute', ...Object.values(COLUMNS).map(({ head }) => head)].map(inColumn).join(''));

    const series: Minute[] = [];
    const probeRuns = generator.runs.splice(0).length;
    const startMs = performance.now();
    const endMs = startMs + minutes * MINUTE_MS;
    const watching = async (): Promise<void> => {
      for (let minute = 1; minute <= minutes; minute += 1) {
        await pause(startMs + minute * MINUTE_MS - performance.now(), signal);
        signal.throwIfAborted();
        const row = await minuteOf(
          context,
          namespace,
          leader.metadata.uid ?? '',
          generator.runs.splice(0),
          generator.open,
        );
        series.push(row);
        const cells = Object.entries(COLUMNS).map(([key, { scale }]) => (row[key as keyof Minute] / scale).toFixed(1));
        console.log([String(minute), ...cells].map(inColumn).join(''));
      }
    };
    const loop = { perSecond, signal, goesOn: () => performance.now() < endMs };
    await Promise.all([watching(), openLoop(loop, (dueMs) => void generator.send(dueMs))]);
    await generator.ended();
    const sameLeader = await operator.requireLeader(leader).then(
      () => ({ measured: 'yes', met: true }),
      (error: Error) => ({ measured: error.message, met: false }),
    );
    progress.step('soak: removing the executions');
    const trends = trendsOf(series, minutes);
    return {
      text: tableLines([
        ['', 'verdict', 'middle value', 'growth', 'flat within'],
        ...trends.map(({ head, tolerance, scale, verdict, growth, median }) => {
          const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
          return [head, verdict, (median / scale).toFixed(1), percent(growth), percent(tolerance)];
        }),
      ]).join('\n'),
      figures: {
        mostPerSecond,
        perSecond,
        executions: generator.sent - probeRuns,
        series,
        trends,
        failures: generator.failures,
      },
      checks: [
        ...trends.map(checkOf),
        { text: 'one leader all the time', ...sameLeader, required: true },
        nothingFailed('executions', generator.failures),
      ],
    };
  });
}

/** Executions a second at constant concurrency. */
async function closedLoop(generator: LoadGenerator, signal: AbortSignal): Promise<number> {
  const startMs = performance.now();
  const turn = async (): Promise<void> => {
    while (performance.now() - startMs < PROBE_MS) {
      signal.throwIfAborted();
      await generator.send().ended;
    }
  };
  await Promise.all(Array.from({ length: PROBE_AT_ONCE }, turn));
  return (generator.runs.length / (performance.now() - startMs)) * 1000;
}

async function minuteOf(
  { target }: PartContext,
  namespace: string,
  leaderUid: string,
  runs: readonly Run[],
  open: number,
): Promise<Minute> {
  const { p50Ms, p99Ms } = latencyOf(runs);
  const [{ items: pods }, objects, use] = await Promise.all([
    target.client.list(PODS, { namespace }),
    executionsIn(target, namespace),
    controlPlaneUse(target.stateDir),
  ]);
  const podsBytes = pods.reduce((sum, { metadata }) => sum + podResidentBytes(metadata.uid ?? ''), 0);
  const { apiServerBytes = Number.NaN, etcdBytes = Number.NaN, dbBytes = Number.NaN, dbInUseBytes = Number.NaN } = use;
  const operatorBytes = podResidentBytes(leaderUid);
  const sizes = { operatorBytes, podsBytes, apiServerBytes, etcdBytes, dbBytes, dbInUseBytes };
  return { perSecond: runs.length / (MINUTE_MS / 1000), p50Ms, p99Ms, open, objects, ...sizes };
}

/** Number of executions, from a list of one with its remaining count. */
async function executionsIn({ client }: Target, namespace: string): Promise<number> {
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptexecutions?limit=1`;
  const list = await client.getPath<{ items?: unknown[]; metadata: { remainingItemCount?: number } }>(path);
  return (list.items?.length ?? 0) + (list.metadata.remainingItemCount ?? 0);
}

type NamedTrend = Trend & (typeof COLUMNS)[keyof typeof COLUMNS];

function trendsOf(series: readonly Minute[], minutes: number): NamedTrend[] {
  const warmUpMinutes = Math.min(MOST_WARM_UP_MINUTES, minutes / 4);
  return Object.entries(COLUMNS).map(([key, column]) => {
    const points = series.map((row, index) => ({ minute: index + 1, value: row[key as keyof Minute] }));
    const periodMinutes = key.startsWith('db') ? COMPACTION_MINUTES : 1;
    const { tolerance, least } = column;
    return { ...column, ...trendOf(points, { warmUpMinutes, periodMinutes, tolerance, least }) };
  });
}

/** Throughput must not fall, and no other figure may grow. */
function checkOf({ head, verdict, growth, tolerance }: NamedTrend): Check {
  const [word, wrong] = head === COLUMNS.perSecond.head ? ['fall', 'falls'] : ['grow', 'grows'];
  const text = `${head} does not ${word} by more than ${tolerance * 100} %`;
  const measured = verdict === 'too short' ? verdict : `${(growth * 100).toFixed(1)} %`;
  return { text, measured, met: verdict !== wrong && verdict !== 'too short' };
}

const inColumn = (text: string): string => text.padStart(14);
