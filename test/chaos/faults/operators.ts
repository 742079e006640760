import { pause } from '../../../src/kube/pause.ts';
import { OPERATOR } from '../cluster/chaos-cluster.ts';
import { shell } from '../cluster/shell.ts';
import { type Fault, type Scene, seconds } from './fault.ts';
import { killProcess } from './kill.ts';

/** Longer than a lease: 15 s. */
const PAUSE_S: readonly [number, number] = [16, 22];
const LEADER_SHARE = 0.4;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Kills an operator's process: the leader or the standby. Waits for progress since the last kill, up to a limit: on a
 * busy machine the operators would never finish starting.
 */
export const operatorKilled: Fault = {
  every: [seconds(3), seconds(8)],
  inject: async (scene) => {
    await somethingRuns(scene);
    const isLeader = scene.random.chance(LEADER_SHARE);
    const chosen = operators(scene).find(({ pod }) => (pod === scene.cluster.leader) === isLeader);
    if (chosen === undefined) return undefined;
    await killProcess(scene, chosen);
    return isLeader ? 'leading operator killed' : 'waiting operator killed';
  },
};

/** Pauses the leader for longer than its lease, then resumes it. */
export const leaderPaused: Fault = {
  every: [seconds(60), seconds(90)],
  inject: async (scene) => {
    const leader = operators(scene).find(({ pod }) => pod === scene.cluster.leader);
    if (leader === undefined) return undefined;
    const forSeconds = scene.random.between(...PAUSE_S);
    await shell(`kill -STOP ${leader.pid}; sleep ${forSeconds}; kill -CONT ${leader.pid} || true`);
    return 'leading operator paused past its lease';
  },
};

async function somethingRuns({ counted, signal }: Scene): Promise<void> {
  const before = counted();
  for (const end = performance.now() + PATIENCE_MS; counted() === before && performance.now() < end; ) {
    await pause(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}

const operators = ({ cluster }: Scene) => cluster.processes(OPERATOR.namespace, 'operator');
