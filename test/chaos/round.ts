import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import { pause } from '../../src/kube/pause.ts';
import { type ChaosCluster, NODE_ADDRESS, OPERATOR } from './cluster/chaos-cluster.ts';
import { insist } from './cluster/insist.ts';
import { inNamespace, runtimeReady } from './cluster/namespace.ts';
import { operatorsReady } from './cluster/operator.ts';
import { Counter } from './counter.ts';
import { type InjectedFault, injectFaults } from './faults/injector.ts';
import { arrive } from './load/arrivals.ts';
import { Follower } from './load/follower.ts';
import { chaosExecution } from './load/scripts.ts';
import type { Options } from './options.ts';
import { Random } from './random.ts';
import { evidence } from './verdict/evidence.ts';
import { LogKeeper } from './verdict/log-keeper.ts';
import { type Violation, violationsOf } from './verdict/oracle.ts';
import { summary } from './verdict/summary.ts';

/** Faults end when all executions have finished, or when none has for this long. */
const STILL_MS = 120_000;
/**
 * After the last fault: an execution that has not finished by then never will. A claim is kept for the script's 30 s
 * and 30 s more.
 */
const QUIET_MS = 120_000;
/** Time for scripts that still run after their outcome was recorded to be counted. */
const AFTERWARDS_MS = 5000;
const LOOK_EVERY_MS = 1000;
const TELL_EVERY_MS = 15_000;
/** Number of executions whose evidence is printed. */
const EVIDENCE_OF = 5;

export interface Round {
  readonly backoffLimit: number;
  readonly seed: number;
}

/** Runs one round, prints its result, and returns the number of violations. */
export function runRound(cluster: ChaosCluster, round: Round, options: Options, signal: AbortSignal): Promise<number> {
  const { image, pods, poolSize, keep } = options;
  const shape = { image, pods, poolSize, keep, purpose: `${round.backoffLimit}-${round.seed}` };
  return inNamespace(cluster, shape, signal, (namespace) => runIn(namespace, cluster, round, options, signal));
}

async function runIn(
  namespace: string,
  cluster: ChaosCluster,
  { backoffLimit, seed }: Round,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const { client } = cluster;
  const random = new Random(seed);
  const folder = join(tmpdir(), namespace);
  using logs = new LogKeeper(cluster.podLogs, folder, [OPERATOR.namespace, namespace]);
  using counter = await Counter.start(NODE_ADDRESS);
  using follower = new Follower(client, namespace);
  const naming = random.fork('scripts');
  const executions = Array.from({ length: options.count }, (_, index) => {
    const name = `x-${String(index).padStart(4, '0')}`;
    return chaosExecution({ namespace, name, url: counter.url, backoffLimit }, naming);
  });
  const injected: InjectedFault[] = [];
  const enough = new AbortController();
  const startedAt = performance.now();
  const tell = (what: string): void => {
    const at = `${Math.round((performance.now() - startedAt) / 1000)} s`;
    process.stderr.write(
      `${at}: ${what}; ${counter.size} counted, ${follower.ended} ended, ${injected.length} faults\n`,
    );
  };

  const arriving = arrive(client, { executions, rate: options.rate, random: random.fork('arrivals'), signal });
  const scene = {
    cluster,
    namespace,
    random: random.fork('faults'),
    counted: () => counter.size,
    signal: AbortSignal.any([enough.signal, signal]),
  };
  const injecting = injectFaults(scene, (each) => injected.push(each));
  const telling = setInterval(() => tell('under faults'), TELL_EVERY_MS);
  try {
    while (follower.ended < options.count && follower.stillForMs < STILL_MS) await pause(LOOK_EVERY_MS, signal);
  } finally {
    clearInterval(telling);
    enough.abort();
    await injecting;
  }
  signal.throwIfAborted();
  await arriving;
  const under = Math.round((performance.now() - startedAt) / 1000);
  const endedUnder = follower.ended;
  for (const end = performance.now() + QUIET_MS; follower.ended < options.count && performance.now() < end; ) {
    await pause(LOOK_EVERY_MS, signal);
  }
  await operatorsReady(cluster, 2, signal);
  await runtimeReady(cluster, namespace, signal);
  await pause(AFTERWARDS_MS, signal);

  const { items } = await insist(signal, (call) =>
    client.list(SCRIPT_EXECUTIONS, { namespace, ...call, timeoutMs: 60_000 }),
  );
  const countsOf = (uid: string) => counter.of(uid);
  const violations = [
    ...violationsOf(items, { backoffLimit, countsOf }),
    ...missingAndUnknown(items, executions, counter),
    ...follower.changes.map((what) => ({ name: what.split(' ')[0] ?? '', what })),
  ];
  console.log(
    `\nbackoffLimit ${backoffLimit}, seed ${seed}: ${items.length} executions in ${under} s, ${endedUnder} of them during fault injection`,
  );
  console.log(summary(items, countsOf, injected));
  console.log(`violations: ${violations.length}`);
  for (const { name, what } of violations) console.log(`  ${name}: ${what}`);
  const suspects = new Set(violations.map(({ name }) => name));
  for (const execution of items.filter(({ metadata: { name } }) => suspects.has(name)).slice(0, EVIDENCE_OF)) {
    const sources = { logs, clusterLogs: cluster.logs, injected };
    console.log(evidence(execution, countsOf(execution.metadata.uid ?? ''), sources));
  }
  if (violations.length > 0 || options.keep) console.log(`kept: logs in ${folder}`);
  else logs.remove();
  return violations.length;
}

/** Executions that are missing, and counted calls of unknown executions. */
function missingAndUnknown(
  found: readonly ScriptExecution[],
  wanted: readonly ScriptExecution[],
  counter: Counter,
): Violation[] {
  const names = new Set(found.map(({ metadata }) => metadata.name));
  const uids = new Set(found.map(({ metadata }) => metadata.uid));
  return [
    ...wanted
      .filter(({ metadata }) => !names.has(metadata.name))
      .map(({ metadata }) => ({ name: metadata.name, what: 'it does not exist' })),
    ...[...counter.uids()]
      .filter((uid) => !uids.has(uid))
      .map((uid) => ({ name: uid, what: 'counted, but does not exist' })),
  ];
}
