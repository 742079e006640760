import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../src/cluster/resources.ts';
import { pause } from '../../src/kube/pause.ts';
import { PODS } from '../../src/kube/resources.ts';
import { type ControlPlaneUse, controlPlaneUse } from '../cluster/control-plane.ts';
import { observeExecution } from '../cluster/executions.ts';
import { inNamespace, userIn } from '../cluster/namespace.ts';
import { type MemoryPeak, OperatorMemory } from '../cluster/operator-memory.ts';
import { auditedRequests, countRequests } from '../cluster/request-probe.ts';
import { RUNTIME, readyPods, startRuntime } from '../cluster/runtime.ts';
import { tableLines } from '../cluster/table.ts';
import { SOURCE } from '../scenarios/small.ts';
import { longestGap } from './gaps.ts';
import { LargestOf } from './largest-of.ts';
import { LoadGenerator } from './load-generator.ts';
import { type Check, nothingFailed, type PartContext, type PartResult } from './part.ts';

const STALL_LIMIT_MS = 180_000;
const LOOK_EVERY_MS = 2000;
const LIMIT_BYTES = 512 * 2 ** 20;
/** Requests below this rate per execution are not shown. */
const SHOWN_FROM = 0.001;

/** Many executions wait at once, are released, and change leaders half-way. */
export async function measureBacklog(context: PartContext): Promise<PartResult> {
  const { target, operator, progress, options, signal } = context;
  const { count, sourceBytes } = options.backlog;
  return inNamespace(target, { purpose: 'backlog', keep: options.keep, signal }, async (namespace) => {
    const pool = { size: options.poolSize };
    await startRuntime(target, namespace, { replicas: 0, pool }, 0, signal);
    using generator = await LoadGenerator.start(userIn(target, namespace), {
      namespace,
      name: 'backlog',
      spec: { source: padded(SOURCE, sourceBytes) },
      observe: observeExecution,
      stallLimitMs: STALL_LIMIT_MS,
      signal,
    });
    using controlPlane = new LargestOf<Required<ControlPlaneUse>>(
      () => controlPlaneUse(target.stateDir),
      LOOK_EVERY_MS,
    );
    const told = setInterval(() => progress.at(generator.runs.length || generator.sent, count), 1000);
    try {
      const first = await operator.leader(signal);
      using memory = new OperatorMemory(target, first);

      progress.step(`backlog: creating ${count} executions of ${sourceBytes} bytes`);
      const measure = async () => {
        const createMs = performance.now();
        await generator.flood(count, options.workers);
        const createdMs = performance.now();
        const waiting = await memory.takePeak();

        progress.step(`backlog: running ${count} executions`);
        await target.client.jsonPatch(SCRIPT_RUNTIMES, { namespace, name: RUNTIME }, [
          { op: 'replace', path: '/spec/replicas', value: options.pods },
        ]);
        await readyPods(target, namespace, options.pods, signal);
        const releasedMs = performance.now();
        await untilEnded(generator, count / 2, signal);
        const firstHalf = await memory.takePeak();
        await operator.requireLeader(first);

        progress.step('backlog: the operator’s pod is deleted');
        const { name, namespace: home } = first.metadata;
        const deletedMs = performance.now();
        await target.client.delete(PODS, { namespace: home ?? '', name });
        const second = await operator.nextLeader(first, signal);
        const leadsMs = performance.now();
        using memoryOfSecond = new OperatorMemory(target, second);
        progress.step('backlog: running the second half');
        await generator.ended();
        const endedMs = performance.now();
        const secondHalf = await memoryOfSecond.takePeak();
        await operator.requireLeader(second);
        return { createMs, createdMs, releasedMs, deletedMs, leadsMs, endedMs, waiting, firstHalf, secondHalf };
      };
      const [at, requests] = await countRequests(target, count, measure);
      clearInterval(told);

      progress.step('backlog: looking at all of them');
      const reasons = await reasonsIn(context, namespace);
      const log = target.auditLog;
      const [audited] = log ? auditedRequests(log, operator.user, namespace, [requests]) : [];
      const ends = generator.runs.map(({ endMs }) => endMs).sort((one, other) => one - other);
      const seconds = (from: number, to: number): number => (to - from) / 1000;
      const startedAgain = generator.runs.filter(({ attempts }) => attempts !== 1).length;
      const figures = {
        count,
        sourceBytes,
        createsPerSecond: count / seconds(at.createMs, at.createdMs),
        perSecond: count / seconds(at.releasedMs, at.endedMs),
        /** Measured from the deletion of the operator's pod. */
        newLeaderAfterSeconds: seconds(at.deletedMs, at.leadsMs),
        longestGapSeconds: longestGap(ends.filter((ms) => ms >= at.deletedMs - 1000)) / 1000,
        operator: { waiting: at.waiting, firstHalf: at.firstHalf, secondHalf: at.secondHalf },
        controlPlane: controlPlane.largest,
        requests: { everybody: plain(requests.everybody), operator: plain(audited) },
        reasons: Object.fromEntries(reasons),
        startedAgain,
        failures: generator.failures,
      };
      progress.step('backlog: removing the executions');
      return { text: textOf(figures), figures, checks: checksOf(figures) };
    } finally {
      clearInterval(told);
    }
  });
}

interface Figures {
  readonly count: number;
  readonly createsPerSecond: number;
  readonly perSecond: number;
  readonly newLeaderAfterSeconds: number;
  readonly longestGapSeconds: number;
  readonly operator: Readonly<Record<'waiting' | 'firstHalf' | 'secondHalf', MemoryPeak>>;
  readonly controlPlane: ControlPlaneUse;
  readonly requests: Readonly<Record<'everybody' | 'operator', Readonly<Record<string, number>> | undefined>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly startedAgain: number;
  readonly failures: readonly string[];
}

function textOf({ count, controlPlane, requests, ...figures }: Figures): string {
  const mb = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 1e6).toFixed(0));
  const memory = Object.entries({
    'all waiting': figures.operator.waiting,
    'first half': figures.operator.firstHalf,
    'second half, new leader': figures.operator.secondHalf,
  }).map(([name, { procBytes, metricsBytes, heapBytes, lagSeconds = 0 }]) => {
    return [name, mb(procBytes ?? metricsBytes), mb(heapBytes), (lagSeconds * 1000).toFixed(0)];
  });
  const counts = requests.operator ?? requests.everybody ?? {};
  const asked = Object.entries(counts)
    .filter(([, asks]) => asks / count >= SHOWN_FROM)
    .sort(([, one], [, other]) => other - one)
    .map(([key, asks]) => [key, (asks / count).toFixed(3)]);
  const { apiServerBytes, etcdBytes, dbBytes, dbInUseBytes } = controlPlane;
  return [
    ...tableLines([
      ['created a second, done a second', `${figures.createsPerSecond.toFixed(0)}, ${figures.perSecond.toFixed(0)}`],
      ['new leader after the pod’s deletion', `${figures.newLeaderAfterSeconds.toFixed(1)} s`],
      ['longest time without an end, from then on', `${figures.longestGapSeconds.toFixed(1)} s`],
      ['API server, etcd at most', `${mb(apiServerBytes)} MB, ${mb(etcdBytes)} MB`],
      ['etcd’s file, of it in use at most', `${mb(dbBytes)} MB, ${mb(dbInUseBytes)} MB`],
    ]),
    '',
    ...tableLines([['operator at most', 'resident MB', 'heap MB', 'event loop busy ms'], ...memory]),
    '',
    ...tableLines([
      [`requests of ${requests.operator ? 'the operator' : 'everybody but this program'}`, 'an execution'],
      ...asked,
    ]),
  ].join('\n');
}

function checksOf({ count, reasons, startedAgain, failures, operator }: Figures): Check[] {
  const completed = reasons.Completed ?? 0;
  const most = Math.max(
    ...Object.values(operator).map(({ procBytes = 0, metricsBytes = 0 }) => Math.max(procBytes, metricsBytes)),
  );
  return [
    { text: 'all Completed', measured: `${completed} of ${count}`, met: completed === count, required: true },
    { text: 'started more than once', measured: String(startedAgain), met: startedAgain === 0, required: true },
    nothingFailed('executions', failures),
    {
      text: `the operator in its limit of ${LIMIT_BYTES / 2 ** 20} MiB`,
      measured: `${(most / 2 ** 20).toFixed(0)} MiB`,
      met: most < LIMIT_BYTES,
    },
  ];
}

/** The source with a trailing comment, padded to this many bytes. */
function padded(source: string, bytes: number): string {
  return `${source}\n// `.padEnd(bytes, 'x');
}

async function untilEnded(generator: LoadGenerator, count: number, signal: AbortSignal): Promise<void> {
  while (generator.runs.length < count) {
    if (generator.open === 0) throw new Error(`all finished, but only ${generator.runs.length} successfully`);
    await pause(100, signal);
    signal.throwIfAborted();
  }
}

/** Number of executions by reason, as stored in the API server. */
async function reasonsIn({ target, signal }: PartContext, namespace: string): Promise<Map<string, number>> {
  const { items } = await target.client.list(SCRIPT_EXECUTIONS, {
    namespace,
    signal,
    map: ({ status }) => status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason ?? 'none',
  });
  return items.reduce((counts, reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1), new Map<string, number>());
}

const plain = (counts: ReadonlyMap<string, number> | undefined) => counts && Object.fromEntries(counts);
